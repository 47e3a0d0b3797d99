// The tunnels of a host and the flows of its tunnel bridge. There is one tunnel for each type and host with which it
// shares a network of that type, and none to others.

import { family, ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { TunnelType } from '@neutronium/net/vni';
import type { HostView, RemotePortView } from '@neutronium/model/host-view';
import { patchFlows, tunnelEntryFlow } from '../bridges/br-tun/directions.ts';
import { floodFlow, ingressFlow, sharedMacFlow, type TunnelledNetwork } from '../bridges/br-tun/network.ts';
import { brTun, type BrTunFlow } from '../bridges/br-tun/pipeline.ts';
import { remotePortFlows } from '../bridges/br-tun/remote-port.ts';
import { roamingPortFlows } from '../bridges/br-tun/roaming-port.ts';
import type { Inventory, TunnelPortPlan, TunnelSettings } from '../host-plan.ts';
import type { Flow, FlowSet } from '../openflow/flow.ts';
import { sideEgressFlows } from '../bridges/distributed-egress.ts';
import { tunnelPatchPorts } from './bridges.ts';
import { distributedSides, ownAddress } from './distributed.ts';
import { Remembered } from './remembered.ts';
import { tunnelledNetworks } from './tunnelled-networks.ts';

/** The ports of the tunnel bridge, by name. */
export function tunnelPorts(view: HostView, inventory: Inventory): readonly TunnelPortPlan[] {
  const { tunnels } = inventory;
  if (tunnels === null) return [];
  return [...tunnelsByName(view, inventory, tunnels).values()]
    .map(({ name, type, remoteIp }): TunnelPortPlan => ({
      bridge: tunnels.bridge,
      name,
      type,
      options: {
        df_default: 'true',
        // The network's id travels with each frame instead of belonging to the tunnel.
        in_key: 'flow',
        out_key: 'flow',
        local_ip: tunnels.localIp,
        remote_ip: remoteIp,
        ...(type === 'vxlan' && { dst_port: String(tunnels.vxlanUdpPort) }),
      },
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The flows of the tunnel bridge, or undefined while the number of its patch port is not known. */
export function tunnelFlows(view: HostView, inventory: Inventory): FlowSet | undefined {
  const { tunnels, patchPorts } = inventory;
  const patchPort = patchPorts.get(tunnelPatchPorts.tunnelBridge);
  if (tunnels === null || patchPort === undefined) return undefined;
  const networks = tunnelledNetworks(view, inventory);
  const numbers = [patchPort, [...inventory.tunnelPorts]];
  const own = ownAddress(view, inventory);
  const onTunnels = new Set(networks.map(({ id }) => id));
  const sides = distributedSides(view, inventory).filter(({ networkId }) => onTunnels.has(networkId));
  const endpoints = [...view.tunnel_endpoints.values()];
  const routed = [...routedHosts(view)].map(([type, hosts]) => [type, [...hosts]]);
  const circumstances = JSON.stringify([tunnels, networks, numbers, endpoints, own, sides, routed]);
  return flowsOfAll.of(view.remote_ports, '', circumstances, () => {
    const byName = tunnelsByName(view, inventory, tunnels);
    return brTun.flowSet([
      ...brTun.resolveAll(patchFlows(patchPort, { routes: sides.length > 0 })),
      ...sides.flatMap((side) => [...brTun.resolveAll(sideEgressFlows(side, { own, next: 'PATCH_LV_TO_TUN' }))]),
      ...brTun.resolveAll(entryFlows(byName, inventory)),
      ...networkFlows(view, inventory, { tunnels, byName, patchPort }),
    ]);
  });
}

// A view shares the sections that a change does not touch with the view before it. A host may know of thousands of
// remote ports; most changes are about its own.
const flowsOfAll = new Remembered<HostView['remote_ports'], FlowSet>();

/** Neutron's name of a tunnel: its type and the far end, in at most 15 characters (IFNAMSIZ). */
export function tunnelPortName(type: TunnelType, remoteIp: IpAddress): string {
  const end = ipToBigInt(remoteIp);
  return `${type}-${family(remoteIp) === 4 ? end.toString(16).padStart(8, '0') : shortened(end)}`;
}

/** Eight characters for an IPv6 address: FNV-1a (64 bit) of its bytes, of which 40 bits are kept, in base 32. */
function shortened(address: bigint): string {
  let hash = 0xcbf29ce484222325n;
  for (let shift = 120n; shift >= 0n; shift -= 8n) {
    hash ^= (address >> shift) & 0xffn;
    hash = BigInt.asUintN(64, hash * 0x100000001b3n);
  }
  return BigInt.asUintN(40, hash ^ (hash >> 24n))
    .toString(32)
    .padStart(8, '0');
}

interface Tunnel {
  readonly name: string;
  readonly type: TunnelType;
  readonly remoteIp: IpAddress;
  readonly host: string;
}

/** The tunnel by which frames of that type reach the host, or undefined where none can. */
function tunnelTo(view: HostView, tunnels: TunnelSettings, type: TunnelType, host: string): Tunnel | undefined {
  const endpoint = view.tunnel_endpoints.get(host);
  if (endpoint === undefined || !endpoint.tunnel_types.includes(type)) return undefined;
  const { ip_address: remoteIp } = endpoint;
  if (family(remoteIp) !== family(tunnels.localIp) || remoteIp === tunnels.localIp) return undefined;
  return { name: tunnelPortName(type, remoteIp), type, remoteIp, host };
}

/**
 * Every tunnel that is needed. Two hosts with one address are two names of one host and share a tunnel; of two IPv6
 * addresses with one shortened name the first by host has it, and the other gets nothing of what is not for it.
 */
function tunnelsByName(view: HostView, inventory: Inventory, tunnels: TunnelSettings): ReadonlyMap<string, Tunnel> {
  const types = new Map(tunnelledNetworks(view, inventory).map(({ id, type }) => [id, type]));
  const needed = new Map<string, Tunnel>();
  for (const { network_id, hosts } of view.remote_ports.values()) {
    const type = types.get(network_id);
    if (type === undefined) continue;
    for (const host of hosts) {
      if (needed.has(`${type} ${host}`)) continue;
      const tunnel = tunnelTo(view, tunnels, type, host);
      if (tunnel !== undefined) needed.set(`${type} ${host}`, tunnel);
    }
  }
  for (const [type, hosts] of routedHosts(view)) {
    if (!tunnels.types.includes(type)) continue;
    for (const host of hosts) {
      if (needed.has(`${type} ${host}`)) continue;
      const tunnel = tunnelTo(view, tunnels, type, host);
      if (tunnel !== undefined) needed.set(`${type} ${host}`, tunnel);
    }
  }
  const byName = new Map<string, Tunnel>();
  for (const tunnel of [...needed.values()].toSorted((a, b) => (a.host < b.host ? -1 : 1))) {
    if (!byName.has(tunnel.name)) byName.set(tunnel.name, tunnel);
  }
  return byName;
}

/**
 * The hosts that may send by tunnels of each type because they share a distributed router with this one: to its networks
 * of that type, of which they need not have ports themselves.
 */
function routedHosts(view: HostView): ReadonlyMap<TunnelType, ReadonlySet<string>> {
  const found = new Map<TunnelType, Set<string>>();
  const networksOf = [...view.routers.values()]
    .filter(({ distributed }) => distributed)
    .map(({ interface_ports: ids }) => new Set(ids.flatMap((id) => view.ports.get(id)?.network_id ?? [])));
  if (networksOf.length === 0) return found;
  const portsByNetwork = Map.groupBy(view.ports.values(), (port) => port.network_id);
  for (const networks of networksOf) {
    const hosts = [...networks].flatMap((id) => (portsByNetwork.get(id) ?? []).map(({ host }) => host));
    const segments = [...networks].flatMap((id) => view.networks.get(id)?.segments ?? []);
    for (const { network_type: type } of segments) {
      if (type !== 'gre' && type !== 'vxlan' && type !== 'geneve') continue;
      const known = found.get(type) ?? new Set();
      found.set(type, known);
      for (const host of hosts) if (host !== '') known.add(host);
    }
  }
  return found;
}

function* entryFlows(
  byName: ReadonlyMap<string, Tunnel>,
  { tunnelPorts: ofports }: Pick<Inventory, 'tunnelPorts'>,
): Generator<BrTunFlow> {
  for (const { name, type, host } of byName.values()) {
    const ofport = ofports.get(name);
    if (ofport !== undefined) yield tunnelEntryFlow({ host, type, ofport });
  }
}

function* networkFlows(
  view: HostView,
  inventory: Inventory,
  {
    tunnels,
    byName,
    patchPort,
  }: {
    readonly tunnels: TunnelSettings;
    readonly byName: ReadonlyMap<string, Tunnel>;
    /** Of br-tun, towards br-int. */
    readonly patchPort: number;
  },
): Generator<Flow> {
  const portsByNetwork = Map.groupBy(view.remote_ports.values(), (port) => port.network_id);
  for (const network of tunnelledNetworks(view, inventory)) {
    yield brTun.resolve(ingressFlow(network));
    const reachable = (portsByNetwork.get(network.id) ?? []).flatMap((port) =>
      port.hosts.flatMap((host) => {
        const tunnel = tunnelTo(view, tunnels, network.type, host);
        const stands = tunnel !== undefined && byName.get(tunnel.name)?.remoteIp === tunnel.remoteIp;
        const ofport = stands ? inventory.tunnelPorts.get(tunnel.name) : undefined;
        return ofport === undefined ? [] : [{ port, ofport }];
      }),
    );
    if (reachable.length === 0) continue;
    yield brTun.resolve(
      floodFlow(
        network,
        reachable.map(({ ofport }) => ofport),
      ),
    );
    const roaming = reachable.filter(({ port }) => port.roams);
    for (const { port, ofport } of reachable) if (!port.roams) yield* flowsOfRemotePort(network, port, ofport);
    for (const [port, behind] of Map.groupBy(roaming, (each) => each.port)) {
      const ofports = behind.map(({ ofport }) => ofport);
      yield* brTun.resolveAll(roamingPortFlows(network, port, { ofports, patchPort }));
    }
    for (const [mac, ofports] of sharedMacs(reachable)) yield brTun.resolve(sharedMacFlow(network, { mac, ofports }));
  }
}

/** Tunnels by MAC address, of addresses that are no port's own. */
function sharedMacs(
  reachable: readonly { readonly port: RemotePortView; readonly ofport: number }[],
): ReadonlyMap<Mac, readonly number[]> {
  const own = new Set(reachable.map(({ port }) => port.mac_address));
  const shared = new Map<Mac, number[]>();
  for (const { port, ofport } of reachable) {
    for (const mac of port.shared_mac_addresses) {
      if (own.has(mac)) continue;
      const ofports = shared.get(mac);
      if (ofports === undefined) shared.set(mac, [ofport]);
      else ofports.push(ofport);
    }
  }
  return shared;
}

const flowsOfOne = new Remembered<RemotePortView, readonly Flow[]>();

function flowsOfRemotePort(network: TunnelledNetwork, port: RemotePortView, ofport: number): readonly Flow[] {
  const circumstances = `${network.type} ${network.tunnelId} ${network.localVlan} ${ofport}`;
  return flowsOfOne.of(port, '', circumstances, () => [...brTun.resolveAll(remotePortFlows(network, port, ofport))]);
}
