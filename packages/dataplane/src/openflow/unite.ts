// Several things may ask for the same flow: two rules that admit the same packets, an address in two sets. A switch
// holds one flow for them.

import { invariant } from '@neutronium/net/invariant';
import type { Conjunction } from './action.ts';
import { flowKey, sameActions, type Flow } from './flow.ts';

/**
 * One flow for each key, in the order in which the keys came first. It serves whom the first of its flows serves, and
 * has the reasons of all. Clauses of several conjunctions become one flow with all of them.
 */
export function unite(flows: Iterable<Flow>): readonly Flow[] {
  const byKey = new Map<string, Flow>();
  for (const flow of flows) {
    const key = flowKey(flow);
    const other = byKey.get(key);
    byKey.set(key, other === undefined ? flow : united(other, flow));
  }
  return [...byKey.values()];
}

function united(one: Flow, other: Flow): Flow {
  const why = one.why === other.why ? one.why : `${one.why}; ${other.why}`;
  if (sameActions(one, other)) return { ...one, why };
  const conjunctions = [...clausesOf(one), ...clausesOf(other)];
  const distinct = new Map(conjunctions.map((clause) => [`${clause.id} ${clause.clause}`, clause]));
  return { ...one, why, actions: [...distinct.values()].toSorted((a, b) => a.id - b.id || a.clause - b.clause) };
}

function clausesOf(flow: Flow): readonly Conjunction[] {
  return flow.actions.map((action) => {
    invariant(
      action.kind === 'conjunction',
      () => `two flows are ${flowKey(flow)} and do different things: '${flow.why}' of ${flow.of}`,
    );
    return action;
  });
}
