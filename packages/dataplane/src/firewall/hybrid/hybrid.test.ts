import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange, viewOf, type HostObject } from '@neutronium/model/host-view';
import { ip } from '@neutronium/net/ip';
import { allocateConntrackZones, compile } from '../../compile.ts';
import { deadVlan } from '../../bridges/dead-vlan.ts';
import { id, plugged, port } from '../../sample-host.ts';
import { planNetfilter } from '../../netfilter/plan-netfilter.ts';
import { planRuleset } from '../../netfilter/plan-ruleset.ts';
import { hybridFirewall } from './hybrid.ts';
import { readZones } from './host-chains.ts';
import { group, groupId, hybridHost, hybridInventory, hybridObjects, hybridPlugged, member, rule } from './sample.ts';

const view = viewOf(1, hybridObjects);
const { netfilter } = hybridFirewall(view, hybridHost);
const actual = new Map([['', lastOf(planNetfilter(netfilter, new Map())).result]]);

function lastOf<T>(items: readonly T[]): T {
  const item = items.at(-1);
  if (item === undefined) throw new Error('there is nothing to do');
  return item;
}

/** What has to be done on the host of the sample for this view. */
function stepsTo(objects: readonly HostObject[], inventory = hybridHost) {
  const next = applyChange(view, { revision: 2, set: objects, remove: [] });
  return planNetfilter(hybridFirewall(next, inventory).netfilter, actual);
}

function changedLines(steps: ReturnType<typeof stepsTo>): readonly string[] {
  return steps.flatMap((step) =>
    'restore' in step ? step.restore.split('\n').filter((line) => /^[-:ad]/.test(line)) : [],
  );
}

describe('the firewall of ports behind Linux bridges', () => {
  it.each([4, 6] as const)('for IPv%i is this', async (family) => {
    const [plan] = netfilter;
    const text = plan === undefined ? '' : planRuleset(plan.rules[family], new Map())?.restore;
    await expect(text).toMatchFileSnapshot(`golden/ipv${family}.restore`);
  });

  it('has these sets', async () => {
    const sets = netfilter.flatMap((plan) =>
      plan.sets.map(({ name, members }) => `${name}: ${[...members].join(' ')}\n`),
    );
    await expect(sets.join('')).toMatchFileSnapshot('golden/sets.txt');
  });

  it('does not depend on the order in which anything came', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...hybridObjects], { minLength: hybridObjects.length }), (objects) => {
        const shuffled = hybridFirewall(viewOf(1, objects), hybridHost);
        expect(planNetfilter(shuffled.netfilter, actual)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('is nowhere where br-int filters itself', () => {
    expect(hybridFirewall(view, { ...hybridHost, firewallDriver: 'openvswitch' })).toEqual({
      netfilter: [],
      connections: [],
    });
  });
});

describe('the cost of a change', () => {
  const many = Array.from({ length: 50 }, (_, index) => 100 + index);
  const objects = [...hybridObjects, ...many.map((digits) => port(digits, { security_groups: [groupId(2)] }))];
  const devices = [...hybridHost.plugged.values(), ...many.map((digits) => hybridPlugged(digits, digits))];
  const host = hybridInventory(devices);
  const full = viewOf(1, objects);
  const before = new Map([['', lastOf(planNetfilter(hybridFirewall(full, host).netfilter, new Map())).result]]);
  const linesTo = (...set: readonly HostObject[]) => {
    const next = applyChange(full, { revision: 2, set, remove: [] });
    return changedLines(planNetfilter(hybridFirewall(next, host).netfilter, before));
  };
  const rules = full.security_groups.get(groupId(2))?.rules ?? [];

  it('of a rule is one line, however many ports have its group', () => {
    expect(
      linesTo(group(2, [...rules, rule(99, { protocol: 6, port_range_min: 80, port_range_max: 80 })])),
    ).toHaveLength(1);
    expect(linesTo(group(2, rules.slice(1)))).toHaveLength(1);
  });

  it('of a member is one line, however many rules and ports refer to its set', () => {
    expect(linesTo(member(1, 'c', { ip: ip('10.0.0.77'), mac: null }))).toEqual([
      expect.stringMatching(/^add NIPv4\S+ 10\.0\.0\.77$/),
    ]);
  });

  it('of a port is that of its own chains, wherever it stands among the others', () => {
    const next = applyChange(full, {
      revision: 2,
      set: [port(105, { security_groups: [groupId(2)], revision_number: 9 })],
      remove: [],
    });
    expect(planNetfilter(hybridFirewall(next, host).netfilter, before)).toEqual([]);
    const without = hybridInventory(
      devices.filter(({ portId }) => portId !== id('port', 105)),
      {
        conntrackZones: host.conntrackZones,
      },
    );
    const gone = changedLines(planNetfilter(hybridFirewall(full, without).netfilter, before));
    expect(gone.filter((line) => line.startsWith('-D'))).toHaveLength(2 * 7);
    expect(gone.filter((line) => !line.startsWith('-D')).every((line) => /^-[FX] .*cccc0105-/.test(line))).toBe(true);
  });
});

describe('a port that iptables cannot guard', () => {
  const deadPort = (objects: readonly HostObject[], inventory = hybridHost, digits = 11) => {
    const next = applyChange(view, { revision: 2, set: objects, remove: [] });
    return compile(next, inventory).ports.find((each) => each.portId === id('port', digits));
  };

  it('is not connected when it is plugged without a bridge', () => {
    const inventory = hybridInventory([plugged(11, 111), plugged(14, 114)]);
    expect(deadPort([], inventory)).toMatchObject({
      tag: deadVlan,
      deadBecause: expect.stringContaining('not behind a Linux bridge'),
    });
    expect(deadPort([], inventory, 14)).toMatchObject({ tag: 1, behindNetfilter: false });
  });

  it('is not connected before its groups are known', () => {
    const lacking = port(11, { security_groups: [groupId(77)] });
    expect(deadPort([lacking])).toMatchObject({ tag: deadVlan, deadBecause: expect.stringContaining('is not known') });
  });

  it('is not connected without a zone of its own', () => {
    expect(deadPort([], { ...hybridHost, conntrackZones: new Map() })).toMatchObject({ tag: deadVlan });
    expect(deadPort([])).toMatchObject({ tag: 1, deadBecause: null, behindNetfilter: true });
  });
});

describe('zones of connection tracking', () => {
  it('are given to the ports whose groups are stateful, from 4097', () => {
    const zones = allocateConntrackZones(view, hybridHost, new Map());
    expect([...zones]).toEqual([
      [id('port', 11), 4097],
      [id('port', 12), 4098],
    ]);
  });

  it('are read back from the rules that set them', () => {
    const [plan] = netfilter;
    const saved = plan === undefined ? '' : (planRuleset(plan.rules[4], new Map())?.restore ?? '');
    expect(readZones(saved)).toEqual(allocateConntrackZones(view, hybridHost, new Map()));
    const kept = new Map([[id('port', 12), 5000]]);
    expect(allocateConntrackZones(view, hybridHost, kept).get(id('port', 12))).toBe(5000);
  });
});

it('leaves a host as it was when a port only has a new revision', () => {
  expect(stepsTo([port(11, { security_groups: [groupId(1)], revision_number: 2 })])).toEqual([]);
});
