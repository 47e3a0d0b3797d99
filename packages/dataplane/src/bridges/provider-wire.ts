// How a host reaches a network: by a physical network, with a translation between its local VLAN on br-int and its form
// on the wire, by tunnels, or not at all beyond itself.

import type { TunnelType } from '@neutronium/net/vni';
import type { NetworkView } from '@neutronium/model/host-view';

export interface WiredNetwork {
  /** The network's id. */
  readonly id: string;
  readonly physicalNetwork: string;
  readonly localVlan: number;
  /** The VLAN id on the wire; null where its frames are untagged (flat). */
  readonly wireVlan: number | null;
}

/** What a network's segments mean on a host: a wire, tunnels, neither needed, or what the host lacks. */
export type Reach =
  | { readonly kind: 'wire'; readonly physicalNetwork: string; readonly wireVlan: number | null }
  | { readonly kind: 'tunnel'; readonly type: TunnelType; readonly tunnelId: number }
  | { readonly kind: 'host-only' }
  | { readonly kind: 'unreachable'; readonly why: string };

/** What a host has to reach networks by. */
export interface Means {
  readonly hasBridge: (physicalNetwork: string) => boolean;
  readonly hasTunnels: (type: TunnelType) => boolean;
}

/** How the host reaches the network: by the first of its segments that it can. Networks of one host need nothing. */
export function reachOf(network: NetworkView, { hasBridge, hasTunnels }: Means): Reach {
  const missing: string[] = [];
  for (const segment of network.segments) {
    switch (segment.network_type) {
      case 'flat':
      case 'vlan': {
        const { physical_network: physicalNetwork, segmentation_id: id } = segment;
        if (physicalNetwork === null || (segment.network_type === 'vlan' && id === null)) continue;
        if (!hasBridge(physicalNetwork)) {
          missing.push(`no bridge of this host leads to ${physicalNetwork}`);
          continue;
        }
        return { kind: 'wire', physicalNetwork, wireVlan: segment.network_type === 'flat' ? null : id };
      }
      case 'local':
        return { kind: 'host-only' };
      case 'gre':
      case 'vxlan':
      case 'geneve': {
        const { network_type: type, segmentation_id: tunnelId } = segment;
        if (tunnelId === null) continue;
        if (hasTunnels(type)) return { kind: 'tunnel', type, tunnelId };
        missing.push(`this host has no ${type} tunnels`);
      }
    }
  }
  return { kind: 'unreachable', why: missing.join(', and ') || 'no segment of its network has an id' };
}
