// The address of a subnet's router.

import { IpamValueInvalid } from '@neutronium/model/errors';
import { cidrFamily, cidrRange, lastAddress, networkAddress, type Cidr } from '@neutronium/net/cidr';
import { ipFromBigInt, type IpAddress } from '@neutronium/net/ip';

/** Whether a router may have the address: inside an IPv4 subnet the first and the last address are no host's. */
export function mayBeGateway(cidr: Cidr, address: IpAddress): boolean {
  return cidrFamily(cidr) === 6 || (address !== networkAddress(cidr) && address !== lastAddress(cidr));
}

/**
 * The gateway of a subnet that names none: IPv4's first host (of a /32, its neighbour), and IPv6's network address,
 * which routers answer to anyway (RFC 4291 section 2.6.1). Throws IpamValueInvalid for a /31, which has no such host.
 */
export function defaultGateway(cidr: Cidr): IpAddress {
  if (cidrFamily(cidr) === 6) return networkAddress(cidr);
  const gateway_ip = afterNetworkAddress(cidr);
  if (!mayBeGateway(cidr, gateway_ip)) throw new IpamValueInvalid({ gateway_ip, cidr });
  return gateway_ip;
}

/** The gateway of a subnet whose prefix the pool chose: its first host in both families. */
export function defaultGatewayOfPool(cidr: Cidr): IpAddress {
  return afterNetworkAddress(cidr);
}

function afterNetworkAddress(cidr: Cidr): IpAddress {
  return ipFromBigInt(cidrRange(cidr).first + 1n, cidrFamily(cidr));
}
