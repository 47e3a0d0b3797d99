// How a network lies on a physical network: the translation between its local VLAN on br-int and its form on the wire.

import type { NetworkView } from '@neutronium/model/host-view';

export interface WiredNetwork {
  /** The network's id. */
  readonly id: string;
  readonly physicalNetwork: string;
  readonly localVlan: number;
  /** The VLAN id on the wire; null where its frames are untagged (flat). */
  readonly wireVlan: number | null;
}

/** What a network's segments mean on a host: a wire, no wire needed, or a wire that the host lacks. */
export type Reach =
  | { readonly kind: 'wire'; readonly physicalNetwork: string; readonly wireVlan: number | null }
  | { readonly kind: 'host-only' }
  | { readonly kind: 'unreachable'; readonly why: string };

/**
 * The wire by which the host reaches the network. Networks of one host (`local`) need none; those of tunnels have one
 * on another bridge, so on br-int they are like local ones.
 */
export function reachOf(network: NetworkView, hasBridge: (physicalNetwork: string) => boolean): Reach {
  const missing: string[] = [];
  for (const segment of network.segments) {
    switch (segment.network_type) {
      case 'flat':
      case 'vlan': {
        const { physical_network: physicalNetwork, segmentation_id: id } = segment;
        if (physicalNetwork === null || (segment.network_type === 'vlan' && id === null)) continue;
        if (!hasBridge(physicalNetwork)) {
          missing.push(physicalNetwork);
          continue;
        }
        return { kind: 'wire', physicalNetwork, wireVlan: segment.network_type === 'flat' ? null : id };
      }
      case 'local':
      case 'gre':
      case 'vxlan':
      case 'geneve':
        return { kind: 'host-only' };
    }
  }
  return { kind: 'unreachable', why: `no bridge of this host leads to ${missing.join(' or ') || 'its network'}` };
}
