// Instructions and actions on the wire: OpenFlow 1.4 sections 7.2.4 and 7.2.5, and Nicira's extension actions, which
// are what ovs-vswitchd itself sends back for resubmit, load, move, ct, learn and conjunction.

import type { Action, Ct, Load, Move, Nat, PortRef, ReservedPort, SetField } from '../action.ts';
import { fieldOfHeader, fields, type Slice } from '../field.ts';
import { ByteReader, type ByteWriter } from './bytes.ts';
import { readLearn, writeLearn } from './learn.ts';
import { readNat, writeNat } from './nat.ts';
import { readField, writeField } from './oxm.ts';
import { offsetAndBits, readSlice } from './slice.ts';

const instruction = { gotoTable: 1, applyActions: 4, meter: 6 } as const;
const standard = {
  output: 0,
  pushVlan: 17,
  popVlan: 18,
  setQueue: 21,
  decNwTtl: 24,
  setField: 25,
  experimenter: 0xffff,
} as const;
export const niciraVendor = 0x00002320;
const nicira = {
  regMove: 6,
  regLoad: 7,
  resubmitTable: 14,
  outputReg: 15,
  learn: 16,
  conjunction: 34,
  ct: 35,
  nat: 36,
  ctClear: 43,
} as const;

const vlanTagType = 0x8100;
const reservedPorts: Readonly<Record<ReservedPort, number>> = {
  IN_PORT: 0xfffffff8,
  NORMAL: 0xfffffffa,
  FLOOD: 0xfffffffb,
  ALL: 0xfffffffc,
  CONTROLLER: 0xfffffffd,
  LOCAL: 0xfffffffe,
};
const reservedNames: ReadonlyMap<number, ReservedPort> = new Map(
  // Object.entries widens the keys of reservedPorts to string.
  Object.entries(reservedPorts).map(([name, number]) => [number, name as ReservedPort]),
);
const sendWholePacket = 0xffff; // OFPCML_NO_BUFFER
/** OFPP_IN_PORT in the 16 bits that resubmit has for a port: search with the packet's own in_port. */
const ownInPort = 0xfff8;

/** Writes the instructions that carry out `actions`; none for a drop. `cookie` marks the flows that learn makes. */
export function writeInstructions(out: ByteWriter, actions: readonly Action[], cookie: bigint): void {
  const applied = actions.filter((action) => action.kind !== 'goto' && action.kind !== 'meter');
  for (const action of actions) {
    if (action.kind !== 'meter') continue;
    out.u16(instruction.meter);
    out.u16(8);
    out.u32(action.meter);
  }
  if (applied.length > 0) {
    const start = out.length;
    out.u16(instruction.applyActions);
    out.u16(0);
    out.zeros(4);
    for (const action of applied) writeAction(out, action, cookie);
    out.patch16(start + 2, out.length - start);
  }
  for (const action of actions) {
    if (action.kind !== 'goto') continue;
    out.u16(instruction.gotoTable);
    out.u16(8);
    out.u8(action.table);
    out.zeros(3);
  }
}

/** Reads instructions to the end of `input`; null when one of them is not in our language. */
export function readInstructions(input: ByteReader): readonly Action[] | null {
  const actions: (Action | null)[] = [];
  while (input.remaining > 0) {
    const type = input.u16();
    const body = new ByteReader(input.bytes(input.u16() - 4));
    switch (type) {
      case instruction.gotoTable:
        actions.push({ kind: 'goto', table: body.u8() });
        break;
      case instruction.applyActions:
        body.skip(4);
        actions.push(...readActions(body));
        break;
      case instruction.meter:
        actions.push({ kind: 'meter', meter: body.u32() });
        break;
      default:
        actions.push(null);
    }
  }
  return allKnown(actions);
}

function allKnown<T>(items: readonly (T | null)[]): readonly T[] | null {
  const known = items.filter((item) => item !== null);
  return known.length === items.length ? known : null;
}

function writeAction(out: ByteWriter, action: Action, cookie: bigint): void {
  const start = out.length;
  switch (action.kind) {
    case 'output':
      begin(out, standard.output);
      out.u32(portNumber(action.port));
      out.u16(action.port === 'CONTROLLER' ? sendWholePacket : 0);
      out.zeros(6);
      break;
    case 'output_slice':
      beginNicira(out, nicira.outputReg);
      out.u16(offsetAndBits(action.from));
      out.u32(fields[action.from.field].nxm);
      out.u16(sendWholePacket);
      out.zeros(6);
      break;
    case 'resubmit':
      beginNicira(out, nicira.resubmitTable);
      out.u16(action.inPort ?? ownInPort);
      out.u8(action.table);
      out.zeros(3);
      break;
    case 'set_field':
      begin(out, standard.setField);
      writeField(out, action.field, action.value);
      break;
    case 'load':
      beginNicira(out, nicira.regLoad);
      out.u16(offsetAndBits(action.to));
      out.u32(fields[action.to.field].nxm);
      out.u64(action.value);
      break;
    case 'move':
      beginNicira(out, nicira.regMove);
      out.u16(action.from.bits);
      out.u16(action.from.start);
      out.u16(action.to.start);
      out.u32(fields[action.from.field].nxm);
      out.u32(fields[action.to.field].nxm);
      break;
    case 'push_vlan':
      begin(out, standard.pushVlan);
      out.u16(vlanTagType);
      break;
    case 'pop_vlan':
      begin(out, standard.popVlan);
      break;
    case 'dec_ttl':
      begin(out, standard.decNwTtl);
      break;
    case 'set_queue':
      begin(out, standard.setQueue);
      out.u32(action.queue);
      break;
    case 'ct':
      beginNicira(out, nicira.ct);
      writeCt(out, action, cookie);
      break;
    case 'ct_clear':
      beginNicira(out, nicira.ctClear);
      break;
    case 'conjunction':
      beginNicira(out, nicira.conjunction);
      out.u8(action.clause - 1);
      out.u8(action.clauses);
      out.u32(action.id);
      break;
    case 'learn':
      beginNicira(out, nicira.learn);
      writeLearn(out, action, cookie);
      break;
    case 'goto':
    case 'meter':
      return; // Instructions of their own.
  }
  finish(out, start);
}

function begin(out: ByteWriter, type: number): void {
  out.u16(type);
  out.u16(0);
}

function beginNicira(out: ByteWriter, subtype: number): void {
  begin(out, standard.experimenter);
  out.u32(niciraVendor);
  out.u16(subtype);
}

function finish(out: ByteWriter, start: number): void {
  out.alignTo8(start);
  out.patch16(start + 2, out.length - start);
}

function portNumber(port: PortRef): number {
  return typeof port === 'number' ? port : reservedPorts[port];
}

function readActions(input: ByteReader): readonly (Action | null)[] {
  const actions: (Action | null)[] = [];
  while (input.remaining > 0) {
    const type = input.u16();
    const body = new ByteReader(input.bytes(input.u16() - 4));
    actions.push(readAction(type, body));
  }
  return actions;
}

function readAction(type: number, body: ByteReader): Action | null {
  switch (type) {
    case standard.output: {
      const port = body.u32();
      return { kind: 'output', port: reservedNames.get(port) ?? port };
    }
    case standard.pushVlan:
      return body.u16() === vlanTagType ? { kind: 'push_vlan' } : null;
    case standard.popVlan:
      return { kind: 'pop_vlan' };
    case standard.decNwTtl:
      return { kind: 'dec_ttl' };
    case standard.setQueue:
      return { kind: 'set_queue', queue: body.u32() };
    case standard.setField: {
      const set = readField(body);
      return set === null ? null : { kind: 'set_field', ...set };
    }
    case standard.experimenter:
      return body.u32() === niciraVendor ? readNicira(body.u16(), body) : null;
    default:
      return null;
  }
}

function readNicira(subtype: number, body: ByteReader): Action | null {
  switch (subtype) {
    case nicira.resubmitTable: {
      const inPort = body.u16();
      return { kind: 'resubmit', inPort: inPort === ownInPort ? null : inPort, table: body.u8() };
    }
    case nicira.outputReg: {
      const from = readSlice(body.u16(), body.u32());
      return from === null ? null : { kind: 'output_slice', from };
    }
    case nicira.regLoad: {
      const to = readSlice(body.u16(), body.u32());
      return to === null ? null : { kind: 'load', to, value: body.u64() };
    }
    case nicira.regMove:
      return readMove(body);
    case nicira.ct:
      return readCt(body);
    case nicira.ctClear:
      return { kind: 'ct_clear' };
    case nicira.conjunction:
      return { kind: 'conjunction', clause: body.u8() + 1, clauses: body.u8(), id: body.u32() };
    case nicira.learn:
      return readLearn(body);
    default:
      return null;
  }
}

function readMove(body: ByteReader): Move | null {
  const [bits, fromStart, toStart] = [body.u16(), body.u16(), body.u16()];
  const [from, to] = [fieldOfHeader(body.u32()), fieldOfHeader(body.u32())];
  if (from === undefined || to === undefined) return null;
  return { kind: 'move', from: { field: from, start: fromStart, bits }, to: { field: to, start: toStart, bits } };
}

const ctFlag = { commit: 1, force: 2 } as const;
const noTable = 0xff; // NX_CT_RECIRC_NONE

function writeCt(out: ByteWriter, action: Ct<number>, cookie: bigint): void {
  out.u16((action.commit ? ctFlag.commit : 0) | (action.force ? ctFlag.force : 0));
  if (typeof action.zone === 'number') {
    out.u32(0);
    out.u16(action.zone);
  } else {
    out.u32(fields[action.zone.field].nxm);
    out.u16(offsetAndBits(action.zone));
  }
  out.u8(action.table ?? noTable);
  out.zeros(3);
  out.u16(0); // no application-layer gateway
  if (action.nat !== null) {
    const start = out.length;
    beginNicira(out, nicira.nat);
    writeNat(out, action.nat);
    finish(out, start);
  }
  for (const change of action.exec) writeAction(out, change, cookie);
}

function readCt(body: ByteReader): Ct<number> | null {
  const flags = body.u16();
  const zone = readZone(body.u32(), body.u16());
  const table = body.u8();
  body.skip(3);
  const alg = body.u16();
  let nat: Nat | null = null;
  const exec: (SetField | Load | Move)[] = [];
  while (body.remaining > 0) {
    const type = body.u16();
    const inner = new ByteReader(body.bytes(body.u16() - 4));
    if (isNat(type, inner)) {
      inner.skip(6); // vendor and subtype
      nat = readNat(inner);
      continue;
    }
    const change = readAction(type, inner);
    if (change?.kind !== 'set_field' && change?.kind !== 'load' && change?.kind !== 'move') return null;
    exec.push(change);
  }
  const known = zone !== null && alg === 0 && (flags & ~(ctFlag.commit | ctFlag.force)) === 0;
  if (!known) return null;
  return {
    kind: 'ct',
    commit: (flags & ctFlag.commit) !== 0,
    force: (flags & ctFlag.force) !== 0,
    zone,
    table: table === noTable ? null : table,
    nat,
    exec,
  };
}

function readZone(header: number, immediateOrOffset: number): number | Slice | null {
  return header === 0 ? immediateOrOffset : readSlice(immediateOrOffset, header);
}

/** Whether a nested action is nat: after the vendor comes its subtype. */
function isNat(type: number, inner: ByteReader): boolean {
  return type === standard.experimenter && inner.peek16(4) === nicira.nat;
}
