// IP prefixes. The canonical text is the canonical network address, a slash and the length, with all host bits zero.

import { branded, type Branded } from './brand.ts';
import { addressBits, compareIp, family, ip, ipFromBigInt, ipToBigInt, parseIp } from './ip.ts';
import type { Family, IpAddress } from './ip.ts';
import { eui64InterfaceId, type Mac } from './mac.ts';
import { accept, refuse, trusted, type Parsed } from './parsed.ts';
import type { Range } from './range.ts';

export type Cidr = Branded<string, 'Cidr'>;

const decimal = /^(?:0|[1-9][0-9]{0,2})$/;

/** Reads `address/length`; refuses an address with host bits set, naming the network that was probably meant. */
export function parseCidr(text: string): Parsed<Cidr> {
  const split = splitCidr(text);
  if (!split.ok) return split;
  const network = networkOf(split.value.address, split.value.length);
  if (networkAddress(network) !== split.value.address) {
    return refuse(`'${text}' has host bits set, '${network}' is recommended`);
  }
  return accept(network);
}

/** Reads `address/length` and clears its host bits; a bare address is a prefix of that one address. */
export function parseCidrLenient(text: string): Parsed<Cidr> {
  if (!text.includes('/')) {
    const address = parseIp(text);
    return address.ok ? accept(hostCidr(address.value)) : address;
  }
  const split = splitCidr(text);
  return split.ok ? accept(networkOf(split.value.address, split.value.length)) : split;
}

function splitCidr(text: string): Parsed<{ readonly address: IpAddress; readonly length: number }> {
  const slash = text.indexOf('/');
  const digits = text.slice(slash + 1);
  const address = parseIp(text.slice(0, slash === -1 ? text.length : slash));
  if (slash === -1 || !address.ok || !decimal.test(digits) || Number(digits) > addressBits[family(address.value)]) {
    return refuse(`'${text}' is not a valid IP subnet`);
  }
  return accept({ address: address.value, length: Number(digits) });
}

/** The prefix that a literal spells; throws when it spells none or has host bits set. */
export function cidr(literal: string): Cidr {
  return trusted(parseCidr(literal));
}

/** The prefix of `length` bits that `address` is in: host bits are cleared. */
export function networkOf(address: IpAddress, length: number): Cidr {
  const bits = addressBits[family(address)];
  if (!Number.isInteger(length) || length < 0 || length > bits) {
    throw new RangeError(`/${length} is not a prefix length of IPv${family(address)}`);
  }
  const hostBits = BigInt(bits - length);
  const network = ipFromBigInt((ipToBigInt(address) >> hostBits) << hostBits, family(address));
  return branded(`${network}/${length}`);
}

/** The prefix of that one address: /32 or /128. */
export function hostCidr(address: IpAddress): Cidr {
  return networkOf(address, addressBits[family(address)]);
}

/** Tells a prefix from an address where either may stand. */
export function isCidr(either: IpAddress | Cidr): either is Cidr {
  return either.includes('/');
}

export function cidrFamily(prefix: Cidr): Family {
  return prefix.includes(':') ? 6 : 4;
}

export function prefixLength(prefix: Cidr): number {
  return Number(prefix.slice(prefix.indexOf('/') + 1));
}

/** The address with all host bits zero. */
export function networkAddress(prefix: Cidr): IpAddress {
  // What stands before the slash is canonical because the whole text is.
  return branded(prefix.slice(0, prefix.indexOf('/')));
}

/** The address with all host bits one. */
export function lastAddress(prefix: Cidr): IpAddress {
  return ipFromBigInt(cidrRange(prefix).last, cidrFamily(prefix));
}

/** The address after the network address, the usual place of a gateway; the only address of a /32 or /128. */
export function firstAddress(prefix: Cidr): IpAddress {
  const { first, last } = cidrRange(prefix);
  return ipFromBigInt(first === last ? first : first + 1n, cidrFamily(prefix));
}

/** The broadcast address of an IPv4 prefix of at most 30 bits; others have none (RFC 3021 for /31). */
export function broadcast(prefix: Cidr): IpAddress | undefined {
  return cidrFamily(prefix) === 4 && prefixLength(prefix) < 31 ? lastAddress(prefix) : undefined;
}

/** The netmask as an address: 255.255.255.0 for a /24. */
export function netmask(prefix: Cidr): IpAddress {
  const bits = addressBits[cidrFamily(prefix)];
  const hostBits = BigInt(bits - prefixLength(prefix));
  return ipFromBigInt((((1n << BigInt(bits)) - 1n) >> hostBits) << hostBits, cidrFamily(prefix));
}

/** How many addresses the prefix has, network and broadcast address included. */
export function addressCount(prefix: Cidr): bigint {
  return 1n << BigInt(addressBits[cidrFamily(prefix)] - prefixLength(prefix));
}

/** How many addresses can be given to hosts: without IPv4's network and broadcast address and IPv6's anycast one. */
export function hostCount(prefix: Cidr): bigint {
  const { first, last } = hostRange(prefix);
  return last - first + 1n;
}

/** All addresses of the prefix, as numbers. */
export function cidrRange(prefix: Cidr): Range {
  const first = ipToBigInt(networkAddress(prefix));
  return { first, last: first + addressCount(prefix) - 1n };
}

/**
 * The addresses that hosts may have, as numbers. IPv4 loses the network and the broadcast address up to /30 (RFC 3021
 * keeps both of a /31); IPv6 loses the Subnet-Router anycast address up to /126 (RFC 4291 section 2.6.1, RFC 6164).
 */
export function hostRange(prefix: Cidr): Range {
  const { first, last } = cidrRange(prefix);
  if (last - first < 2n) return { first, last };
  return cidrFamily(prefix) === 4 ? { first: first + 1n, last: last - 1n } : { first: first + 1n, last };
}

/** Whether an address, or the whole of another prefix, is in `prefix`. False across families. */
export function cidrContains(prefix: Cidr, inner: IpAddress | Cidr): boolean {
  const [address, length] = isCidr(inner)
    ? [networkAddress(inner), prefixLength(inner)]
    : [inner, addressBits[family(inner)]];
  if (family(address) !== cidrFamily(prefix) || length < prefixLength(prefix)) return false;
  return networkOf(address, prefixLength(prefix)) === prefix;
}

export function cidrOverlaps(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b) || cidrContains(b, a);
}

/** Order by family, network address, then the shorter prefix first. */
export function compareCidr(a: Cidr, b: Cidr): number {
  return compareIp(networkAddress(a), networkAddress(b)) || prefixLength(a) - prefixLength(b);
}

/** The address that a station with `mac` forms by SLAAC (RFC 4862). The prefix must be IPv6 and at most 64 bits long. */
export function eui64Address(prefix: Cidr, mac: Mac): IpAddress {
  if (cidrFamily(prefix) !== 6 || prefixLength(prefix) > 64) {
    throw new RangeError(`no EUI-64 address fits into ${prefix}`);
  }
  const network = ipToBigInt(networkAddress(prefix));
  return ipFromBigInt((network & ~0xffffffffffffffffn) | eui64InterfaceId(mac), 6);
}

/** fe80::/64, where every IPv6 interface has an address (RFC 4291 section 2.5.6). */
export const linkLocalPrefix: Cidr = networkOf(ip('fe80::'), 64);
