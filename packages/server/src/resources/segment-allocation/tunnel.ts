// GRE, VXLAN and Geneve networks are told apart by an id inside tunnels between the hosts. They differ in the size of
// the id and of their headers only, so one file holds all three.

import type { IdRange } from '#config/network-ranges';
import type { ServerConfig } from '#config/server-settings';
import { InvalidInput, TunnelIdInUse } from '@neutronium/model/errors';
import { firstTunnelId, lastTunnelId, type TunnelType } from '@neutronium/net/vni';
import { smallestGiven } from './physical-mtu.ts';
import type { TypeDriver } from './type-driver.ts';

export function tunnelDriver(type: TunnelType, settings: ServerConfig['networks']): TypeDriver {
  const ranges = idRanges(type, settings);
  return {
    type,
    exclusive: true,
    check({ physical_network, segmentation_id }) {
      if (physical_network !== null) {
        throw new InvalidInput({ error_message: `provider:physical_network specified for ${type} network` });
      }
      // Neutron keeps any number here, and the first packet is sent with what is left of it in the header's field.
      if (segmentation_id !== null && (segmentation_id < firstTunnelId || segmentation_id > lastTunnelId[type])) {
        throw new InvalidInput({
          error_message: `segmentation_id out of range (${firstTunnelId} through ${lastTunnelId[type]})`,
        });
      }
    },
    isComplete: ({ segmentation_id }) => segmentation_id !== null,
    configured: [{ physical_network: null, ranges }],
    inUse: ({ segmentation_id }, blockers) => new TunnelIdInUse({ tunnel_id: segmentation_id ?? '', blockers }),
    mtu: () => {
      const path = smallestGiven([settings.global_physnet_mtu, settings.path_mtu]);
      return path === 0 ? 0 : Math.max(0, path - overhead(type, settings));
    },
  };
}

function idRanges(type: TunnelType, settings: ServerConfig['networks']): readonly IdRange[] {
  switch (type) {
    case 'gre':
      return settings.tunnel_id_ranges;
    case 'vxlan':
    case 'geneve':
      return settings.vni_ranges;
  }
}

/**
 * Bytes that the tunnel adds to an IP packet: the outer IP header, then for VXLAN UDP 8 + VXLAN 8 + inner Ethernet 14
 * (RFC 7348 section 5), for GRE 4 with a 4 byte key + inner Ethernet 14 (RFC 2890), for Geneve as the operator says.
 */
function overhead(type: TunnelType, settings: ServerConfig['networks']): number {
  const outerIp = settings.overlay_ip_version === '4' ? 20 : 40;
  switch (type) {
    case 'gre':
      return outerIp + 22;
    case 'vxlan':
      return outerIp + 30;
    case 'geneve':
      return outerIp + settings.max_header_size;
  }
}
