import { GatewayIpInUse } from '@neutronium/model/errors';
import { subnet, type SubnetRecord, type SubnetUpdate } from '@neutronium/model/resources/subnet';
import { compareIp } from '@neutronium/net/ip';
import { checkGatewayOutsidePools, checkPools } from '#ipam/allocation-pools';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { checkChangedSubnet } from './check-subnet.ts';
import type { SubnetParts } from './create-subnets.ts';
import { routerPortOn } from './subnet-usage.ts';

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
    const port_id = await routerPortOn(store.db, current.id, current.gateway_ip);
    if (port_id !== undefined) throw new GatewayIpInUse({ ip_address: current.gateway_ip, port_id });
  }
  const updated = await store.update(subnet, current.id, {
    ...changes,
    ...(pools === undefined ? {} : { allocation_pools: pools }),
  });
  if (updated.enable_dhcp !== current.enable_dhcp) await dhcp.syncNetwork(call, current.network_id);
  return updated;
}
