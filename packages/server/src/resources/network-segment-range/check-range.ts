// What a range may be, whoever asks and whatever else exists.

import { BadRequest } from '@neutronium/model/errors';
import {
  NetworkSegmentRangeNetTypeNotSupported,
  NetworkTunnelRangeError,
  NetworkVlanRangeError,
} from '@neutronium/model/network-segment-range-errors';
import type { NetworkSegmentRangeRecord } from '@neutronium/model/resources/network-segment-range';
import { firstVlanId, lastVlanId } from '@neutronium/net/vlan';
import { firstTunnelId, lastTunnelId } from '@neutronium/net/vni';
import type { TypeDrivers } from '../segment-allocation/type-drivers.ts';

type RangeType = NetworkSegmentRangeRecord['network_type'];

interface Bounds {
  readonly network_type: RangeType;
  readonly minimum: number;
  readonly maximum: number;
}

/** The wire of a new range: ids of VLANs are those of one wire, and tunnels have none. Throws BadRequest without it. */
export function wireOf({
  network_type,
  physical_network = '',
}: Pick<Bounds, 'network_type'> & { readonly physical_network?: string }): string | null {
  if (network_type !== 'vlan') return null;
  if (physical_network !== '') return physical_network;
  throw new BadRequest({
    resource: 'network_segment_range',
    msg: "Network type vlan requires 'physical_network' to be specified while creating new range",
  });
}

/** Throws NetworkSegmentRangeNetTypeNotSupported for a type that this server does not offer. */
export function requireOffered(drivers: TypeDrivers, type: RangeType): void {
  if (drivers.find(type) === undefined) throw new NetworkSegmentRangeNetTypeNotSupported({ type });
}

/** Throws unless the range has an order and lies within the ids of its type. */
export function checkBounds({ network_type, minimum, maximum }: Bounds): void {
  const [first, last] =
    network_type === 'vlan' ? [firstVlanId, lastVlanId] : [firstTunnelId, lastTunnelId[network_type]];
  const outside = [minimum, maximum].find((id) => id < first || id > last);
  const written = `${minimum}:${maximum}`;
  if (network_type === 'vlan') {
    if (outside !== undefined) {
      throw new NetworkVlanRangeError({ vlan_range: written, error: `${outside} is not a valid VLAN tag` });
    }
    if (maximum >= minimum) return;
    const error = 'End of VLAN range is less than start of VLAN range';
    throw new NetworkVlanRangeError({ vlan_range: written, error });
  }
  if (outside !== undefined) {
    const error = `${outside} is not a valid ${network_type} identifier`;
    throw new NetworkTunnelRangeError({ tunnel_range: written, error });
  }
  if (maximum >= minimum) return;
  const error = 'End of tunnel range is less than start of tunnel range';
  throw new NetworkTunnelRangeError({ tunnel_range: written, error });
}
