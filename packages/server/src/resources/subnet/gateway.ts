// The address of a subnet's router.

import { cidrFamily, cidrRange, networkAddress, type Cidr } from '@neutronium/net/cidr';
import { ipFromBigInt, type IpAddress } from '@neutronium/net/ip';

/**
 * The gateway of a subnet that names none: IPv4's first host (of a /32, its neighbour), and IPv6's network address,
 * which routers answer to anyway (RFC 4291 section 2.6.1).
 */
export function defaultGateway(cidr: Cidr): IpAddress {
  return cidrFamily(cidr) === 4 ? afterNetworkAddress(cidr) : networkAddress(cidr);
}

/** The gateway of a subnet whose prefix the pool chose: its first host in both families. */
export function defaultGatewayOfPool(cidr: Cidr): IpAddress {
  return afterNetworkAddress(cidr);
}

function afterNetworkAddress(cidr: Cidr): IpAddress {
  return ipFromBigInt(cidrRange(cidr).first + 1n, cidrFamily(cidr));
}
