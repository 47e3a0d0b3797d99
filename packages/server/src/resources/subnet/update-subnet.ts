import { blockersOf } from '@neutronium/model/api-error';
import { GatewayIpInUse } from '@neutronium/model/errors';
import { network } from '@neutronium/model/resources/network';
import { subnet, type SubnetRecord, type SubnetUpdate } from '@neutronium/model/resources/subnet';
import { compareIp } from '@neutronium/net/ip';
import { checkGatewayOutsidePools, checkPools } from '#ipam/allocation-pools';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { checkChangedSubnet } from './check-subnet.ts';
import type { SubnetParts } from './create-subnets.ts';
import { routesToPeers } from './peer-routes.ts';
import { checkChangedSegment } from './subnet-segment.ts';
import { subnetsOfNetwork } from './subnets-of-network.ts';
import { routerPortsOn } from './subnet-usage.ts';

/** The subnet as it is after `changes`. */
export async function updateSubnet(
  { limits, dhcp }: SubnetParts,
  call: Call<Writer>,
  current: SubnetRecord,
  changes: SubnetUpdate,
): Promise<SubnetRecord> {
  const { store } = call;
  checkChangedSubnet(current, changes, limits);
  const gateway_ip = changes.gateway_ip === undefined ? current.gateway_ip : changes.gateway_ip;
  const gatewayChanges = gateway_ip !== current.gateway_ip;
  const pools = changes.allocation_pools?.toSorted((a, b) => compareIp(a.start, b.start));
  if (pools !== undefined) checkPools(pools, current.cidr, gateway_ip);
  if (pools === undefined && gatewayChanges && gateway_ip !== null) {
    checkGatewayOutsidePools(gateway_ip, current.allocation_pools);
  }
  if (gatewayChanges && gateway_ip !== null && current.gateway_ip !== null) {
    const [port_id] = await routerPortsOn(store.db, current.id, current.gateway_ip);
    if (port_id !== undefined) {
      const blockers = blockersOf('port', [port_id]);
      throw new GatewayIpInUse({ ip_address: current.gateway_ip, port_id, blockers });
    }
  }
  const routes = await changedRoutes(store, current, changes);
  const updated = await store.update(subnet, current.id, {
    ...changes,
    ...routes,
    ...(pools === undefined ? {} : { allocation_pools: pools }),
  });
  if (updated.enable_dhcp !== current.enable_dhcp) await dhcp.syncNetwork(call, current.network_id);
  return updated;
}

/** The routes of a subnet on a segment after the change of its segment, its gateway or themselves. */
async function changedRoutes(
  store: Writer,
  current: SubnetRecord,
  changes: SubnetUpdate,
): Promise<Pick<SubnetUpdate, 'host_routes'>> {
  const { segment_id = current.segment_id, gateway_ip = current.gateway_ip } = changes;
  const { host_routes = current.host_routes } = changes;
  const moves = segment_id !== current.segment_id;
  const changed = moves || gateway_ip !== current.gateway_ip || changes.host_routes !== undefined;
  if (!changed || (segment_id === null && !moves)) return {};
  // First what creation takes first, so that neither waits for the other.
  await store.get(network, current.network_id);
  await store.lock(`subnets of ${current.network_id}`);
  const subnets = await subnetsOfNetwork(store, current.network_id);
  if (moves) await checkChangedSegment(store, current, segment_id, subnets);
  const after = { ...current, segment_id, gateway_ip, host_routes };
  const outdated = gateway_ip === current.gateway_ip ? {} : { gateway_ip: current.gateway_ip };
  return { host_routes: routesToPeers(after, subnets, outdated) };
}
