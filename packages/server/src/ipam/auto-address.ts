// Subnets whose addresses stations form themselves (SLAAC): the server computes what each station will form.

import { eui64Address, type Cidr } from '@neutronium/net/cidr';
import { ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { Ipv6Mode } from '@neutronium/model/host-view';

export interface Ipv6Modes {
  readonly ipv6_ra_mode: Ipv6Mode | null;
  readonly ipv6_address_mode: Ipv6Mode | null;
}

/** Whether each port of the network has the EUI-64 address of its MAC here, and can have no other. */
export function isAutoAddressSubnet({ ipv6_ra_mode, ipv6_address_mode }: Ipv6Modes): boolean {
  return isAutoMode(ipv6_ra_mode) || isAutoMode(ipv6_address_mode);
}

function isAutoMode(mode: Ipv6Mode | null): boolean {
  return mode === 'slaac' || mode === 'dhcpv6-stateless';
}

/** The address that a station with `mac` forms in an auto-address subnet. */
export function autoAddress(cidr: Cidr, mac: Mac): IpAddress {
  return eui64Address(cidr, mac);
}

/** Whether the interface identifier was made from a MAC: ff:fe in its middle (RFC 4291 appendix A). */
export function isEui64Address(address: IpAddress): boolean {
  return address.includes(':') && ((ipToBigInt(address) >> 24n) & 0xffffn) === 0xfffen;
}
