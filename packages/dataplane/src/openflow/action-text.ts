// Actions as `ovs-ofctl dump-flows` prints them, and as ovs-ofctl reads them.

import { ipFromBigInt } from '@neutronium/net/ip';
import type { Action, Ct, Learn, LearnSpec, Nat, PortRef } from './action.ts';
import { fields, type Slice } from './field.ts';
import { renderValue } from './match-text.ts';

/** All actions of a flow; `drop` for none. */
export function renderActions(actions: readonly Action[]): string {
  return actions.length === 0 ? 'drop' : actions.map(renderAction).join(',');
}

export function renderAction(action: Action): string {
  switch (action.kind) {
    case 'output':
      return renderOutput(action.port);
    case 'output_slice':
      return `output:${renderSlice(action.from)}`;
    case 'goto':
      return `goto_table:${action.table}`;
    case 'resubmit':
      return `resubmit(${action.inPort ?? ''},${action.table})`;
    case 'set_field':
      return `set_field:${renderValue(action.field, action.value)}->${action.field}`;
    case 'load':
      return `load:${hex(action.value)}->${renderSlice(action.to)}`;
    case 'move':
      return `move:${renderSlice(action.from)}->${renderSlice(action.to)}`;
    case 'push_vlan':
      return 'push_vlan:0x8100';
    case 'pop_vlan':
    case 'dec_ttl':
    case 'ct_clear':
      return action.kind;
    case 'set_queue':
      return `set_queue:${action.queue}`;
    case 'meter':
      return `meter:${action.meter}`;
    case 'ct':
      return renderCt(action);
    case 'conjunction':
      return `conjunction(${action.id},${action.clause}/${action.clauses})`;
    case 'learn':
      return renderLearn(action);
  }
}

function renderOutput(port: PortRef): string {
  if (typeof port === 'number') return `output:${port}`;
  // The number is how many bytes of a packet go to the controller: all of them.
  return port === 'CONTROLLER' ? 'CONTROLLER:65535' : port;
}

/** Part of a field by its NXM name: `NXM_NX_REG6[0..15]`, `[]` for the whole, `[3]` for one bit. */
function renderSlice({ field, start, bits }: Slice): string {
  const { nxmName, nxmBits } = fields[field];
  if (start === 0 && bits === nxmBits) return `${nxmName}[]`;
  return bits === 1 ? `${nxmName}[${start}]` : `${nxmName}[${start}..${start + bits - 1}]`;
}

function renderCt(action: Ct<number>): string {
  const parts: string[] = [];
  if (action.commit) parts.push('commit');
  if (action.force) parts.push('force');
  if (action.table !== null) parts.push(`table=${action.table}`);
  if (typeof action.zone !== 'number') parts.push(`zone=${renderSlice(action.zone)}`);
  else if (action.zone !== 0) parts.push(`zone=${action.zone}`);
  if (action.nat !== null) parts.push(renderNat(action.nat));
  if (action.exec.length > 0) parts.push(`exec(${action.exec.map(renderAction).join(',')})`);
  return parts.length === 0 ? 'ct' : `ct(${parts.join(',')})`;
}

function renderNat({ direction, address, ports }: Nat): string {
  if (direction === null) return 'nat';
  if (address === null) return `nat(${direction})`;
  const show = (value: bigint) => {
    const text = ipFromBigInt(value, address.family);
    return address.family === 6 && ports !== null ? `[${text}]` : text;
  };
  const addresses =
    address.first === address.last ? show(address.first) : `${show(address.first)}-${show(address.last)}`;
  if (ports === null) return `nat(${direction}=${addresses})`;
  return `nat(${direction}=${addresses}:${ports.first === ports.last ? ports.first : `${ports.first}-${ports.last}`})`;
}

function renderLearn(action: Learn<number>): string {
  const parts = [`table=${action.table}`];
  if (action.idleTimeoutSeconds !== 0) parts.push(`idle_timeout=${action.idleTimeoutSeconds}`);
  if (action.hardTimeoutSeconds !== 0) parts.push(`hard_timeout=${action.hardTimeoutSeconds}`);
  if (action.priority !== defaultPriority) parts.push(`priority=${action.priority}`);
  return `learn(${[...parts, ...action.specs.map(renderSpec)].join(',')})`;
}

/** OFP_DEFAULT_PRIORITY, which ovs-ofctl leaves out. */
const defaultPriority = 32_768;

function renderSpec(spec: LearnSpec): string {
  switch (spec.kind) {
    case 'match_field': {
      const [to, from] = [renderSlice(spec.to), renderSlice(spec.from)];
      return to === from ? to : `${to}=${from}`;
    }
    case 'match_value':
      return `${renderSlice(spec.to)}=${hex(spec.value)}`;
    case 'load_field':
      return `load:${renderSlice(spec.from)}->${renderSlice(spec.to)}`;
    case 'load_value':
      return `load:${hex(spec.value)}->${renderSlice(spec.to)}`;
    case 'output':
      return `output:${renderSlice(spec.from)}`;
  }
}

function hex(value: bigint): string {
  return value === 0n ? '0' : `0x${value.toString(16)}`;
}
