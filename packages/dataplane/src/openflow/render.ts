// Flow sets as text: for people and for `ovs-ofctl replace-flows`, which skips what follows a `#`.

import { renderActions } from './action-text.ts';
import type { Flow, FlowRule, FlowSet } from './flow.ts';
import { renderMatch } from './match-text.ts';

/** One flow as ovs-ofctl reads it, without a cookie. */
export function renderFlow(flow: FlowRule): string {
  const match = renderMatch(flow.match);
  return `table=${flow.table}, priority=${flow.priority}${match === '' ? '' : `,${match}`} actions=${renderActions(flow.actions)}`;
}

/** All flows, one on a line, by table and falling priority: the same text for the same set. */
export function renderFlows(set: FlowSet): string {
  return flowsInOrder(set)
    .map((flow) => `${renderFlow(flow)}\n`)
    .join('');
}

/** The same with table headings and each flow's reason as comments; still what ovs-ofctl reads. */
export function renderExplained(
  set: FlowSet,
  tables: Readonly<Record<string, { number: number; purpose: string }>>,
): string {
  const lines: string[] = [];
  let table: number | undefined;
  for (const flow of flowsInOrder(set)) {
    if (flow.table !== table) {
      table = flow.table;
      const [name, spec] = Object.entries(tables).find(([, { number }]) => number === table) ?? [];
      lines.push('', `# ${name} (${table}): ${spec?.purpose}`);
    }
    lines.push(`${renderFlow(flow)} # ${flow.of}: ${flow.why}`);
  }
  return `${lines.join('\n').trimStart()}\n`;
}

/** The flows of the set by table, falling priority and match. */
export function flowsInOrder(set: FlowSet): readonly Flow[] {
  const lines = [...set.flows.values()].map((flow) => ({ flow, text: renderMatch(flow.match) }));
  lines.sort((a, b) => {
    const apart = a.flow.table - b.flow.table || b.flow.priority - a.flow.priority;
    if (apart !== 0) return apart;
    return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
  });
  return lines.map(({ flow }) => flow);
}
