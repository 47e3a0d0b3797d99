// Matches on the wire: OpenFlow extensible match (OpenFlow 1.4 section 7.2.3) with Nicira's fields among the basic ones.

import { fieldOfHeader, fields, fullMask, headerBytes, type FieldName } from '../field.ts';
import { namesOf, type Match, type Test } from '../match.ts';
import { ByteReader, MalformedMessage, type ByteWriter } from './bytes.ts';

const matchTypeOxm = 1; // OFPMT_OXM
const maskBit = 0x100;

/** The header of a field whose value is followed by a mask. */
function maskedHeader(header: number): number {
  return ((header & ~0xff) | maskBit | (headerBytes(header) * 2)) >>> 0;
}

/** Writes struct ofp_match, padded to 8 bytes. */
export function writeMatch(out: ByteWriter, match: Match): void {
  const start = out.length;
  out.u16(matchTypeOxm);
  out.u16(0);
  for (const name of namesOf(match)) {
    const test = match[name];
    if (test !== undefined) writeTest(out, name, test);
  }
  out.patch16(start + 2, out.length - start);
  out.alignTo8(start);
}

function writeTest(out: ByteWriter, name: FieldName, { value, mask }: Test): void {
  const { oxm } = fields[name];
  const bytes = headerBytes(oxm);
  const exact = mask === fullMask(name);
  out.u32(exact ? oxm : maskedHeader(oxm));
  out.unsigned(value, bytes);
  if (!exact) out.unsigned(mask, bytes);
}

/** Writes one field with its value, as set_field carries it. */
export function writeField(out: ByteWriter, name: FieldName, value: bigint): void {
  writeTest(out, name, { value, mask: fullMask(name) });
}

export interface WireMatch {
  /** Null when the match tests a field that our language does not have. */
  readonly match: Match | null;
  /** The struct as it came, padding included: enough to name the flow to the switch again. */
  readonly raw: Uint8Array;
}

/** Reads struct ofp_match and its padding. */
export function readMatch(input: ByteReader): WireMatch {
  const start = input.position;
  const [type, length] = [input.u16(), input.u16()];
  if (type !== matchTypeOxm || length < 4) throw new MalformedMessage(`a match of type ${type} and length ${length}`);
  const tests = input.bytes(length - 4);
  const padded = Math.ceil(length / 8) * 8;
  input.alignTo8(start);
  const raw = new Uint8Array(padded);
  new DataView(raw.buffer).setUint32(0, (type << 16) | length);
  raw.set(tests, 4);
  return { match: readTests(new ByteReader(tests)), raw };
}

function readTests(input: ByteReader): Match | null {
  const match: { -readonly [Name in FieldName]?: Test } = {};
  let known = true;
  while (input.remaining > 0) {
    const header = input.u32();
    const masked = (header & maskBit) !== 0;
    const bytes = masked ? headerBytes(header) / 2 : headerBytes(header);
    const name = fieldOfHeader(masked ? (header & ~0x1ff) | bytes : header);
    const value = input.unsigned(bytes);
    const mask = masked ? input.unsigned(bytes) : null;
    if (name === undefined) known = false;
    else match[name] = { value, mask: mask === null ? fullMask(name) : mask & fullMask(name) };
  }
  return known ? match : null;
}

/** Reads one field with its value; null for one that our language does not have, or that carries a mask. */
export function readField(input: ByteReader): { readonly field: FieldName; readonly value: bigint } | null {
  const header = input.u32();
  const field = fieldOfHeader(header);
  const value = input.unsigned(headerBytes(header));
  return field === undefined ? null : { field, value };
}
