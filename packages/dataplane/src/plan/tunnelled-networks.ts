// The networks that tunnels carry for a host.

import type { HostView } from '@neutronium/model/host-view';
import type { TunnelledNetwork } from '../bridges/br-tun/network.ts';
import type { Inventory } from '../host-plan.ts';
import { networkReach } from './wiring.ts';

/** In the order of their ids. */
export function tunnelledNetworks(view: HostView, inventory: Inventory): readonly TunnelledNetwork[] {
  const networks = [...view.networks.values()].flatMap((network): readonly TunnelledNetwork[] => {
    const reach = networkReach(network, inventory);
    const localVlan = inventory.localVlans.get(network.id);
    if (!network.admin_state_up || reach.kind !== 'tunnel' || localVlan === undefined) return [];
    return [{ id: network.id, type: reach.type, tunnelId: reach.tunnelId, localVlan }];
  });
  return networks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
