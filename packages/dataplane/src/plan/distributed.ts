// The interfaces of distributed routers on this host, as the bridges have to do with them.

import type { HostView, RouterView } from '@neutronium/model/host-view';
import { eui64Address, linkLocalPrefix } from '@neutronium/net/cidr';
import { family } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { DistributedSide } from '../bridges/distributed-side.ts';
import { fromOtherHostsFlow, notForRouterFlows, toPortFlows, type Arrival } from '../bridges/br-int/distributed.ts';
import type { WiredPort } from '../bridges/br-int/local-port.ts';
import type { BrIntFlow } from '../bridges/br-int/pipeline.ts';
import type { Inventory } from '../host-plan.ts';
import { integrationPatchPort, tunnelPatchPorts } from './bridges.ts';
import { tunnelledNetworks } from './tunnelled-networks.ts';
import { networksOnWire } from './wiring.ts';

/** The interfaces on this host, in the order of their ids. */
export function distributedSides(view: HostView, inventory: Inventory): readonly DistributedSide[] {
  const ids = distributedRouters(view).flatMap((router) => router.interface_ports);
  return ids.toSorted().flatMap((id): readonly DistributedSide[] => {
    const port = view.ports.get(id);
    const localVlan = port === undefined ? undefined : inventory.localVlans.get(port.network_id);
    if (port === undefined || localVlan === undefined || port.host !== inventory.host) return [];
    const own = port.fixed_ips.map(({ ip_address }) => ip_address);
    const linkLocal = own.some((address) => family(address) === 6)
      ? [eui64Address(linkLocalPrefix, port.mac_address)]
      : [];
    const { network_id: networkId, mac_address: mac } = port;
    return [{ id, networkId, localVlan, mac, addresses: [...new Set([...own, ...linkLocal])] }];
  });
}

/** What the host's routers send from to others; null while it has no such address. */
export function ownAddress(view: HostView, { host }: Pick<Inventory, 'host'>): Mac | null {
  return view.distributed_routing.get(host)?.mac_address ?? null;
}

/** The flows of br-int for what other hosts send. */
export function* distributedIngressFlows(
  view: HostView,
  inventory: Inventory,
  ports: readonly WiredPort[],
): Generator<BrIntFlow> {
  const sides = Map.groupBy(distributedSides(view, inventory), ({ networkId }) => networkId);
  if (sides.size === 0) return;
  const own = ownAddress(view, inventory);
  const localPorts = Map.groupBy(ports, (port) => port.view.network_id);
  for (const { kind, patchPort, networks } of arrivals(view, inventory)) {
    if (own !== null) yield fromOtherHostsFlow(patchPort, { own, kind });
    for (const [networkId, arrival] of networks) {
      const ofNetwork = sides.get(networkId) ?? [];
      for (const side of ofNetwork) yield* notForRouterFlows(side, arrival);
      const routers = new Set(ofNetwork.map(({ id }) => id));
      for (const port of localPorts.get(networkId) ?? []) {
        const side = routers.has(port.view.id) ? undefined : routerOf(view, ofNetwork, port);
        if (side !== undefined) yield* toPortFlows(port, side, arrival);
      }
    }
  }
}

/** Of several routers on a network the one that the port sends to: at the address that its subnet names. */
function routerOf(
  view: HostView,
  sides: readonly DistributedSide[],
  { view: port }: WiredPort,
): DistributedSide | undefined {
  const gateways = new Set(port.fixed_ips.map(({ subnet_id }) => view.subnets.get(subnet_id)?.gateway_ip));
  return sides.find(({ addresses }) => addresses.some((address) => gateways.has(address))) ?? sides[0];
}

interface Arrivals {
  readonly kind: 'tunnel' | 'wire';
  readonly patchPort: number;
  readonly networks: readonly (readonly [string, Arrival])[];
}

/** The patch ports of br-int, with what comes by each. */
function* arrivals(view: HostView, inventory: Inventory): Generator<Arrivals> {
  for (const [physicalNetwork, bridge] of inventory.bridgeMappings) {
    const patchPort = inventory.patchPorts.get(integrationPatchPort(bridge));
    if (patchPort === undefined) continue;
    const networks = networksOnWire(view, inventory, physicalNetwork).map(
      ({ id, wireVlan }) => [id, { patchPort, vlan: { kind: 'wire', id: wireVlan } }] as const,
    );
    yield { kind: 'wire', patchPort, networks };
  }
  const patchPort = inventory.patchPorts.get(tunnelPatchPorts.integrationBridge);
  if (inventory.tunnels === null || patchPort === undefined) return;
  const networks = tunnelledNetworks(view, inventory).map(
    ({ id }) => [id, { patchPort, vlan: { kind: 'local' } }] as const,
  );
  yield { kind: 'tunnel', patchPort, networks };
}

function distributedRouters(view: HostView): readonly RouterView[] {
  return [...view.routers.values()].filter((router) => router.distributed && router.admin_state_up);
}
