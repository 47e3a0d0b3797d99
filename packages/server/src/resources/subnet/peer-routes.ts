// In a routed network, who has an address on one segment reaches the other segments by his gateway: each subnet has a
// route to every subnet of the same family on another segment, unless somebody has given it one that covers it.

import type { HostRoute } from '@neutronium/model/host-view';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { cidrRange, cidrFamily, type Cidr } from '@neutronium/net/cidr';
import { rangeContains } from '@neutronium/net/range';
import type { Writer } from '../../store/store.ts';

/** What routes between segments follow from. */
export type PeerSubnet = Pick<SubnetRecord, 'id' | 'cidr' | 'ip_version' | 'segment_id' | 'gateway_ip' | 'host_routes'>;

export interface Outdated {
  /** The gateway before it was changed; null for none. */
  readonly gateway_ip?: SubnetRecord['gateway_ip'];
  /** The prefix of a subnet that is gone. */
  readonly cidr?: Cidr;
}

/** The routes of `subnet` with those to its `peers`, all subnets of its network, and without what is `outdated`. */
export function routesToPeers(
  subnet: PeerSubnet,
  peers: readonly PeerSubnet[],
  outdated: Outdated = {},
): readonly HostRoute[] {
  const { gateway_ip, host_routes, segment_id, ip_version } = subnet;
  if (segment_id === null) return host_routes;
  const destinations = peers
    .filter((peer) => peer.id !== subnet.id && peer.segment_id !== segment_id && peer.ip_version === ip_version)
    .map(({ cidr }) => cidr);
  const gone = ({ destination, nexthop }: HostRoute): boolean =>
    (destination === outdated.cidr && nexthop === gateway_ip) ||
    (destinations.includes(destination) && nexthop === outdated.gateway_ip);
  const routes = host_routes.filter((route) => !gone(route));
  if (gateway_ip === null) return routes;
  const missing = destinations.filter((cidr) => !routes.some(({ destination }) => covers(destination, cidr)));
  return [...routes, ...missing.map((destination) => ({ destination, nexthop: gateway_ip }))];
}

/** Gives the routes of a network's subnets what `changed` brings to them. Those of networks of one segment stay. */
export async function updatePeerRoutes(
  store: Writer,
  subnets: readonly SubnetRecord[],
  outdated: Outdated = {},
): Promise<void> {
  for (const each of subnets) {
    const host_routes = routesToPeers(each, subnets, outdated);
    if (!sameRoutes(host_routes, each.host_routes)) await store.update(subnet, each.id, { host_routes });
  }
}

function sameRoutes(one: readonly HostRoute[], other: readonly HostRoute[]): boolean {
  const names = (routes: readonly HostRoute[]): ReadonlySet<string> =>
    new Set(routes.map(({ destination, nexthop }) => `${destination} ${nexthop}`));
  const [a, b] = [names(one), names(other)];
  return a.size === b.size && a.isSubsetOf(b);
}

function covers(outer: Cidr, inner: Cidr): boolean {
  return cidrFamily(outer) === cidrFamily(inner) && rangeContains(cidrRange(outer), cidrRange(inner));
}
