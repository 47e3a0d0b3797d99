// The flows of a host's bridges.

import type { HostView, PortView } from '@neutronium/model/host-view';
import { deadPortFlows, deadVlanFlows } from '../bridges/br-int/dead.ts';
import { brInt, type BrIntFlow } from '../bridges/br-int/pipeline.ts';
import { foreignIngressFlows, networkIngressFlows } from '../bridges/br-int/provider-ingress.ts';
import { portFlows } from '../bridges/br-int/spoof-guard.ts';
import type { WiredPort } from '../bridges/br-int/local-port.ts';
import { standbyFlow } from '../bridges/br-int/standby.ts';
import { tunnelIngressFlows } from '../bridges/br-int/tunnel-ingress.ts';
import { brPhys, type BrPhysFlow } from '../bridges/br-phys/pipeline.ts';
import { foreignEgressFlows, networkEgressFlows } from '../bridges/br-phys/provider-egress.ts';
import type { Inventory } from '../host-plan.ts';
import type { Flow, FlowSet } from '../openflow/flow.ts';
import { hostedRouters } from '../routers/hosted-router.ts';
import { sideEgressFlows } from '../bridges/distributed-egress.ts';
import { distributedIngressFlows, distributedSides, ownAddress } from './distributed.ts';
import { hostLocalIpFlows } from './local-ips.ts';
import { integrationPatchPort, physicalPatchPort, tunnelPatchPorts } from './bridges.ts';
import { firewallFlows } from './firewall.ts';
import { trafficLogFlows } from '../traffic-log/logged-ports.ts';
import type { HostLimits } from './limits.ts';
import { Remembered } from './remembered.ts';
import { tunnelledNetworks } from './tunnelled-networks.ts';
import { tunnelFlows } from './tunnels.ts';
import { networksOnWire, wiringOf } from './wiring.ts';

/** The flows of every bridge whose patch port is known, by bridge name. */
export function hostFlows(view: HostView, inventory: Inventory, limits: HostLimits): ReadonlyMap<string, FlowSet> {
  const flows = new Map<string, FlowSet>([[inventory.integrationBridge, integrationFlows(view, inventory, limits)]]);
  for (const [physicalNetwork, bridge] of inventory.bridgeMappings) {
    const patchPort = inventory.patchPorts.get(physicalPatchPort(bridge));
    // Without its number the patch port could not be told from the wire, and every local VLAN would leak to it.
    if (patchPort === undefined) continue;
    flows.set(bridge, brPhys.flowSet(brPhys.resolveAll(wireFlows(view, inventory, { physicalNetwork, patchPort }))));
  }
  const onTunnelBridge = tunnelFlows(view, inventory);
  if (inventory.tunnels !== null && onTunnelBridge !== undefined) flows.set(inventory.tunnels.bridge, onTunnelBridge);
  return flows;
}

function* wireFlows(
  view: HostView,
  inventory: Inventory,
  { physicalNetwork, patchPort }: { readonly physicalNetwork: string; readonly patchPort: number },
): Generator<BrPhysFlow> {
  const sides = distributedSides(view, inventory);
  for (const network of networksOnWire(view, inventory, physicalNetwork)) {
    const own = sides.filter(({ networkId }) => networkId === network.id);
    yield* networkEgressFlows(patchPort, network, { isRouted: own.length > 0 });
    for (const side of own) {
      yield* sideEgressFlows(side, { own: ownAddress(view, inventory), next: 'LOCAL_VLAN_TRANSLATION' });
    }
  }
  yield* foreignEgressFlows(patchPort);
}

function integrationFlows(view: HostView, inventory: Inventory, limits: HostLimits): FlowSet {
  const flows: Flow[] = [...brInt.resolveAll(sharedFlows(view, inventory))];
  const ports: WiredPort[] = [];
  for (const { portId, ofport } of inventory.plugged.values()) {
    const wiring = wiringOf(view, inventory, portId);
    if (wiring.kind === 'wired') ports.push({ view: wiring.port, ofport, localVlan: wiring.localVlan });
    else flows.push(...brInt.resolveAll(deadPortFlows({ id: portId, ofport, why: wiring.why })));
  }
  flows.push(...brInt.resolveAll(distributedIngressFlows(view, inventory, ports)));
  flows.push(...brInt.resolveAll(hostLocalIpFlows(view, inventory, ports)));
  return brInt.flowSet([...flows, ...limits.flows, ...filterFlows(view, inventory, ports)]);
}

function filterFlows(view: HostView, inventory: Inventory, ports: readonly WiredPort[]): Iterable<Flow> {
  switch (inventory.firewallDriver) {
    case 'openvswitch':
      return [...firewallFlows(view, inventory, ports), ...trafficLogFlows(view, ports)];
    case 'iptables_hybrid':
      return ports.flatMap(spoofGuardFlows);
  }
}

function* sharedFlows(view: HostView, inventory: Inventory): Generator<BrIntFlow> {
  yield* deadVlanFlows();
  for (const { ha, gateways, interfaces } of hostedRouters(view, inventory)) {
    if (ha === null) continue;
    for (const { port } of [...interfaces, ...gateways]) {
      const ofport = inventory.plugged.get(port.id)?.ofport;
      if (ofport !== undefined) yield standbyFlow({ id: port.id, ofport });
    }
  }
  for (const [physicalNetwork, bridge] of inventory.bridgeMappings) {
    const patchPort = inventory.patchPorts.get(integrationPatchPort(bridge));
    if (patchPort === undefined) continue;
    for (const network of networksOnWire(view, inventory, physicalNetwork))
      yield* networkIngressFlows(patchPort, network);
    yield* foreignIngressFlows(patchPort, physicalNetwork);
  }
  const tunnelPatchPort = inventory.patchPorts.get(tunnelPatchPorts.integrationBridge);
  if (inventory.tunnels !== null && tunnelPatchPort !== undefined)
    yield* tunnelIngressFlows(tunnelPatchPort, tunnelledNetworks(view, inventory));
}

const spoofGuard = new Remembered<PortView, readonly Flow[]>();

function spoofGuardFlows(port: WiredPort): readonly Flow[] {
  return spoofGuard.of(port.view, '', String(port.ofport), () => [...brInt.resolveAll(portFlows(port))]);
}
