// What a flow does with a packet. `Table` is a table's name while a generator speaks, its number once a pipeline has
// put the flow into a FlowSet. A flow without actions drops.

import { macToBigInt, type Mac } from '@neutronium/net/mac';
import { invariant } from '@neutronium/net/invariant';
import { fields, fullMask, tagged, whole, type FieldName, type Slice } from './field.ts';

/** Ports with a meaning of their own (OpenFlow 1.4 section 7.2.1). */
export type ReservedPort = 'IN_PORT' | 'NORMAL' | 'FLOOD' | 'ALL' | 'CONTROLLER' | 'LOCAL';
export type PortRef = number | ReservedPort;

export interface Output {
  readonly kind: 'output';
  readonly port: PortRef;
}

/** Output to the port whose number a register holds. */
export interface OutputSlice {
  readonly kind: 'output_slice';
  readonly from: Slice;
}

/** Continues in a later table. Always the last action. */
export interface Goto<Table> {
  readonly kind: 'goto';
  readonly table: Table;
}

/** Searches another table and then goes on here. */
export interface Resubmit<Table> {
  readonly kind: 'resubmit';
  readonly table: Table;
  /** The in_port to search with; null leaves it as it is. */
  readonly inPort: number | null;
}

/** Sets a whole field. */
export interface SetField {
  readonly kind: 'set_field';
  readonly field: FieldName;
  readonly value: bigint;
}

/** Sets a part of a field. */
export interface Load {
  readonly kind: 'load';
  readonly value: bigint;
  readonly to: Slice;
}

export interface Move {
  readonly kind: 'move';
  readonly from: Slice;
  readonly to: Slice;
}

/** Pushes an 802.1Q tag (ethertype 0x8100) with VLAN id 0. */
export interface PushVlan {
  readonly kind: 'push_vlan';
}

export interface PopVlan {
  readonly kind: 'pop_vlan';
}

export interface DecTtl {
  readonly kind: 'dec_ttl';
}

export interface SetQueue {
  readonly kind: 'set_queue';
  readonly queue: number;
}

/** Passes the packet through a meter, which may drop it. Always the first action. */
export interface Meter {
  readonly kind: 'meter';
  readonly meter: number;
}

export interface Nat {
  readonly direction: 'src' | 'dst' | null;
  readonly address: { readonly family: 4 | 6; readonly first: bigint; readonly last: bigint } | null;
  readonly ports: { readonly first: number; readonly last: number } | null;
}

/** Sends the packet through connection tracking (ovs-actions(7), ct). */
export interface Ct<Table> {
  readonly kind: 'ct';
  readonly commit: boolean;
  readonly force: boolean;
  readonly zone: number | Slice;
  /** The table where the tracked packet goes on; null when only the connection is wanted. */
  readonly table: Table | null;
  readonly nat: Nat | null;
  /** Changes to the connection's mark and label, when committing. */
  readonly exec: readonly (SetField | Load | Move)[];
}

export interface CtClear {
  readonly kind: 'ct_clear';
}

/** One dimension of a conjunctive match (ovs-fields(7), conjunctive match fields). `clause` counts from 1. */
export interface Conjunction {
  readonly kind: 'conjunction';
  readonly id: number;
  readonly clause: number;
  readonly clauses: number;
}

/** Adds a flow made from the packet (ovs-actions(7), learn). */
export interface Learn<Table> {
  readonly kind: 'learn';
  readonly table: Table;
  readonly priority: number;
  readonly idleTimeoutSeconds: number;
  readonly hardTimeoutSeconds: number;
  readonly specs: readonly LearnSpec[];
}

export type LearnSpec =
  | { readonly kind: 'match_field'; readonly from: Slice; readonly to: Slice }
  | { readonly kind: 'match_value'; readonly value: bigint; readonly to: Slice }
  | { readonly kind: 'load_field'; readonly from: Slice; readonly to: Slice }
  | { readonly kind: 'load_value'; readonly value: bigint; readonly to: Slice }
  | { readonly kind: 'output'; readonly from: Slice };

export type Action<Table extends string | number = number> =
  | Output
  | OutputSlice
  | Goto<Table>
  | Resubmit<Table>
  | SetField
  | Load
  | Move
  | PushVlan
  | PopVlan
  | DecTtl
  | SetQueue
  | Meter
  | Ct<Table>
  | CtClear
  | Conjunction
  | Learn<Table>;

export const drop: readonly never[] = [];
/** Learning, VLAN-aware forwarding as an ordinary switch does it. */
export const normal: Output = { kind: 'output', port: 'NORMAL' };
export const pushVlan: PushVlan = { kind: 'push_vlan' };
export const popVlan: PopVlan = { kind: 'pop_vlan' };
export const ctClear: CtClear = { kind: 'ct_clear' };
export const decTtl: DecTtl = { kind: 'dec_ttl' };

export function output(port: PortRef): Output {
  return { kind: 'output', port };
}

export function goto<Table extends string>(table: Table): Goto<Table> {
  return { kind: 'goto', table };
}

export function resubmit<Table extends string>(table: Table): Resubmit<Table> {
  return { kind: 'resubmit', table, inPort: null };
}

export function setField(field: FieldName, value: number | bigint | Mac): SetField {
  const bits = typeof value === 'string' ? macToBigInt(value) : BigInt(value);
  invariant(bits >= 0n && bits <= fullMask(field), () => `${value} does not fit into ${field}`);
  return { kind: 'set_field', field, value: bits };
}

/** Sets the VLAN id of a frame that has a tag. */
export function setVlan(vlan: number): SetField {
  return setField('vlan_vid', tagged(vlan));
}

export function load(value: number | bigint, to: Slice | FieldName): Load {
  const slice = typeof to === 'string' ? whole(to) : to;
  checkSlice(slice);
  invariant(
    BigInt(value) >> BigInt(slice.bits) === 0n,
    `${value} does not fit into ${slice.bits} bits of ${slice.field}`,
  );
  return { kind: 'load', value: BigInt(value), to: slice };
}

export function move(from: Slice, to: Slice): Move {
  checkSlice(from);
  checkSlice(to);
  invariant(from.bits === to.bits, `moving ${from.bits} bits of ${from.field} into ${to.bits} of ${to.field}`);
  return { kind: 'move', from, to };
}

function checkSlice(slice: Slice): void {
  const inside = slice.start >= 0 && slice.bits > 0 && slice.start + slice.bits <= fields[slice.field].nxmBits;
  invariant(inside, () => `bits ${slice.start}..${slice.start + slice.bits - 1} are not all in ${slice.field}`);
}

/** Tracks the packet in `zone`; what is not given is not done. */
export function ct<Table extends string | number = never>(given: {
  readonly zone: number | Slice;
  readonly table?: Table;
  readonly commit?: boolean;
  readonly force?: boolean;
  readonly nat?: Nat;
  readonly exec?: Ct<Table>['exec'];
}): Ct<Table> {
  return { kind: 'ct', commit: false, force: false, table: null, nat: null, exec: [], ...given };
}

/** The same action with its tables replaced: names by numbers, or numbers by names. */
export function mapTables<From extends string | number, To extends string | number>(
  action: Action<From>,
  rename: (table: From) => To,
): Action<To> {
  switch (action.kind) {
    case 'goto':
    case 'resubmit':
    case 'learn':
      return { ...action, table: rename(action.table) };
    case 'ct':
      return { ...action, table: action.table === null ? null : rename(action.table) };
    case 'output':
    case 'output_slice':
    case 'set_field':
    case 'load':
    case 'move':
    case 'push_vlan':
    case 'pop_vlan':
    case 'dec_ttl':
    case 'set_queue':
    case 'meter':
    case 'ct_clear':
    case 'conjunction':
      return action;
  }
}
