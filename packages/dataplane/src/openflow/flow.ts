// Flows as data. A flow is told apart by table, priority and match (OpenFlow 1.4 section 6.4); a FlowSet holds at
// most one of each, whatever the order in which they came, so that what must change on a switch is a difference.

import { invariant } from '@neutronium/net/invariant';
import { renderActions } from './action-text.ts';
import type { Action } from './action.ts';
import { matchKey, type Match } from './match.ts';

/** What a switch needs to know of a flow. */
export interface FlowRule {
  readonly table: number;
  readonly priority: number;
  readonly match: Match;
  /** None drops the packet. */
  readonly actions: readonly Action[];
}

/** A rule, and whom and what it is for; both travel into golden files, traces and explanations. */
export interface Flow extends FlowRule {
  /** The API object that the flow serves, or the name of the bridge for those that it always has. */
  readonly of: string;
  readonly why: string;
}

export interface FlowSet {
  /** By flowKey. */
  readonly flows: ReadonlyMap<string, Flow>;
}

export const emptyFlowSet: FlowSet = { flows: new Map() };

// A flow is a value that never changes, so its key is computed once even when sets are built again and again.
const keys = new WeakMap<FlowRule, string>();

/** What tells a flow apart on its bridge: equal for flows of which a switch can hold only one. */
export function flowKey(flow: FlowRule): string {
  let key = keys.get(flow);
  if (key === undefined) {
    key = `${flow.table}/${flow.priority}/${matchKey(flow.match)}`;
    keys.set(flow, key);
  }
  return key;
}

/** The set of those flows. Two flows with one key are an invariant failure: one would silently replace the other. */
export function flowSet(given: Iterable<Flow>): FlowSet {
  const flows = new Map<string, Flow>();
  for (const flow of given) {
    const key = flowKey(flow);
    const other = flows.get(key);
    invariant(
      other === undefined,
      () => `two flows are ${key}: '${other?.why}' of ${other?.of} and '${flow.why}' of ${flow.of}`,
    );
    flows.set(key, flow);
  }
  return { flows };
}

/** Whether two rules with the same key also do the same. */
export function sameActions(a: FlowRule, b: FlowRule): boolean {
  return a.actions === b.actions || renderActions(a.actions) === renderActions(b.actions);
}

export interface FlowDifference {
  /** Flows that are missing or do something else; adding one replaces what has its key. */
  readonly add: readonly Flow[];
  readonly remove: readonly FlowRule[];
}

/** What makes a switch that has `actual` hold exactly `desired`. */
export function flowDifference(desired: FlowSet, actual: Iterable<FlowRule>): FlowDifference {
  const present = new Set<string>();
  const remove: FlowRule[] = [];
  for (const rule of actual) {
    const wanted = desired.flows.get(flowKey(rule));
    if (wanted === undefined) remove.push(rule);
    else if (sameActions(wanted, rule)) present.add(flowKey(rule));
  }
  const add = [...desired.flows].filter(([key]) => !present.has(key)).map(([, flow]) => flow);
  return { add, remove };
}
