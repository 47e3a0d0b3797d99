// A packet as flows see it: the values of its fields, and of the registers and marks that travel with it.

import { macToBigInt, type Mac } from '@neutronium/net/mac';
import type { Match } from '../openflow/match.ts';
import { fullMask, type FieldName, type Slice } from '../openflow/field.ts';

export interface Packet {
  /** A field that is not here has the value 0, which for vlan_vid means that there is no tag. */
  readonly fields: { readonly [Name in FieldName]?: bigint };
  /** The tags below the outermost one, which is in vlan_vid and vlan_pcp; the outer of them first. */
  readonly innerTags: readonly Tag[];
}

interface Tag {
  readonly vid: bigint;
  readonly pcp: bigint;
}

/** The packet with those fields and at most one tag. */
export function packet(given: { readonly [Name in FieldName]?: number | bigint | Mac }): Packet {
  const fields: { -readonly [Name in FieldName]?: bigint } = {};
  // Object.entries widens the names; the parameter has no other keys.
  for (const [name, value] of Object.entries(given) as [FieldName, number | bigint | Mac][]) {
    fields[name] = typeof value === 'string' ? macToBigInt(value) : BigInt(value);
  }
  return { fields, innerTags: [] };
}

/** The packet that a match of single values describes. */
export function packetOf(tests: Match): Packet {
  return { fields: Object.fromEntries(Object.entries(tests).map(([name, test]) => [name, test.value])), innerTags: [] };
}

const vidBits = 12n;
const tagPresent = 1n << vidBits;

/** The value of a field. vlan_tci is another view of vlan_vid and vlan_pcp. */
export function readField({ fields }: Packet, name: FieldName): bigint {
  if (name !== 'vlan_tci') return fields[name] ?? 0n;
  return ((fields.vlan_pcp ?? 0n) << (vidBits + 1n)) | (fields.vlan_vid ?? 0n);
}

export function writeField(from: Packet, name: FieldName, value: bigint): Packet {
  const set = (fields: Packet['fields']): Packet => ({ ...from, fields: { ...from.fields, ...fields } });
  if (name !== 'vlan_tci') return set({ [name]: value });
  return set({ vlan_vid: value & fullMask('vlan_vid'), vlan_pcp: value >> (vidBits + 1n) });
}

export function readSlice(from: Packet, { field, start, bits }: Slice): bigint {
  return (readField(from, field) >> BigInt(start)) & ((1n << BigInt(bits)) - 1n);
}

export function writeSlice(to: Packet, { field, start, bits }: Slice, value: bigint): Packet {
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(start);
  return writeField(to, field, (readField(to, field) & ~mask) | (value << BigInt(start)));
}

/** The packet with one more tag of VLAN 0, whose priority is that of the tag below it. */
export function pushTag(under: Packet): Packet {
  const { vlan_vid: vid = 0n, vlan_pcp: pcp = 0n } = under.fields;
  const innerTags = vid === 0n ? under.innerTags : [{ vid, pcp }, ...under.innerTags];
  return { fields: { ...under.fields, vlan_vid: tagPresent, vlan_pcp: pcp }, innerTags };
}

/** The packet without its outermost tag; one without a tag stays as it is. */
export function popTag(from: Packet): Packet {
  const [{ vid, pcp } = { vid: 0n, pcp: 0n }, ...innerTags] = from.innerTags;
  return { fields: { ...from.fields, vlan_vid: vid, vlan_pcp: pcp }, innerTags };
}
