// The learn action on the wire (NXAST_LEARN): a header and a list of specs, each saying where bits come from and what
// they become in the learned flow.

import type { Learn, LearnSpec } from '../action.ts';
import { fieldOfHeader, fields, type Slice } from '../field.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

const source = { field: 0, immediate: 1 } as const;
const destination = { match: 0, load: 1, output: 2 } as const;

/** Writes what follows the subtype of a learn action, without the final padding. */
export function writeLearn(out: ByteWriter, action: Learn<number>, cookie: bigint): void {
  out.u16(action.idleTimeoutSeconds);
  out.u16(action.hardTimeoutSeconds);
  out.u16(action.priority);
  out.u64(cookie);
  out.u16(0); // flags
  out.u8(action.table);
  out.zeros(1);
  out.u16(0); // fin_idle_timeout
  out.u16(0); // fin_hard_timeout
  for (const spec of action.specs) writeSpec(out, spec);
}

function writeSpec(out: ByteWriter, spec: LearnSpec): void {
  switch (spec.kind) {
    case 'match_field':
      specHeader(out, source.field, destination.match, spec.to.bits);
      slice(out, spec.from);
      slice(out, spec.to);
      break;
    case 'match_value':
      specHeader(out, source.immediate, destination.match, spec.to.bits);
      out.unsigned(spec.value, immediateBytes(spec.to.bits));
      slice(out, spec.to);
      break;
    case 'load_field':
      specHeader(out, source.field, destination.load, spec.to.bits);
      slice(out, spec.from);
      slice(out, spec.to);
      break;
    case 'load_value':
      specHeader(out, source.immediate, destination.load, spec.to.bits);
      out.unsigned(spec.value, immediateBytes(spec.to.bits));
      slice(out, spec.to);
      break;
    case 'output':
      specHeader(out, source.field, destination.output, spec.from.bits);
      slice(out, spec.from);
      break;
  }
}

function specHeader(out: ByteWriter, from: number, to: number, bits: number): void {
  out.u16((from << 13) | (to << 11) | bits);
}

function slice(out: ByteWriter, { field, start }: Slice): void {
  out.u32(fields[field].nxm);
  out.u16(start);
}

/** Immediate values fill whole 16-bit words. */
function immediateBytes(bits: number): number {
  return Math.ceil(bits / 16) * 2;
}

/** Reads what writeLearn writes; null for flags, timeouts or fields that are not in our language. */
export function readLearn(body: ByteReader): Learn<number> | null {
  const [idleTimeoutSeconds, hardTimeoutSeconds, priority] = [body.u16(), body.u16(), body.u16()];
  body.skip(8);
  const flags = body.u16();
  const table = body.u8();
  body.skip(1);
  const finTimeouts = body.u32();
  const specs: LearnSpec[] = [];
  while (body.remaining >= 2) {
    const header = body.u16();
    if (header === 0) break;
    const spec = readSpec(body, header);
    if (spec === null) return null;
    specs.push(spec);
  }
  if (flags !== 0 || finTimeouts !== 0) return null;
  return { kind: 'learn', table, priority, idleTimeoutSeconds, hardTimeoutSeconds, specs };
}

function readSpec(body: ByteReader, header: number): LearnSpec | null {
  const bits = header & 0x7ff;
  const [from, to] = [(header >> 13) & 1, (header >> 11) & 3];
  const value = from === source.immediate ? body.unsigned(immediateBytes(bits)) : null;
  const origin = from === source.field ? readSlice(body, bits) : null;
  if (to === destination.output) return origin === null ? null : { kind: 'output', from: origin };
  const target = readSlice(body, bits);
  if (target === null) return null;
  if (to === destination.match) {
    if (value !== null) return { kind: 'match_value', value, to: target };
    return origin === null ? null : { kind: 'match_field', from: origin, to: target };
  }
  if (value !== null) return { kind: 'load_value', value, to: target };
  return origin === null ? null : { kind: 'load_field', from: origin, to: target };
}

function readSlice(body: ByteReader, bits: number): Slice | null {
  const field = fieldOfHeader(body.u32());
  const start = body.u16();
  return field === undefined ? null : { field, start, bits };
}
