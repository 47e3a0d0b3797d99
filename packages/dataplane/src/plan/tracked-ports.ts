// By what the switch's connection tracking knows the ports that br-int filters.

import type { HostView, PortView } from '@neutronium/model/host-view';
import { isGuarded } from '../bridges/br-int/local-port.ts';
import type { Inventory, TrackedPort } from '../host-plan.ts';
import { Remembered } from './remembered.ts';
import { wiringOf } from './wiring.ts';

const known = new Remembered<PortView, TrackedPort>();

/** The guarded ports that are wired; none where iptables filters, which gives each port a zone of its own. */
export function trackedPorts(view: HostView, inventory: Inventory): readonly TrackedPort[] {
  if (inventory.firewallDriver !== 'openvswitch') return [];
  return [...inventory.plugged.keys()].toSorted().flatMap((portId) => {
    const wiring = wiringOf(view, inventory, portId);
    if (wiring.kind === 'dead' || !isGuarded(wiring.port)) return [];
    const { port, localVlan: zone } = wiring;
    return [
      known.of(port, '', String(zone), () => {
        // Pairs are not here: several ports may have the same ones, and each other's connections with them.
        return { portId, zone, addresses: port.fixed_ips.map(({ ip_address }) => ip_address).toSorted() };
      }),
    ];
  });
}
