import type { Ipv6Mode } from '@neutronium/model/host-view';

export interface DhcpSubnet {
  readonly ip_version: 4 | 6;
  readonly enable_dhcp: boolean;
  readonly ipv6_ra_mode: Ipv6Mode | null;
  readonly ipv6_address_mode: Ipv6Mode | null;
}

/**
 * Whether somebody has to answer DHCP requests on the subnet. Where instances form their addresses from router
 * advertisements alone, nobody has.
 */
export function needsDhcpServer({ ip_version, enable_dhcp, ipv6_ra_mode, ipv6_address_mode }: DhcpSubnet): boolean {
  if (!enable_dhcp || ip_version === 4) return enable_dhcp;
  const unmanaged = ipv6_address_mode === null && ipv6_ra_mode === null;
  return unmanaged || ipv6_address_mode === 'dhcpv6-stateful' || ipv6_address_mode === 'dhcpv6-stateless';
}
