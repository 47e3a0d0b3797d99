// What may differ for a host that was away, between the state that it knows and the present one. What there was between is
// not known any more: the names come from the entries of the log that it has missed, and from the state that has them
// folded in.

import type { PortView } from '@neutronium/model/host-view';
import { network } from '@neutronium/model/resources/network';
import type { AffectedKeys } from './affected-keys.ts';
import { changedDistribution, type ChangedDistribution } from './changed-distribution.ts';
import { changedSecurity } from './changed-security.ts';
import type { Distribution } from './distribution.ts';
import type { IndexOfSets } from './index-of-sets.ts';
import { entriesConcerning } from './missed-entries.ts';
import type { MeteringLabels } from './metering-labels.ts';
import { MissedPlaces } from './missed-places.ts';
import type { NetworkHosts } from './network-hosts.ts';
import type { QosPolicies } from './qos-policies.ts';
import type { Routers } from './routers.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Subnets } from './subnets.ts';
import type { LoggedObject } from './topology.ts';
import type { LocalIps } from './local-ips.ts';
import type { TrafficLogs } from './traffic-logs.ts';
import type { Trunks } from './trunks.ts';
import type { Tunnels } from './tunnels.ts';

/** The present state. */
export interface TopologyParts {
  /** As they are bound, by id. */
  readonly ports: ReadonlyMap<string, PortView>;
  readonly portsOfNetwork: IndexOfSets<string, string>;
  readonly hosts: NetworkHosts;
  readonly subnets: Subnets;
  readonly security: SecurityGroups;
  readonly routers: Routers;
  readonly distribution: Distribution;
  readonly trunks: Trunks;
  readonly localIps: LocalIps;
  readonly tunnels: Tunnels;
  readonly qos: QosPolicies;
  readonly metering: MeteringLabels;
  readonly logs: TrafficLogs;
}

/**
 * Adds names of objects among which are all that differ for the host between a state before `missed` and the one of
 * `parts`, which has them folded in. Some may not differ.
 */
export function addChangedSince(
  affected: AffectedKeys,
  { host, missed }: { readonly host: string; readonly missed: readonly LoggedObject[] },
  parts: TopologyParts,
): void {
  const { routers, ports, hosts, security, distribution, trunks, localIps, tunnels, qos, subnets } = parts;
  const places = new MissedPlaces(missed, { routers, ports });
  const had = (portId: string): boolean => places.hostsOf(portId).has(host);
  const changed = changedDistribution({ host, entries: missed, distribution, ports, routers });
  const networks = new Set(hosts.networksOf(host)).union(changed.networks);
  for (const id of places.ports) if (had(id)) for (const networkId of places.networksOf(id)) networks.add(networkId);
  const entries = entriesConcerning(host, missed, { networks, ...security.sightOf(host) });
  routers.addChangedSince(affected, host, { entries, had });
  addDistribution(affected, host, { changed, parts });
  trunks.addChangedSince(affected, host, entries);
  localIps.addChangedSince(affected, host, entries);
  for (const { kind, id } of entries) if (kind === network.name) affected.add(host, 'networks', id);
  subnets.addChangedSince(affected, host, entries);
  for (const id of places.ports) {
    const around = places.networksOf(id);
    const routerId = routers.routerOf(id);
    if (routerId !== undefined && distribution.carries(host, routerId)) {
      // Whoever has the centre of a router that the host carries may share nothing else with it.
      for (const other of places.hostsOf(id)) affected.add(host, 'tunnel_endpoints', other);
    }
    if (around.isDisjointFrom(networks)) continue;
    affected.add(host, 'ports', id);
    tunnels.addMissedPort(affected, host, { id, hosts: places.hostsOf(id), networks: around });
    // The network behind it, and all its ports, where the port is or was the host's.
    if (had(id)) for (const networkId of around) addNetwork(affected, host, { networkId, parts });
    const policy = ports.get(id)?.qos_policy_id;
    if (policy !== undefined) affected.add(host, 'qos_policies', policy);
  }
  tunnels.addChangedSince(affected, host, entries);
  security.addChangedSince(affected, host, changedSecurity(host, entries));
  qos.addChangedSince(affected, host, { entries, routerOf: (portId) => routers.routerOf(portId) });
  const routersOfPorts = new Set([...places.ports].flatMap((id) => places.routersOf(id)));
  parts.metering.addChangedSince(affected, host, { entries, routers: changed.routers.union(routersOfPorts) });
  parts.logs.addChangedSince(affected, host, missed);
}

/** What may differ because hosts have begun to carry distributed routers, or ceased. */
function addDistribution(
  affected: AffectedKeys,
  host: string,
  { changed, parts }: { readonly changed: ChangedDistribution; readonly parts: TopologyParts },
): void {
  for (const routerId of changed.routers) {
    parts.routers.addAll(affected, host, routerId);
    parts.qos.addAllOf(affected, host, routerId);
  }
  for (const networkId of changed.networks) {
    addNetwork(affected, host, { networkId, parts });
    parts.tunnels.addAllOfNetwork(affected, host, networkId);
    parts.qos.addAllOf(affected, host, networkId);
  }
  for (const other of changed.hosts) affected.add(host, 'tunnel_endpoints', other);
  if (changed.ofAgents) affected.add(host, 'distributed_routing', host);
}

function addNetwork(
  affected: AffectedKeys,
  host: string,
  { networkId, parts }: { readonly networkId: string; readonly parts: TopologyParts },
): void {
  affected.add(host, 'networks', networkId);
  affected.add(host, 'dhcp', networkId);
  for (const id of parts.subnets.ofNetwork(networkId)) affected.add(host, 'subnets', id);
  for (const id of parts.portsOfNetwork.get(networkId)) affected.add(host, 'ports', id);
}
