import type { FlowEntry, FlowsAnswer, PortEntry } from '@neutronium/model/agent-socket';
import { describe, expect, it } from 'vitest';
import { renderFlowEntries } from './render-flows.ts';
import { findPortEntry, selectFlows, type FlowQuestion } from './select-flows.ts';

const alice: PortEntry = {
  id: 'aaaa1111-0001',
  device: 'tapaaaa1111',
  ofport: 4,
  network_id: 'net',
  fixed_ips: ['10.0.0.4'],
  localVlan: 1,
  security_groups: ['web-id'],
  state: 'wired',
  why: 'its flows are confirmed',
};
const bob: PortEntry = { ...alice, id: 'bbbb2222-0002', device: 'tapbbbb2222', security_groups: ['db-id'] };

function flow(why: string, given: Partial<FlowEntry> = {}): FlowEntry {
  return {
    bridge: 'br-int',
    table: { number: 82, name: 'RULES_INGRESS' },
    priority: 77,
    match: 'tcp,reg5=0x4,tp_dst=22',
    actions: 'output:4',
    drops: false,
    of: 'rule-1',
    owner: 'security_group_rule',
    why,
    port: null,
    groups: [],
    counted: { packets: 3, bytes: 210 },
    ...given,
  };
}

const answer: FlowsAnswer = {
  revision: 1,
  ports: [alice, bob],
  groups: [
    { id: 'web-id', name: 'web' },
    { id: 'db-id', name: 'db' },
  ],
  flows: [
    flow('on the wire', {
      bridge: 'br-ex',
      table: { number: 0, name: 'LOCAL_SWITCHING' },
      owner: 'bridge',
      of: 'br-ex',
    }),
    flow('ssh to alice', { port: alice.id, groups: ['web-id'] }),
    flow('shared by web', { of: 'rule-2', groups: ['web-id'] }),
    flow('shared by db', { of: 'rule-3', groups: ['db-id'] }),
    flow('spoofed by bob', { of: bob.id, owner: 'port', port: bob.id, drops: true, actions: 'drop' }),
    flow('never dropped', { of: bob.id, owner: 'port', port: bob.id, drops: true, counted: { packets: 0, bytes: 0 } }),
  ],
};

describe('flows are selected', () => {
  it.each<[string, Partial<FlowQuestion>, readonly string[]]>([
    ['by bridge', { bridge: 'br-ex' }, ['on the wire']],
    ['by the number of a table', { table: '0' }, ['on the wire']],
    ['by the name of a table', { table: 'local_switching' }, ['on the wire']],
    ['by the beginning of an id', { of: 'bbbb2222' }, ['spoofed by bob', 'never dropped']],
    ['by a rule', { of: 'rule-2' }, ['shared by web']],
    ['by the name of a group', { of: 'web' }, ['ssh to alice', 'shared by web']],
    ['by a port: its own, and those that it shares', { port: alice }, ['ssh to alice', 'shared by web']],
    ['by what they have dropped', { dropped: true }, ['spoofed by bob']],
  ])('%s', (_how, question, whys) => {
    expect(selectFlows(answer, { dropped: false, ...question }).map(({ why }) => why)).toEqual(whys);
  });

  it('by a port that is found by its id, its beginning, or its device', () => {
    for (const name of ['aaaa1111-0001', 'aaaa1111', 'tapaaaa1111'])
      expect(findPortEntry(answer.ports, name)).toBe(alice);
    // A name may well be how an id begins.
    for (const name of ['alice', 'a', 'aaaa']) expect(findPortEntry(answer.ports, name)).toBeUndefined();
  });
});

describe('flows are shown', () => {
  it('as ovs-ofctl shows them, under the name of their bridge', () => {
    const [first, second] = answer.flows;
    if (first === undefined || second === undefined) throw new Error('two flows');
    expect(renderFlowEntries([first, { ...second, match: '', counted: null }], answer, { explain: false })).toBe(
      [
        '# br-ex',
        ' table=0, n_packets=3, n_bytes=210, priority=77,tcp,reg5=0x4,tp_dst=22 actions=output:4',
        '# br-int',
        ' table=82, not on the switch, priority=77 actions=output:4',
      ].join('\n'),
    );
  });

  it('with the reason, the rule, the group and the port of each', () => {
    const text = renderFlowEntries(answer.flows.slice(1, 2), answer, { explain: true });
    expect(text.split('\n').at(-1)).toBe(
      '    # RULES_INGRESS: ssh to alice [security group rule rule-1; security group web (web-id); port aaaa1111-0001 (tapaaaa1111)]',
    );
  });

  it('as none where there are none', () => {
    expect(renderFlowEntries([], answer, { explain: true })).toBe('no flows');
  });
});
