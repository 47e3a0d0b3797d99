// Flows on the wire: changes to them (flow_mod) and the switch's own list of them (flow statistics).

import type { Action } from '../action.ts';
import type { FlowRule } from '../flow.ts';
import type { Match } from '../match.ts';
import { readInstructions, writeInstructions } from './actions.ts';
import { ByteReader, MalformedMessage, type ByteWriter } from './bytes.ts';
import { beginMessage, finishMessage, messageType, multipartFlow } from './header.ts';
import { readMatch, writeMatch } from './oxm.ts';

const command = { add: 0, deleteAll: 3, deleteStrict: 4 } as const;
const noBuffer = 0xffffffff;
const any = 0xffffffff; // OFPP_ANY, OFPG_ANY
const allTables = 0xff;
const anyCookie = { value: 0n, mask: 0n } as const;

/** A flow as a switch lists it. What our language cannot say is null; such a flow is not ours. */
export interface InstalledFlow {
  readonly table: number;
  readonly priority: number;
  readonly cookie: bigint;
  readonly match: Match | null;
  readonly actions: readonly Action[] | null;
  /** The match as it came, by which the switch can be told to remove the flow. */
  readonly rawMatch: Uint8Array;
  readonly idleTimeoutSeconds: number;
  readonly hardTimeoutSeconds: number;
  readonly packets: bigint;
  readonly bytes: bigint;
}

/** The flow in our own terms, or null when our language has no words for it. */
export function canonicalFlow(installed: InstalledFlow): FlowRule | null {
  const { table, priority, match, actions } = installed;
  return match === null || actions === null ? null : { table, priority, match, actions };
}

/** Adds the flow, or replaces the actions and the cookie of the one with its table, priority and match. */
export function encodeFlowAdd(xid: number, flow: FlowRule, cookie: bigint): Uint8Array {
  const out = beginFlowMod({
    xid,
    command: command.add,
    cookie,
    cookieMask: 0n,
    table: flow.table,
    priority: flow.priority,
  });
  writeMatch(out, flow.match);
  writeInstructions(out, flow.actions, cookie);
  return finishMessage(out);
}

/** Removes the one flow with that table, priority and match, whatever its cookie. */
export function encodeFlowDelete(
  xid: number,
  flow: Pick<FlowRule, 'table' | 'priority' | 'match'> | Pick<InstalledFlow, 'table' | 'priority' | 'rawMatch'>,
): Uint8Array {
  const { table, priority } = flow;
  const out = beginFlowMod({ xid, command: command.deleteStrict, cookie: 0n, cookieMask: 0n, table, priority });
  if ('rawMatch' in flow) out.bytes(flow.rawMatch);
  else writeMatch(out, flow.match);
  return finishMessage(out);
}

/** Removes all flows whose cookie is `cookie` under `cookieMask`; a mask of zero removes every flow of the bridge. */
export function encodeFlowDeleteByCookie(xid: number, cookie: bigint, cookieMask: bigint): Uint8Array {
  const out = beginFlowMod({ xid, command: command.deleteAll, cookie, cookieMask, table: allTables, priority: 0 });
  writeMatch(out, {});
  return finishMessage(out);
}

interface FlowModHead {
  readonly xid: number;
  readonly command: number;
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly table: number;
  readonly priority: number;
}

function beginFlowMod(head: FlowModHead): ByteWriter {
  const out = beginMessage(messageType.flowMod, head.xid);
  out.u64(head.cookie);
  out.u64(head.cookieMask);
  out.u8(head.table);
  out.u8(head.command);
  out.u16(0); // idle timeout
  out.u16(0); // hard timeout
  out.u16(head.priority);
  out.u32(noBuffer);
  out.u32(any);
  out.u32(any);
  out.u16(0); // flags
  out.u16(0); // importance
  return out;
}

export interface FlowFilter {
  /** All tables unless given. */
  readonly table?: number;
  /** Any cookie unless given. */
  readonly cookie?: { readonly value: bigint; readonly mask: bigint };
}

/** Asks for the flows that pass the filter. */
export function encodeFlowStatsRequest(
  xid: number,
  { table = allTables, cookie = anyCookie }: FlowFilter = {},
): Uint8Array {
  const out = beginMessage(messageType.multipartRequest, xid);
  out.u16(multipartFlow);
  out.u16(0);
  out.zeros(4);
  out.u8(table);
  out.zeros(3);
  out.u32(any);
  out.u32(any);
  out.zeros(4);
  out.u64(cookie.value);
  out.u64(cookie.mask);
  writeMatch(out, {});
  return finishMessage(out);
}

const statsHead = 48;

/** Reads the entries of one flow statistics reply. */
export function readFlowStats(input: ByteReader): readonly InstalledFlow[] {
  const flows: InstalledFlow[] = [];
  while (input.remaining > 0) {
    const length = input.u16();
    if (length < statsHead) throw new MalformedMessage(`flow statistics of ${length} bytes`);
    flows.push(readEntry(new ByteReader(input.bytes(length - 2))));
  }
  return flows;
}

function readEntry(entry: ByteReader): InstalledFlow {
  const table = entry.u8();
  entry.skip(9); // padding and how long the flow has been there
  const [priority, idleTimeoutSeconds, hardTimeoutSeconds] = [entry.u16(), entry.u16(), entry.u16()];
  entry.skip(6); // flags, importance, padding
  const [cookie, packets, bytes] = [entry.u64(), entry.u64(), entry.u64()];
  const { match, raw: rawMatch } = readMatch(entry);
  const actions = readInstructions(entry);
  return { table, priority, cookie, match, actions, rawMatch, idleTimeoutSeconds, hardTimeoutSeconds, packets, bytes };
}
