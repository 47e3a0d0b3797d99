// Which plugged devices are wired, to which VLAN, and why the others are not.

import type { HostView, NetworkView, PortView } from '@neutronium/model/host-view';
import { reachOf, type Reach, type WiredNetwork } from '../bridges/provider-wire.ts';
import { hybridProblem } from '../firewall/hybrid/hybrid.ts';
import type { Inventory } from '../host-plan.ts';
import { guardProblem } from './security-groups.ts';

/** What the host does with one port of the view that may have a device here. */
export type Wiring =
  | { readonly kind: 'wired'; readonly port: PortView; readonly network: NetworkView; readonly localVlan: number }
  | { readonly kind: 'dead'; readonly why: string; readonly network: NetworkView | undefined };

/** The wiring of the port with that id, which a device on br-int bears as its iface-id. */
export function wiringOf(view: HostView, inventory: Inventory, portId: string): Wiring {
  const port = view.ports.get(portId);
  const network = port === undefined ? undefined : view.networks.get(port.network_id);
  const dead = (why: string): Wiring => ({ kind: 'dead', why, network });
  if (port === undefined) return dead('no port of this host has its id');
  if (port.host !== inventory.host)
    return dead(port.host === '' ? 'it is bound to no host' : `it is bound to ${port.host}`);
  if (!port.admin_state_up) return dead('its admin state is down');
  if (network === undefined) return dead('its network is not known');
  if (!network.admin_state_up) return dead('the admin state of its network is down');
  const reach = networkReach(network, inventory);
  if (reach.kind === 'unreachable') return dead(reach.why);
  const problem =
    hybridProblem(view, inventory, port) ??
    guardProblem(view, port, { byFlows: inventory.firewallDriver === 'openvswitch' });
  if (problem !== null) return dead(problem);
  const localVlan = inventory.localVlans.get(network.id);
  if (localVlan === undefined) return dead('its network has no local VLAN: all are taken');
  return { kind: 'wired', port, network, localVlan };
}

/** How this host reaches the network. */
export function networkReach(network: NetworkView, { bridgeMappings, tunnels }: Inventory): Reach {
  return reachOf(network, {
    hasBridge: (physicalNetwork) => bridgeMappings.has(physicalNetwork),
    hasTunnels: (type) => tunnels?.types.includes(type) === true,
  });
}

/** The networks that a physical network carries for this host, in the order of their ids. */
export function networksOnWire(view: HostView, inventory: Inventory, physicalNetwork: string): readonly WiredNetwork[] {
  const result: WiredNetwork[] = [];
  for (const network of view.networks.values()) {
    if (!network.admin_state_up) continue;
    const reach = networkReach(network, inventory);
    const localVlan = inventory.localVlans.get(network.id);
    if (reach.kind !== 'wire' || reach.physicalNetwork !== physicalNetwork || localVlan === undefined) continue;
    result.push({ id: network.id, physicalNetwork, localVlan, wireVlan: reach.wireVlan });
  }
  return result.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
