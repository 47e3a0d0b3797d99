// The ports of br-int: the VLAN of each and what a restarted agent reads back.

import type { HostView, NetworkView } from '@neutronium/model/host-view';
import { deadVlan } from '../bridges/dead-vlan.ts';
import { isGuarded } from '../bridges/br-int/local-port.ts';
import type { Inventory, PlugPlan, SwitchPortPlan } from '../host-plan.ts';
import { dhcpNamespaceName, tapName } from './device-names.ts';
import { routerDevices } from './routers.ts';
import type { HostTrunk } from './trunks.ts';
import { wiringOf } from './wiring.ts';

/** Every device that others plugged, and those that the host plugs itself; by port id. */
export function switchPorts(
  view: HostView,
  inventory: Inventory,
  trunks: readonly HostTrunk[],
): readonly SwitchPortPlan[] {
  const plans = new Map<string, SwitchPortPlan>();
  for (const { portId, device } of inventory.plugged.values())
    plans.set(portId, portPlan(view, inventory, { portId, device }));
  for (const own of ownDevices(view, inventory, trunks)) {
    const port = view.ports.get(own.portId);
    if (port === undefined || port.host !== inventory.host) continue;
    const externalIds = { 'iface-id': port.id, 'iface-status': 'active', 'attached-mac': port.mac_address };
    plans.set(port.id, { ...portPlan(view, inventory, own), plug: { externalIds, otherEnd: own.otherEnd } });
  }
  return [...plans.values()].toSorted((a, b) => (a.portId < b.portId ? -1 : 1));
}

interface OwnDevice extends Pick<PlugPlan, 'otherEnd'> {
  readonly portId: string;
  readonly device: string;
}

/** The devices that the host makes and plugs itself: those of its DHCP servers, of its routers and of its trunks. */
function ownDevices(view: HostView, inventory: Inventory, trunks: readonly HostTrunk[]): readonly OwnDevice[] {
  const servers = [...view.dhcp.values()].map(({ id, port_id: portId }) => ({
    portId,
    device: tapName(portId),
    namespace: dhcpNamespaceName(id),
  }));
  const inNamespaces = [...servers, ...routerDevices(view, inventory)].map(
    ({ portId, device, namespace }): OwnDevice => ({ portId, device, otherEnd: { kind: 'namespace', namespace } }),
  );
  const onTrunks = trunks.flatMap(({ bridge, joints }) =>
    joints.map(({ portId, integrationEnd: device, trunkEnd: peer }): OwnDevice => {
      return { portId, device, otherEnd: { kind: 'bridge', bridge, peer } };
    }),
  );
  return [...inNamespaces, ...onTrunks];
}

function portPlan(
  view: HostView,
  inventory: Inventory,
  { portId, device }: { readonly portId: string; readonly device: string },
): SwitchPortPlan {
  const wiring = wiringOf(view, inventory, portId);
  const base = { portId, device, otherConfig: bookkeeping(wiring.network, inventory), txSteering: null, plug: null };
  if (wiring.kind === 'dead') return { ...base, tag: deadVlan, deadBecause: wiring.why, behindNetfilter: false };
  const behindNetfilter = inventory.firewallDriver === 'iptables_hybrid' && isGuarded(wiring.port);
  const txSteering = wiring.port.tx_steering ?? null;
  return { ...base, tag: wiring.localVlan, deadBecause: null, behindNetfilter, txSteering };
}

/** What Neutron's agent keeps in Port:other_config, by which a local VLAN survives a restart. */
function bookkeeping(network: NetworkView | undefined, { localVlans }: Inventory): Readonly<Record<string, string>> {
  const localVlan = network === undefined ? undefined : localVlans.get(network.id);
  if (network === undefined || localVlan === undefined) return {};
  const { network_type, physical_network, segmentation_id } = network.segments[0] ?? unsegmented;
  return {
    net_uuid: network.id,
    tag: String(localVlan),
    network_type,
    ...(physical_network === null ? {} : { physical_network }),
    ...(segmentation_id === null ? {} : { segmentation_id: String(segmentation_id) }),
  };
}

const unsegmented = { network_type: 'local', physical_network: null, segmentation_id: null } as const;
