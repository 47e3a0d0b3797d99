// A packet's way through the flows of one bridge, with the reason of every flow that it met: what `ofproto/trace` says,
// without a switch. What other parts decide is an end of the way here: ports, NORMAL, which learns, and controllers.

import type { Action, Ct, PortRef } from '../openflow/action.ts';
import type { Flow, FlowSet } from '../openflow/flow.ts';
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
}

/** What connection tracking knows of a packet: ct_state and ct_mark of its connection in that zone. */
export type Connections = (packet: Packet, zone: number) => { readonly state: bigint; readonly mark: bigint };

/** ct_state +new+trk (ovs-fields(7)): the first packet of a connection, which is also what ofproto/trace assumes. */
const newConnection: Connections = () => ({ state: 0x21n, mark: 0n });

/** ovs-vswitchd refuses to go deeper (ovs-actions(7), resubmit). */
const deepest = 64;

/** What becomes of the packet, beginning in table 0. */
export function trace(flows: FlowSet, packet: Packet, connections: Connections = newConnection): Trace {
  const steps: Step[] = [];
  const exits: Exit[] = [];
  search({ tables: tablesOf(flows), connections, steps, exits }, { table: 0, packet, depth: 0 });
  return { steps, exits };
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
  readonly steps: Step[];
  readonly exits: Exit[];
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
      run.exits.push({ port: action.port, packet });
      return packet;
    case 'output_slice':
      run.exits.push({ port: Number(readSlice(packet, action.from)), packet });
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
      return writeField(packet, action.field, action.value);
    case 'load':
      return writeSlice(packet, action.to, action.value);
    case 'move':
      return writeSlice(packet, action.to, readSlice(packet, action.from));
    case 'push_vlan':
      return pushTag(packet);
    case 'pop_vlan':
      return popTag(packet);
    case 'dec_ttl':
      return writeField(packet, 'nw_ttl', readField(packet, 'nw_ttl') - 1n);
    case 'ct':
      track(run, action, { packet, depth });
      return packet;
    case 'ct_clear':
      return withConnection(packet, { state: 0n, mark: 0n, zone: 0n });
    // They do not change where this packet goes, unless a meter has had enough of its like.
    case 'set_queue':
    case 'meter':
    case 'conjunction':
    case 'learn':
      return packet;
  }
}

/** A tracked copy goes on in the table that ct names; what follows ct sees the packet as it was. */
function track(run: Run, action: Ct<number>, { packet, depth }: Pick<Place, 'packet' | 'depth'>): void {
  if (action.table === null) return;
  const zone = typeof action.zone === 'number' ? action.zone : Number(readSlice(packet, action.zone));
  const tracked = withConnection(packet, { ...run.connections(packet, zone), zone: BigInt(zone) });
  search(run, { table: action.table, packet: tracked, depth: depth + 1 });
}

function withConnection(
  packet: Packet,
  connection: { readonly state: bigint; readonly mark: bigint; readonly zone: bigint },
): Packet {
  const { state: ct_state, mark: ct_mark, zone: ct_zone } = connection;
  return { ...packet, fields: { ...packet.fields, ct_state, ct_mark, ct_zone } };
}
