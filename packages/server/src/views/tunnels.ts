// Which hosts need tunnels to which, and what they must know of each other's ports: the part of the topology that is
// about networks between hosts. A host that shares no tunnelled network with another hears nothing of it. One port that
// comes or goes costs as much as there are hosts with ports of its network.

import { isDeepStrictEqual } from 'node:util';
import type {
  NetworkType,
  NetworkView,
  ObjectKey,
  RemotePortView,
  TunnelEndpointView,
} from '@neutronium/model/host-view';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import type { TunnelType } from '@neutronium/net/vni';
import { tunnellingOf } from '../binding/tunnelling.ts';
import type { ChangeEntry } from '../store/store.ts';
import { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';
import type { NetworkHosts } from './network-hosts.ts';
import type { PlacedPort } from './placed-port.ts';

type MissedEntry = Pick<ChangeEntry, 'kind' | 'id' | 'before' | 'after'>;

export interface TunnelSources {
  readonly networks: ReadonlyMap<string, NetworkView>;
  readonly ports: ReadonlyMap<string, PlacedPort>;
  readonly portsOfNetwork: IndexOfSets<string, string>;
  readonly hosts: NetworkHosts;
}

export class Tunnels {
  readonly #sources: TunnelSources;
  readonly #endpointsByAgent = new Map<string, TunnelEndpointView>();
  /** One, but for the moment in which an agent that was deleted comes back. */
  readonly #agentsOfHost = new IndexOfSets<string, string>();

  /** The sources are the topology's own; they are read as they are at the time of each call. */
  constructor(sources: TunnelSources) {
    this.#sources = sources;
  }

  putAgent(id: string, record: AgentRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#endpointsByAgent.get(id);
    const after = record === null ? undefined : endpointOf(record);
    if (isDeepStrictEqual(before, after)) return affected;
    if (before !== undefined) {
      this.#endpointsByAgent.delete(id);
      this.#agentsOfHost.delete(before.id, id);
    }
    if (after !== undefined) {
      this.#endpointsByAgent.set(id, after);
      this.#agentsOfHost.add(after.id, id);
    }
    for (const either of [before, after]) {
      if (either === undefined) continue;
      for (const peer of this.#peersOf(either.id)) affected.add(peer, 'tunnel_endpoints', either.id);
    }
    return affected;
  }

  /** The network has begun or ceased to need tunnels, if it has. */
  addNetworkChange(affected: AffectedKeys, before: NetworkView | undefined, after: NetworkView | undefined): void {
    const id = (after ?? before)?.id;
    if (id === undefined || needsTunnels(before) === needsTunnels(after)) return;
    for (const host of this.#sources.hosts.hostsOf(id)) this.addAllOfNetwork(affected, host, id);
  }

  /** The port has changed; what its hosts have to do with its network is told by `addSightChange`. */
  addPortChange(affected: AffectedKeys, before: PlacedPort | undefined, after: PlacedPort | undefined): void {
    if (isDeepStrictEqual(before && remotePortView(before), after && remotePortView(after))) return;
    for (const either of [before?.view, after?.view]) {
      if (either === undefined || !this.#isTunnelled(either.network_id)) continue;
      for (const host of this.#sources.hosts.hostsOf(either.network_id)) affected.add(host, 'remote_ports', either.id);
    }
  }

  /** The host has come to see the network, or sees it no more. */
  addSightChange(affected: AffectedKeys, host: string, networkId: string): void {
    if (!this.#isTunnelled(networkId)) return;
    this.addAllOfNetwork(affected, host, networkId);
    for (const other of this.#sources.hosts.hostsOf(networkId)) affected.add(other, 'tunnel_endpoints', host);
  }

  /** Everything that the host may know of others because of the network. */
  addAllOfNetwork(affected: AffectedKeys, host: string, networkId: string): void {
    for (const id of this.#sources.portsOfNetwork.get(networkId)) affected.add(host, 'remote_ports', id);
    for (const other of this.#sources.hosts.hostsOf(networkId)) affected.add(host, 'tunnel_endpoints', other);
  }

  /** Adds what may differ for the host between a state before `entries` and this one. */
  addChangedSince(affected: AffectedKeys, host: string, entries: readonly MissedEntry[]): void {
    const peers = this.#peersOf(host);
    for (const entry of entries) this.#addMissed(affected, { host, peers }, entry);
  }

  /** `peers` are the hosts that share a network with the host now; those that did before are named by their ports. */
  #addMissed(
    affected: AffectedKeys,
    { host, peers }: { readonly host: string; readonly peers: ReadonlySet<string> },
    { kind, id, before, after }: MissedEntry,
  ): void {
    // The log holds whole records of the kind that it names: the store wrote them.
    switch (kind) {
      case agent.name:
        for (const record of [before, after] as readonly (AgentRecord | null)[]) {
          if (record !== null && peers.has(record.host)) affected.add(host, 'tunnel_endpoints', record.host);
        }
        break;
      case network.name: {
        const [needed, needs] = ([before, after] as readonly (NetworkRecord | null)[]).map(needsTunnels);
        if (needed !== needs) this.addAllOfNetwork(affected, host, id);
        break;
      }
    }
  }

  /** What may differ for the host because the port is, or was, with these hosts on these networks. */
  addMissedPort(
    affected: AffectedKeys,
    host: string,
    {
      id,
      hosts,
      networks,
    }: { readonly id: string; readonly hosts: ReadonlySet<string>; readonly networks: Iterable<string> },
  ): void {
    affected.add(host, 'remote_ports', id);
    for (const other of hosts) affected.add(host, 'tunnel_endpoints', other);
    if (!hosts.has(host)) return;
    for (const networkId of networks) this.addAllOfNetwork(affected, host, networkId);
  }

  /** The end of the other host's tunnels, when the host has a reason to know. */
  endpoint(host: string, other: string): TunnelEndpointView | undefined {
    if (!this.#sharesNetwork(host, other)) return undefined;
    const [first] = [...this.#agentsOfHost.get(other)].toSorted();
    return first === undefined ? undefined : this.#endpointsByAgent.get(first);
  }

  /** The port as it concerns the host, when it is one of another host. */
  remotePort(host: string, portId: string): RemotePortView | undefined {
    const { ports, hosts } = this.#sources;
    const found = ports.get(portId);
    if (found === undefined) return undefined;
    const { network_id } = found.view;
    const others = found.hosts.filter((other) => other !== host);
    return others.length > 0 && hosts.sees(host, network_id) && this.#isTunnelled(network_id)
      ? remotePortView({ ...found, hosts: others })
      : undefined;
  }

  /** The names of everything that the host knows of others; some of them may name nothing. */
  keysOf(host: string): readonly ObjectKey[] {
    const affected = new AffectedKeys();
    for (const networkId of this.#sources.hosts.networksOf(host)) {
      if (this.#isTunnelled(networkId)) this.addAllOfNetwork(affected, host, networkId);
    }
    return affected.of(host);
  }

  #peersOf(host: string): ReadonlySet<string> {
    const { hosts } = this.#sources;
    const peers = new Set<string>();
    for (const networkId of hosts.networksOf(host)) {
      if (!this.#isTunnelled(networkId)) continue;
      for (const other of hosts.hostsOf(networkId)) if (other !== host) peers.add(other);
    }
    return peers;
  }

  #sharesNetwork(host: string, other: string): boolean {
    if (host === other) return false;
    const { hosts } = this.#sources;
    // A network node has ports of most networks, an ordinary host of few.
    const [fewer, more] = hosts.networksOf(host).size < hosts.networksOf(other).size ? [host, other] : [other, host];
    for (const networkId of hosts.networksOf(fewer)) {
      if (hosts.sees(more, networkId) && this.#isTunnelled(networkId)) return true;
    }
    return false;
  }

  #isTunnelled(networkId: string): boolean {
    return needsTunnels(this.#sources.networks.get(networkId));
  }
}

function endpointOf(record: AgentRecord): TunnelEndpointView | undefined {
  const tunnelling = tunnellingOf(record);
  if (tunnelling === undefined) return undefined;
  return {
    section: 'tunnel_endpoints',
    id: record.host,
    ip_address: tunnelling.localIp,
    tunnel_types: tunnelling.types,
  };
}

function remotePortView({ view: of, hosts, roams }: PlacedPort): RemotePortView {
  const pairs = new Set(of.allowed_address_pairs.map(({ mac_address }) => mac_address));
  return {
    section: 'remote_ports',
    id: of.id,
    network_id: of.network_id,
    hosts,
    roams,
    mac_address: of.mac_address,
    ip_addresses: of.fixed_ips.map(({ ip_address }) => ip_address),
    shared_mac_addresses: [...pairs].filter((address) => address !== of.mac_address).toSorted(),
  };
}

const tunnelTypes: ReadonlySet<NetworkType> = new Set<TunnelType>(['gre', 'vxlan', 'geneve']);

function needsTunnels(either: Pick<NetworkView, 'segments'> | null | undefined): boolean {
  return either?.segments.some((segment) => tunnelTypes.has(segment.network_type)) === true;
}
