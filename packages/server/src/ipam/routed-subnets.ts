// Networks of several segments that only routers join: each subnet is on one segment, and a port can only have
// addresses of the segment that its host is on. Which that is, a port without a host does not know yet.

import { cidrContains } from '@neutronium/net/cidr';
import type { RequestedIp } from '@neutronium/model/kinds/fixed-ips';
import {
  FixedIpsSubnetsNotOnSameSegment,
  HostConnectedToMultipleSegments,
  HostNotConnectedToAnySegment,
} from '@neutronium/model/segment-errors';
import type { AddressSubnet } from './fixed-ips.ts';

/** Where a port is. */
export interface PortPlace {
  readonly network_id: string;
  /** Empty for none. */
  readonly host: string;
  /** The segments of the network that the host is on. */
  readonly segments: ReadonlySet<string>;
}

/** Whether some of the subnets can only be reached from hosts on their segments. */
export function isRouted(subnets: readonly Pick<AddressSubnet, 'segment_id'>[]): boolean {
  return subnets.some(({ segment_id }) => segment_id !== null);
}

/**
 * Of `subnets`, those that a port at `place` can have addresses of; without a host, those of the one segment that
 * `requested` names. Throws FixedIpsSubnetsNotOnSameSegment and HostConnectedToMultipleSegments when it would be on
 * several.
 */
export function subnetsAt(
  place: PortPlace,
  subnets: readonly AddressSubnet[],
  requested: readonly RequestedIp[] | undefined,
): readonly AddressSubnet[] {
  if (!isRouted(subnets)) return subnets;
  const { network_id, host, segments } = place;
  if (host === '') return requested === undefined ? unrouted(subnets) : subnetsOfRequest(subnets, requested);
  const reached = subnets.filter(({ segment_id }) => segment_id === null || segments.has(segment_id));
  if (new Set(reached.flatMap(({ segment_id }) => segment_id ?? [])).size > 1) {
    throw new HostConnectedToMultipleSegments({ host, network_id });
  }
  return reached;
}

/** Throws HostNotConnectedToAnySegment for a host that has no part in the routed network of `subnets`. */
export function requireSegment({ network_id, host }: PortPlace, subnets: readonly AddressSubnet[]): void {
  if (host !== '' && isRouted(subnets)) throw new HostNotConnectedToAnySegment({ host, network_id });
}

function unrouted(subnets: readonly AddressSubnet[]): readonly AddressSubnet[] {
  return subnets.filter(({ segment_id }) => segment_id === null);
}

/**
 * Those of the one segment that `requested` names; all of them when it names a subnet or an address that none of them has:
 * that is another mistake. Throws FixedIpsSubnetsNotOnSameSegment.
 */
export function subnetsOfRequest(
  subnets: readonly AddressSubnet[],
  requested: readonly RequestedIp[],
): readonly AddressSubnet[] {
  const named = requested.map(({ subnet_id, ip_address }) =>
    subnets.find(({ id, cidr }) =>
      subnet_id === undefined ? ip_address !== undefined && cidrContains(cidr, ip_address) : id === subnet_id,
    ),
  );
  if (named.includes(undefined)) return subnets;
  const segments = new Set(named.map((subnet) => subnet?.segment_id ?? null));
  if (segments.size > 1) throw new FixedIpsSubnetsNotOnSameSegment();
  const [only = null] = segments;
  return subnets.filter(({ segment_id }) => segment_id === only);
}
