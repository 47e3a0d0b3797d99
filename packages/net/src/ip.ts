// IP addresses. The canonical text is dotted decimal for IPv4 and RFC 5952 for IPv6, so that two equal addresses are
// equal strings.

import { branded, type Branded } from './brand.ts';
import { accept, refuse, trusted, type Parsed } from './parsed.ts';

export type IpAddress = Branded<string, 'IpAddress'>;
export type Family = 4 | 6;

/** Bits of an address of each family. */
export const addressBits: Readonly<Record<Family, 32 | 128>> = { 4: 32, 6: 128 };

/**
 * Reads an address. IPv4 needs its four decimal numbers without leading zeros: some systems read 010.1.1.1 as octal
 * (8.1.1.1), so it means two things and is refused. IPv6 zones (`%eth0`) name a link of one host and are refused too.
 */
export function parseIp(text: string): Parsed<IpAddress> {
  const value = text.includes(':') ? ipv6Value(text) : ipv4Value(text);
  if (value === undefined) return refuse(`'${text}' is not a valid IP address`);
  return accept(ipFromBigInt(value, text.includes(':') ? 6 : 4));
}

/** The address that a literal spells; throws when it spells none. */
export function ip(literal: string): IpAddress {
  return trusted(parseIp(literal));
}

export function family(address: IpAddress): Family {
  return address.includes(':') ? 6 : 4;
}

export function ipToBigInt(address: IpAddress): bigint {
  const value = address.includes(':') ? ipv6Value(address) : ipv4Value(address);
  if (value === undefined) throw new TypeError(`'${address}' is not a valid IP address`);
  return value;
}

/** The address of `family` with the number `value`; throws RangeError outside the family's address space. */
export function ipFromBigInt(value: bigint, family: Family): IpAddress {
  if (value < 0n || value >> BigInt(addressBits[family]) !== 0n) {
    throw new RangeError(`${value} is outside the IPv${family} address space`);
  }
  return branded(family === 4 ? renderIpv4(Number(value)) : renderIpv6(value));
}

/** Order by family, then by number: negative, zero or positive as for Array.prototype.sort. */
export function compareIp(a: IpAddress, b: IpAddress): number {
  const families = family(a) - family(b);
  if (families !== 0) return families;
  const difference = ipToBigInt(a) - ipToBigInt(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 section 2.7). */
export function isMulticastIp(address: IpAddress): boolean {
  if (family(address) === 6) return ipToBigInt(address) >> 120n === 0xffn;
  return ipToBigInt(address) >> 28n === 0xen;
}

/** 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291 section 2.5.6). */
export function isLinkLocal(address: IpAddress): boolean {
  if (family(address) === 6) return ipToBigInt(address) >> 118n === 0x3fan;
  return ipToBigInt(address) >> 16n === 0xa9fen;
}

/** 127.0.0.0/8 (RFC 1122 section 3.2.1.3) or ::1. */
export function isLoopback(address: IpAddress): boolean {
  if (family(address) === 6) return ipToBigInt(address) === 1n;
  return ipToBigInt(address) >> 24n === 127n;
}

/** 0.0.0.0 or ::. */
export function isUnspecified(address: IpAddress): boolean {
  return ipToBigInt(address) === 0n;
}

/** The name of the address in the reverse tree, without a trailing dot (RFC 1035 section 3.5, RFC 3596 section 2.5). */
export function reverseName(address: IpAddress): string {
  if (family(address) === 4) return `${address.split('.').toReversed().join('.')}.in-addr.arpa`;
  const nibbles = ipToBigInt(address).toString(16).padStart(32, '0');
  return `${nibbles.split('').toReversed().join('.')}.ip6.arpa`;
}

const decimalByte = /^(?:0|[1-9][0-9]{0,2})$/;
const hexGroup = /^[0-9a-f]{1,4}$/i;

function ipv4Value(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    const byte = Number(part);
    if (!decimalByte.test(part) || byte > 255) return undefined;
    value = value * 256 + byte;
  }
  return BigInt(value);
}

function ipv6Value(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = [halves[0] ?? '', halves[1]];
  const high = groupsOf(head, tail === undefined);
  const low = tail === undefined ? [] : groupsOf(tail, true);
  if (high === undefined || low === undefined) return undefined;
  const missing = 8 - high.length - low.length;
  // `::` stands for at least one group of zeros (RFC 4291 section 2.2).
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...high, ...Array.from({ length: missing }, () => 0), ...low];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The 16-bit groups of one side of `::`; a dotted quad may end the text only where `mayEndInIpv4`. */
function groupsOf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (hexGroup.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const embedded = mayEndInIpv4 && index === parts.length - 1 ? ipv4Value(part) : undefined;
    if (embedded === undefined) return undefined;
    groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn));
  }
  return groups;
}

function renderIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

function renderIpv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${renderIpv4(Number(value & 0xffffffffn))}`; // RFC 5952 section 5
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn));
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return renderGroups(groups);
  return `${renderGroups(groups.slice(0, start))}::${renderGroups(groups.slice(start + length))}`;
}

function renderGroups(groups: readonly number[]): string {
  return groups.map((group) => group.toString(16)).join(':');
}

/** The first of the longest runs of zero groups (RFC 5952 section 4.2.3). */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
