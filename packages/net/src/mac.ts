// Ethernet addresses (EUI-48). The canonical text is six pairs of lower-case hexadecimal digits joined by colons.

import { branded, type Branded } from './brand.ts';
import { accept, refuse, trusted, type Parsed } from './parsed.ts';

export type Mac = Branded<string, 'Mac'>;

const spellings = [
  /^[0-9a-f]{1,2}(?::[0-9a-f]{1,2}){5}$/i, // aa:bb:cc:dd:ee:ff, and a pair may drop its leading zero
  /^[0-9a-f]{1,2}(?:-[0-9a-f]{1,2}){5}$/i, // aa-bb-cc-dd-ee-ff
];
const dotted = /^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}$/i; // aabb.ccdd.eeff
const bare = /^[0-9a-f]{12}$/i; // aabbccddeeff

/** Reads the colon, dash, dotted-triple and bare spellings, in either case. */
export function parseMac(text: string): Parsed<Mac> {
  const pairs = pairsOf(text);
  if (pairs === undefined) return refuse(`'${text}' is not a MAC address`);
  return accept(branded<Mac>(pairs.map((pair) => pair.padStart(2, '0').toLowerCase()).join(':')));
}

function pairsOf(text: string): readonly string[] | undefined {
  if (spellings.some((spelling) => spelling.test(text))) return text.split(/[:-]/);
  if (dotted.test(text) || bare.test(text)) return text.replaceAll('.', '').match(/../g) ?? undefined;
  return undefined;
}

/** The address that a literal spells; throws when it spells none. */
export function mac(literal: string): Mac {
  return trusted(parseMac(literal));
}

/** The address with the value of the low 48 bits of `value`. */
export function macFromBigInt(value: bigint): Mac {
  const digits = BigInt.asUintN(48, value).toString(16).padStart(12, '0');
  return branded((digits.match(/../g) ?? []).join(':'));
}

export function macToBigInt(address: Mac): bigint {
  return BigInt(`0x${address.replaceAll(':', '')}`);
}

/** Whether frames to the address reach more than one station: the group bit (IEEE 802-2014 section 8.2.2). */
export function isMulticast(address: Mac): boolean {
  return (Number.parseInt(address.slice(0, 2), 16) & 1) === 1;
}

/** Whether the address was assigned locally and not by a vendor: the U/L bit (IEEE 802-2014 section 8.2.2). */
export function isLocallyAdministered(address: Mac): boolean {
  return (Number.parseInt(address.slice(0, 2), 16) & 2) === 2;
}

/** The modified EUI-64 interface identifier that SLAAC makes from the address (RFC 4291 appendix A), 64 bits. */
export function eui64InterfaceId(address: Mac): bigint {
  const value = macToBigInt(address);
  const vendor = value >> 24n;
  const device = value & 0xffffffn;
  const flippedUniversalBit = vendor ^ 0x020000n;
  return (flippedUniversalBit << 40n) | (0xfffen << 24n) | device;
}

/** The address that SLAAC makes that interface identifier, 64 bits, of; null when it is not made of one. */
export function macOfInterfaceId(interfaceId: bigint): Mac | null {
  if (((interfaceId >> 24n) & 0xffffn) !== 0xfffen) return null;
  const vendor = (interfaceId >> 40n) ^ 0x020000n;
  return macFromBigInt((vendor << 24n) | (interfaceId & 0xffffffn));
}
