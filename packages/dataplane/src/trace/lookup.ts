// Which flow of a table a packet meets (OpenFlow 1.4 section 5.3), conjunctive matches included (ovs-fields(7)).

import { flowKey, type Flow, type FlowSet } from '../openflow/flow.ts';
import { namesOf, type Match } from '../openflow/match.ts';
import { readField, writeField, type Packet } from './packet.ts';

/** The flows of a bridge, ready to be searched: by table, and there in levels of one priority, the highest first. */
export type FlowTables = ReadonlyMap<number, readonly Level[]>;
type Level = readonly Flow[];

/** Between flows of one priority that match the same packet OpenFlow leaves the choice open; here the key decides. */
export function flowTables(set: FlowSet): FlowTables {
  const byTable = Map.groupBy(set.flows.values(), (flow) => flow.table);
  return new Map([...byTable].map(([table, flows]) => [table, levelsOf(flows)]));
}

function levelsOf(flows: readonly Flow[]): readonly Level[] {
  const levels = [...Map.groupBy(flows, (flow) => flow.priority)].toSorted(([a], [b]) => b - a);
  return levels.map(([, level]) => level.toSorted((a, b) => (flowKey(a) < flowKey(b) ? -1 : 1)));
}

function accepts(match: Match, packet: Packet): boolean {
  return namesOf(match).every((name) => {
    const test = match[name];
    return test === undefined || (readField(packet, name) & test.mask) === test.value;
  });
}

/** The flow that the packet meets in the table; null for a miss. */
export function lookUp(tables: FlowTables, table: number, packet: Packet): Flow | null {
  const levels = tables.get(table) ?? [];
  for (const level of levels) {
    const accepting = level.filter((flow) => accepts(flow.match, packet));
    const whole = accepting.find((flow) => !isClause(flow));
    if (whole !== undefined) return whole;
    for (const id of completeConjunctions(accepting)) {
      const conclusion = lookUpWhole(levels, writeField(packet, 'conj_id', BigInt(id)));
      if (conclusion !== null) return conclusion;
    }
  }
  return null;
}

function lookUpWhole(levels: readonly Level[], packet: Packet): Flow | null {
  for (const level of levels) {
    const whole = level.find((flow) => !isClause(flow) && accepts(flow.match, packet));
    if (whole !== undefined) return whole;
  }
  return null;
}

/** A flow whose actions are conjunctions only does nothing by itself. */
function isClause(flow: Flow): boolean {
  return flow.actions.some((action) => action.kind === 'conjunction');
}

/** The ids of the conjunctions all of whose clauses are among the flows, the lowest first. */
function completeConjunctions(flows: readonly Flow[]): readonly number[] {
  const conjunctions = flows.flatMap((flow) => flow.actions.filter((action) => action.kind === 'conjunction'));
  return [...Map.groupBy(conjunctions, (action) => action.id)]
    .filter(([, actions]) => new Set(actions.map((action) => action.clause)).size === actions[0]?.clauses)
    .map(([id]) => id)
    .toSorted((a, b) => a - b);
}
