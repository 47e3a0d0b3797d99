// A packet's way through the flows of one bridge, with the reason of every flow that it met: what `ofproto/trace` says,
// without a switch, and in the same order. What other parts decide is an end of the way here: ports, NORMAL, which
// learns, and controllers. What is known of the packet's connections is given; what it changes of them is told.

import type { Action, Ct, Load, Move, PortRef, SetField } from '../openflow/action.ts';
import type { Flow, FlowSet } from '../openflow/flow.ts';
import { ctState } from '../openflow/match-text.ts';
import { invariant } from '@neutronium/net/invariant';
import { flowTables, lookUp, type FlowTables } from './lookup.ts';
import { popTag, pushTag, readField, readSlice, writeField, writeSlice, type Packet } from './packet.ts';

export interface Step {
  readonly table: number;
  /** Null where no flow matched: the packet is dropped there. */
  readonly flow: Flow | null;
  /** The packet as it came into the table. */
  readonly packet: Packet;
}

export interface Exit {
  readonly port: PortRef;
  /** The packet as it left. */
  readonly packet: Packet;
}

export interface Trace {
  /** In the order in which the tables were searched. */
  readonly steps: readonly Step[];
  /** Where the packet left, each copy of it; none means that it was dropped. */
  readonly exits: readonly Exit[];
  /** What connection tracking said of it, each time that it came back from there. */
  readonly tracked: readonly Connection[];
  /** What the packet's connections have become, in the order in which it happened. */
  readonly commits: readonly Commit[];
}

/** A connection that was opened, or marked. */
export interface Commit {
  readonly zone: number;
  readonly mark: bigint;
  /** The packet that was committed. */
  readonly packet: Packet;
}

export interface Connection {
  /** ct_state (ovs-fields(7)), with +trk. */
  readonly state: bigint;
  /** ct_mark. */
  readonly mark: bigint;
}

/** What connection tracking knows of a packet when it comes: its connection in that zone. */
export type Connections = (packet: Packet, zone: number) => Connection;

/** The first packet of a connection, which is also what ofproto/trace assumes. */
export const newConnection: Connection = { state: ctState({ new: true, trk: true }).value, mark: 0n };

/** ovs-vswitchd refuses to go deeper (ovs-actions(7), resubmit). */
const deepest = 64;

/** What becomes of the packet, beginning in table 0. */
export function trace(flows: FlowSet, packet: Packet, connections: Connections = () => newConnection): Trace {
  const run: Run = {
    tables: tablesOf(flows),
    connections,
    committed: new Map(),
    recirculated: [{ table: 0, packet, depth: 0 }],
    steps: [],
    exits: [],
    tracked: [],
    commits: [],
  };
  // The switch finishes with a packet before it begins with those that come back from connection tracking.
  for (const place of run.recirculated) search(run, place);
  return { steps: run.steps, exits: run.exits, tracked: run.tracked, commits: run.commits };
}

// Many packets are traced through the same flows.
const prepared = new WeakMap<FlowSet, FlowTables>();

function tablesOf(flows: FlowSet): FlowTables {
  const tables = prepared.get(flows) ?? flowTables(flows);
  prepared.set(flows, tables);
  return tables;
}

interface Run {
  readonly tables: FlowTables;
  readonly connections: Connections;
  /** What the packet has made of its connection, by zone. */
  readonly committed: Map<number, Connection>;
  /** Grows while it is gone through. */
  readonly recirculated: Place[];
  readonly steps: Step[];
  readonly exits: Exit[];
  readonly tracked: Connection[];
  readonly commits: Commit[];
}

interface Place {
  readonly table: number;
  readonly packet: Packet;
  readonly depth: number;
}

/** Searches the table, carries the flow out, and gives the packet as it is afterwards. */
function search(run: Run, { table, packet, depth }: Place): Packet {
  invariant(depth < deepest, `a packet is sent through more than ${deepest} tables: the flows lead in a circle`);
  const flow = lookUp(run.tables, table, packet);
  run.steps.push({ table, flow, packet });
  let current = packet;
  for (const action of flow?.actions ?? []) current = carryOut(run, action, { table, packet: current, depth });
  return current;
}

function carryOut(run: Run, action: Action, { packet, depth }: Place): Packet {
  switch (action.kind) {
    case 'output':
      leave(run, packet, action.port);
      return packet;
    case 'output_slice':
      leave(run, packet, Number(readSlice(packet, action.from)));
      return packet;
    case 'goto':
      return search(run, { table: action.table, packet, depth: depth + 1 });
    case 'resubmit': {
      const ownPort = readField(packet, 'in_port');
      const searched = action.inPort === null ? packet : writeField(packet, 'in_port', BigInt(action.inPort));
      const after = search(run, { table: action.table, packet: searched, depth: depth + 1 });
      return writeField(after, 'in_port', ownPort);
    }
    case 'set_field':
    case 'load':
    case 'move':
      return change(packet, action);
    case 'push_vlan':
      return pushTag(packet);
    case 'pop_vlan':
      return popTag(packet);
    case 'dec_ttl':
      return writeField(packet, 'nw_ttl', readField(packet, 'nw_ttl') - 1n);
    case 'ct':
      track(run, action, { packet, depth });
      return untracked(packet);
    case 'ct_clear':
      return untracked(packet);
    // They do not change where this packet goes, unless a meter has had enough of its like.
    case 'set_queue':
    case 'meter':
    case 'conjunction':
    case 'learn':
      return packet;
  }
}

/** By its number a packet never leaves where it came in; IN_PORT is for that (OpenFlow 1.4 section 7.2.5). */
function leave(run: Run, packet: Packet, port: PortRef): void {
  if (typeof port === 'number' && BigInt(port) === readField(packet, 'in_port')) return;
  run.exits.push({ port, packet });
}

/** A tracked copy goes on in the table that ct names. What follows ct sees a packet that was not tracked. */
function track(run: Run, action: Ct<number>, { packet, depth }: Pick<Place, 'packet' | 'depth'>): void {
  const zone = typeof action.zone === 'number' ? action.zone : Number(readSlice(packet, action.zone));
  let connection = run.committed.get(zone) ?? run.connections(packet, zone);
  if (action.commit) {
    const { mark } = connection;
    const changed = action.exec.reduce(change, withConnection(packet, { state: 0n, mark, zone: 0n }));
    connection = { ...connection, mark: readField(changed, 'ct_mark') };
    run.commits.push({ zone, mark: connection.mark, packet });
    run.committed.set(zone, { ...connection, state: opened(connection.state) });
  }
  if (action.table === null) return;
  run.tracked.push(connection);
  const tracked = withConnection(packet, { ...connection, zone: BigInt(zone) });
  run.recirculated.push({ table: action.table, packet: tracked, depth: depth + 1 });
}

function change(packet: Packet, action: SetField | Load | Move): Packet {
  switch (action.kind) {
    case 'set_field':
      return writeField(packet, action.field, action.value);
    case 'load':
      return writeSlice(packet, action.to, action.value);
    case 'move':
      return writeSlice(packet, action.to, readSlice(packet, action.from));
  }
}

/** The state in which the same packet is once its connection was committed. */
function opened(state: bigint): bigint {
  const isNew = ctState({ new: true }).mask;
  return (state & isNew) === 0n ? state : (state & ~isNew) | ctState({ est: true }).value;
}

function untracked(packet: Packet): Packet {
  return withConnection(packet, { state: 0n, mark: 0n, zone: 0n });
}

function withConnection(packet: Packet, connection: Connection & { readonly zone: bigint }): Packet {
  const { state: ct_state, mark: ct_mark, zone: ct_zone } = connection;
  return { ...packet, fields: { ...packet.fields, ct_state, ct_mark, ct_zone } };
}
