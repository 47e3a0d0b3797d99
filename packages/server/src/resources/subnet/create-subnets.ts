// Creates subnets one after the other, since each must fit beside those before it.

import { randomUUID } from 'node:crypto';
import { NetworkMTUSubnetConflict, NetworkNotFound } from '@neutronium/model/errors';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { subnet, type SubnetCreate, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { compareIp } from '@neutronium/net/ip';
import { checkPools, defaultPools } from '#ipam/allocation-pools';
import { isAutoAddressSubnet } from '#ipam/auto-address';
import type { DhcpScheduler } from '../../scheduling/dhcp.ts';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { subnetsOfNetwork } from './subnets-of-network.ts';
import { addAutoAddresses } from './auto-addresses-of-ports.ts';
import { checkNewSubnet, type SubnetLimits } from './check-subnet.ts';
import { routesToPeers, updatePeerRoutes } from './peer-routes.ts';
import { checkBesideOthers, checkPoolOfOthers, placeSubnet } from './subnet-prefix.ts';
import { checkSegmentOfNew } from './subnet-segment.ts';

/** Bytes of the largest packet that a network with IPv6 must carry (RFC 8200 section 5). */
const ipv6MinimumMtu = 1280;

export interface SubnetParts {
  readonly limits: SubnetLimits;
  readonly dhcp: DhcpScheduler;
}

export async function createSubnets(
  parts: SubnetParts,
  call: Call<Writer>,
  requests: readonly SubnetCreate[],
): Promise<readonly SubnetRecord[]> {
  const created: SubnetRecord[] = [];
  for (const request of requests) created.push(await createSubnet(parts, call, request));
  return created;
}

async function createSubnet(
  { limits, dhcp }: SubnetParts,
  call: Call<Writer>,
  request: SubnetCreate,
): Promise<SubnetRecord> {
  const { store } = call;
  const onNetwork = await store.get(network, request.network_id);
  if (onNetwork === undefined) throw new NetworkNotFound({ net_id: request.network_id });
  // Nothing but this lock keeps two servers from making overlapping subnets at once.
  await store.lock(`subnets of ${onNetwork.id}`);
  const place = await placeSubnet(call, request);
  const { prefixlen: _prefixlen, use_default_subnetpool: _default, ...attributes } = request;
  const { ipv6_ra_mode = null, ipv6_address_mode = null } = request;
  const placed = { ...attributes, ...place, ipv6_ra_mode, ipv6_address_mode };
  checkNewSubnet(placed, limits);
  checkMtu(onNetwork, request);
  const allocation_pools = poolsOf(placed);
  const others = await subnetsOfNetwork(store, onNetwork.id);
  checkBesideOthers(place, request, others);
  await checkPoolOfOthers(store, place, request, others);
  await checkSegmentOfNew(store, placed, others);
  const id = randomUUID();
  const host_routes = routesToPeers({ ...placed, id }, others);
  const [record] = await store.insert(subnet, [{ ...placed, id, host_routes, allocation_pools, tags: [] }]);
  if (record === undefined) throw new Error(`inserting subnet ${place.cidr} gave no record back`);
  if (record.segment_id !== null) await updatePeerRoutes(store, [...others, record]);
  await store.touch(network, onNetwork.id);
  if (isAutoAddressSubnet(record)) await addAutoAddresses(store, record);
  await dhcp.syncNetwork(call, onNetwork.id);
  return record;
}

/** The pools of the request in ascending order; all hosts but the gateway when it names none. */
function poolsOf(
  placed: Pick<SubnetRecord, 'cidr' | 'gateway_ip'> & Pick<SubnetCreate, 'allocation_pools'>,
): SubnetRecord['allocation_pools'] {
  const { cidr, gateway_ip, allocation_pools = [] } = placed;
  if (allocation_pools.length === 0) return defaultPools(cidr, gateway_ip);
  checkPools(allocation_pools, cidr, gateway_ip);
  return allocation_pools.toSorted((a, b) => compareIp(a.start, b.start));
}

function checkMtu({ id, mtu }: NetworkRecord, { ip_version }: SubnetCreate): void {
  if (ip_version === 6 && mtu < ipv6MinimumMtu) throw new NetworkMTUSubnetConflict({ net_id: id, mtu: ipv6MinimumMtu });
}
