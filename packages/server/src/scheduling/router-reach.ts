// What of a router a host could wire: each network that the router is on, by a segment that one of the host's bridges or
// tunnels leads to. On a routed network a port must be on the segment of its subnets. It does not matter whether the host
// is heard of just now: its wires are where they are, and routers do not follow what comes and goes.

import { agent } from '@neutronium/model/resources/agent';
import type { SegmentView } from '@neutronium/model/host-view';
import type { RequestedIp } from '@neutronium/model/kinds/fixed-ips';
import { bindingFailed } from '#binding/bind-port';
import { carries } from '#binding/open-vswitch';
import { segmentFacts, subnetFacts } from '#ipam/network-facts';
import { isRouted, subnetsOfRequest } from '#ipam/routed-subnets';
import type { AddressSubnet } from '#ipam/fixed-ips';
import { portsOfRouters } from '../resources/router/router-ports.ts';
import type { Reader } from '../store/store.ts';

/** A port that a router has or is about to have. */
export interface RouterPlace {
  readonly network_id: string;
  /** Its addresses, as far as they are known or asked for. */
  readonly fixed_ips: readonly RequestedIp[];
}

/**
 * On how many of the places of a router a host could not wire a port; Infinity where one of them is on a routed network,
 * on whose other segments a port with its addresses cannot be at all. Of no consequence for routers not asked about.
 */
export type UnreachedPlaces = (routerId: string, host: string) => number;

/** With the places that `coming` names besides those that the routers have. Four statements, however many of each. */
export async function unreachedPlaces(
  store: Reader,
  {
    routerIds,
    coming = [],
    hosts,
  }: {
    readonly routerIds: readonly string[];
    readonly coming?: readonly RouterPlace[];
    readonly hosts: readonly string[];
  },
): Promise<UnreachedPlaces> {
  const ports = await portsOfRouters(store, routerIds);
  const places = new Map(routerIds.map((id) => [id, [...placesOf(ports.get(id) ?? []), ...coming]]));
  const networkIds = [...new Set([...places.values()].flat().map(({ network_id }) => network_id))];
  if (networkIds.length === 0 || hosts.length === 0) return () => 0;
  const segments = await segmentFacts(store, networkIds);
  const subnets = await subnetFacts(store, networkIds);
  const agents = await store.list(agent, { where: [{ op: 'equals', attribute: 'host', values: hosts }] });
  const byHost = Map.groupBy(agents, ({ host }) => host);
  return (routerId, host) => {
    const ofHost = (byHost.get(host) ?? []).filter(({ admin_state_up }) => admin_state_up);
    let unreached = 0;
    for (const place of places.get(routerId) ?? []) {
      const of = subnets.get(place.network_id) ?? [];
      const within = suitable(place, segments.get(place.network_id) ?? [], of);
      if (within.some((segment) => ofHost.some((each) => carries(each, segment)))) continue;
      unreached += isRouted(of) ? Infinity : 1;
    }
    return unreached;
  };
}

/** Routers that have a port which could not be bound where it is. */
export async function routersOutOfReach({ db }: Reader): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('router_ports')
    .innerJoin('ports', 'ports.id', 'router_ports.port_id')
    .select('router_id')
    .distinct()
    .where('ports.binding:vif_type', '=', bindingFailed.vif_type)
    .where('router_ports.role', '!=', 'ha')
    .orderBy('router_id')
    .execute();
  return rows.map(({ router_id }) => router_id);
}

/** But for the ports of agents of their own, which tell them apart and are bound where they are. */
function placesOf(
  ports: readonly { readonly role: string; readonly network_id: string; readonly addresses: readonly RequestedIp[] }[],
): readonly RouterPlace[] {
  return ports
    .filter(({ role }) => role !== 'ha')
    .map(({ network_id, addresses }) => ({ network_id, fixed_ips: addresses }));
}

/** The segments on which a port may be. */
function suitable(
  { fixed_ips }: RouterPlace,
  segments: readonly (SegmentView & { readonly id: string })[],
  subnets: readonly AddressSubnet[],
): readonly SegmentView[] {
  if (!isRouted(subnets)) return segments;
  const named = fixed_ips.length === 0 ? subnets : subnetsOfRequest(subnets, fixed_ips);
  // A subnet that is on no segment in particular is reached on all.
  if (named.some(({ segment_id }) => segment_id === null)) return segments;
  return segments.filter(({ id }) => named.some(({ segment_id }) => segment_id === id));
}
