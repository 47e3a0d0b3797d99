// What a port's status is, from what hosts have confirmed of it. A port is ACTIVE when its switch has its flows and,
// where the network's DHCP is to give it an address, a DHCP server has its reservation: an instance that is told that
// its port is ACTIVE may ask for its address at once.

import type { FixedIp, SubnetView } from '@neutronium/model/host-view';
import type { PortRecord } from '@neutronium/model/resources/port';
import type { PortState } from '@neutronium/model/watch-protocol';

export type PortStatusText = PortRecord['status'];

export interface Provisioning {
  /** What the port's own host says now; undefined when it says nothing new. */
  readonly reported: PortState | undefined;
  /** The host has confirmed the port's flows, now or earlier, and has not said since that its device is gone. */
  readonly wired: boolean;
  readonly waitsForDhcp: boolean;
}

/** The status of a port that was `before`. */
export function decideStatus(before: PortStatusText, { reported, wired, waitsForDhcp }: Provisioning): PortStatusText {
  // The ports of floating IPs have no device, and no host speaks of them.
  if (before === 'N/A') return before;
  if (wired) return waitsForDhcp && before !== 'ACTIVE' ? 'BUILD' : 'ACTIVE';
  switch (reported) {
    case 'building':
    case 'wired':
      return 'BUILD';
    case 'absent':
    case 'dead':
    case 'failed':
      return 'DOWN';
    case undefined:
      return before;
  }
}

/** Whether a report says that what was wired before is wired no more. A device that is looked at anew may well be. */
export function endsWiring(state: PortState): boolean {
  return state === 'absent' || state === 'dead' || state === 'failed';
}

/** The part of a subnet that says whether a DHCP server gives out its addresses. */
export type LeasingSubnet = Pick<SubnetView, 'id' | 'ip_version' | 'enable_dhcp' | 'ipv6_address_mode'>;

/** Whether the DHCP of the network gives the port an address. The network's own services do not ask for theirs. */
export function leasesAddress(
  port: { readonly device_owner: string; readonly fixed_ips: readonly FixedIp[] },
  subnets: readonly LeasingSubnet[],
): boolean {
  if (port.device_owner.startsWith('network:')) return false;
  const leasing = new Set(subnets.filter(isLeasing).map(({ id }) => id));
  return port.fixed_ips.some(({ subnet_id }) => leasing.has(subnet_id));
}

/** Stateless DHCPv6 gives out options, and router advertisements the addresses. */
function isLeasing({ ip_version, enable_dhcp, ipv6_address_mode }: LeasingSubnet): boolean {
  if (!enable_dhcp) return false;
  return ip_version === 4 || ipv6_address_mode === null || ipv6_address_mode === 'dhcpv6-stateful';
}
