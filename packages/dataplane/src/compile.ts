// From what the server says (HostView) and what is on the host (Inventory) to what the host should look like. A
// function of its arguments: the same input gives an equal plan, whatever the order in which objects came.

import type { HostView } from '@neutronium/model/host-view';
import { allocateLocalVlans as allocate } from './bridges/local-vlans.ts';
import { hybridFirewall, portsWithZones } from './firewall/hybrid/hybrid.ts';
import { allocateZones } from './firewall/hybrid/zones.ts';
import type { HostPlan, Inventory } from './host-plan.ts';
import { hostBridges } from './plan/bridges.ts';
import { dhcpServices } from './plan/dhcp.ts';
import { hostFlows } from './plan/flows.ts';
import { hostLimits } from './plan/limits.ts';
import { routersPlan } from './plan/routers.ts';
import { switchPorts } from './plan/switch-ports.ts';
import { trackedPorts } from './plan/tracked-ports.ts';
import { hostTrunks, trunkBridges } from './plan/trunks.ts';
import { logMeters } from './traffic-log/logged-ports.ts';
import { tunnelPorts } from './plan/tunnels.ts';

/** The plan of a host. What it cannot wire yet for want of a number is in a later plan, made from a later inventory. */
export function compile(view: HostView, inventory: Inventory): HostPlan {
  const { namespaces, dhcp, services } = dhcpServices(view, inventory);
  const hybrid = hybridFirewall(view, inventory);
  const routers = routersPlan(view, inventory);
  const limits = hostLimits(view, inventory);
  const trunks = hostTrunks(view, inventory);
  return {
    revision: view.revision,
    bridges: [...hostBridges(inventory), ...trunkBridges(trunks)],
    flows: hostFlows(view, inventory, limits),
    meters: new Map([[inventory.integrationBridge, new Map([...limits.meters, ...logMeters(view, inventory)])]]),
    ports: switchPorts(view, inventory, trunks),
    tunnels: tunnelPorts(view, inventory),
    namespaces: [...namespaces, ...routers.namespaces],
    netfilter: [...hybrid.netfilter, ...routers.netfilter],
    trackedPorts: trackedPorts(view, inventory),
    connections: hybrid.connections,
    translations: routers.translations,
    floatingIps: routers.floatingIps,
    dhcp,
    services: [...services, ...routers.services],
    routerWatches: routers.routerWatches,
  };
}

/**
 * A local VLAN for every network of the view (Inventory.localVlans). `remembered` is what the switch's ports still
 * carry, by network id; those numbers are kept, and not given to others while they are remembered.
 */
export function allocateLocalVlans(
  view: Pick<HostView, 'networks'>,
  remembered: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return allocate(view.networks.keys(), remembered);
}

/** A zone for every port that needs one (Inventory.conntrackZones); `remembered` zones are kept. */
export function allocateConntrackZones(
  view: HostView,
  inventory: Omit<Inventory, 'conntrackZones'>,
  remembered: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return allocateZones(portsWithZones(view, inventory), remembered);
}
