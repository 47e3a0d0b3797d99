// Flows as ovs-ofctl prints them, and what they are for.

import type { FlowEntry, FlowsAnswer } from '@neutronium/model/agent-socket';

export interface RenderOptions {
  /** Says below each flow why it is there and for whom. */
  readonly explain: boolean;
}

/** One line for each flow, under the name of its bridge; two with an explanation. */
export function renderFlowEntries(
  flows: readonly FlowEntry[],
  answer: Pick<FlowsAnswer, 'ports' | 'groups'>,
  { explain }: RenderOptions,
): string {
  const names = namesOf(answer);
  const lines: string[] = [];
  let bridge: string | undefined;
  for (const flow of flows) {
    if (flow.bridge !== bridge) lines.push(`# ${flow.bridge}`);
    bridge = flow.bridge;
    lines.push(` ${renderFlowEntry(flow)}`);
    if (explain) lines.push(`    # ${explanation(flow, names)}`);
  }
  return lines.length === 0 ? 'no flows' : lines.join('\n');
}

function renderFlowEntry({ table, priority, match, actions, counted }: FlowEntry): string {
  const counters = counted === null ? 'not on the switch' : `n_packets=${counted.packets}, n_bytes=${counted.bytes}`;
  return `table=${table.number}, ${counters}, priority=${priority}${match === '' ? '' : `,${match}`} actions=${actions}`;
}

type Names = ReadonlyMap<string, string>;

/** What people call the things whose ids flows name. */
function namesOf({ ports, groups }: Pick<FlowsAnswer, 'ports' | 'groups'>): Names {
  return new Map([
    ...groups.map(({ id, name }) => [id, `security group ${name} (${id})`] as const),
    ...ports.map(({ id, device }) => [id, device === null ? `port ${id}` : `port ${id} (${device})`] as const),
  ]);
}

/** Reasons name sets of addresses by their ids, which may be those of groups with a name. */
function inWords(why: string, names: Names): string {
  return why.replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => names.get(id) ?? id);
}

const words = {
  bridge: 'always there on',
  network: 'network',
  port: 'port',
  remote_port: 'port of another host',
  security_group: 'security group',
  security_group_rule: 'security group rule',
  address_set: 'address set',
} as const;

function explanation({ table, why, of, owner, port, groups }: FlowEntry, names: Names): string {
  const nameOf = (id: string): string => names.get(id) ?? id;
  const owned = names.get(of) ?? `${words[owner]} ${of}`;
  const others = [...groups, ...(port === null ? [] : [port])].filter((id) => id !== of).map(nameOf);
  return `${table.name}: ${inWords(why, names)} [${[owned, ...others].join('; ')}]`;
}
