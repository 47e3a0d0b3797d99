import { accept, drop, jump, type Rule } from '@neutronium/dataplane/netfilter/rule';
import { ruleset } from '@neutronium/dataplane/netfilter/ruleset';
import { emptyRuleset } from '@neutronium/dataplane/netfilter/ruleset';
import { ipSet } from '@neutronium/dataplane/netfilter/ip-set';
import { inSet, source } from '@neutronium/dataplane/netfilter/conditions';
import { arbitraryNetfilter } from '@neutronium/dataplane/netfilter/netfilter-arbitraries';
import type { NetfilterPlan } from '@neutronium/dataplane/netfilter/plan-netfilter';
import { ipFromBigInt } from '@neutronium/net/ip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { converge } from '../converge.fake.ts';
import { FakeNetfilter } from './netfilter.fake.ts';
import { Netfilter } from './netfilter.ts';

const patterns = ['qrouter-*'];
const router = 'qrouter-1';
const { signal } = new AbortController();

function kernel(): FakeNetfilter {
  const fake = new FakeNetfilter();
  fake.makeNamespace(router);
  return fake;
}

const targetOn = ({ exec }: FakeNetfilter): Netfilter => new Netfilter({ exec, patterns });

const address = (low: number) => ipFromBigInt(0x0a000000n + BigInt(low), 4);
const rule = (low: number): Rule => ({ match: source(address(low)), to: drop, of: `port ${low}`, why: 'for a test' });

function filter(rules: readonly Rule[], members: readonly number[] = []): NetfilterPlan {
  const asks: Rule = { match: inSet('NIPv4set', 'source'), to: accept, of: 'set', why: 'is a member' };
  const hook: Rule = { match: [], to: jump('neutron-t-chain'), of: 'host', why: 'begins' };
  return {
    namespace: '',
    rules: {
      4: ruleset({
        chains: [{ table: 'filter', name: 'neutron-t-chain', rules: [...rules, asks] }],
        hooks: [{ table: 'filter', chain: 'FORWARD', position: 'first', rule: hook }],
      }),
      6: emptyRuleset,
    },
    sets: [ipSet('NIPv4set', 4, members.map(address))],
    sysctls: {},
  };
}

/** Any subset of the two namespaces, with anything in them. */
const anyPlans = fc
  .tuple(arbitraryNetfilter(''), arbitraryNetfilter(router), fc.subarray([0, 1]))
  .map(([host, inside, chosen]) => [host, inside].filter((_, index) => chosen.includes(index)));

describe('packet filters', () => {
  it('come from any state to any other, however much is remembered', async () => {
    const depth = fc.constantFrom('recall' as const, 'verify' as const);
    await fc.assert(
      fc.asyncProperty(anyPlans, anyPlans, depth, async (before, after, depth) => {
        const target = targetOn(kernel());
        await converge(target, before);
        await converge(target, after, { depth });
        expect(await converge(target, after, { depth: 'recall' })).toEqual([]);
        expect(await converge(target, after, { depth: 'verify' })).toEqual([]);
      }),
    );
  });

  it('are finished by another agent wherever the first was interrupted', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlans, anyPlans, fc.nat({ max: 6 }), async (before, after, stopAfter) => {
        const fake = kernel();
        await converge(targetOn(fake), before);
        await converge(targetOn(fake), after, { stopAfter });
        await converge(targetOn(fake), after);
        expect(await converge(targetOn(fake), after)).toEqual([]);
      }),
    );
  });

  it('are not touched by a restarted agent that wants the same', async () => {
    const fake = kernel();
    await converge(targetOn(fake), [filter([rule(1)], [7])]);
    const changes = fake.changes.length;
    await converge(targetOn(fake), [filter([rule(1)], [7])]);
    expect(fake.changes.length).toBe(changes);
  });

  it('are looked at once, and then remembered', async () => {
    const fake = kernel();
    const target = targetOn(fake);
    for (const rules of [[1], [1, 2], [2], []]) {
      await converge(target, [filter(rules.map(rule))], { depth: 'recall' });
    }
    expect(fake.looks).toBe(1);
    expect(fake.chain('', 'filter', 'neutron-t-chain')).toHaveLength(1);
  });

  it('change by one line for one rule, however many there are', async () => {
    const fake = kernel();
    const target = targetOn(fake);
    const rules = Array.from({ length: 100 }, (_, index) => rule(index + 1));
    await converge(target, [filter(rules.toSpliced(50, 1))]);
    await converge(target, [filter(rules)]);
    expect(
      fake.changes
        .at(-1)
        ?.split('\n')
        .filter((line) => line.startsWith('-')),
    ).toHaveLength(1);
    await converge(target, [filter(rules.toSpliced(20, 1))]);
    expect(
      fake.changes
        .at(-1)
        ?.split('\n')
        .filter((line) => line.startsWith('-')),
    ).toHaveLength(1);
    expect(await converge(targetOn(fake), [filter(rules.toSpliced(20, 1))])).toEqual([]);
  });

  it('change by one line for one member of a set, and leave the rules alone', async () => {
    const fake = kernel();
    const target = targetOn(fake);
    await converge(target, [filter([], [1, 2, 3])]);
    await converge(target, [filter([], [1, 3, 4])]);
    expect(fake.changes.at(-1)).toBe('add NIPv4set 10.0.0.4\ndel NIPv4set 10.0.0.2\n');
  });

  it('of others stay, and come after what must be first', async () => {
    const fake = kernel();
    const foreign = ['-s 192.0.2.1/32 -j DROP', '-j foreign'];
    fake.restore(`*filter\n:foreign - [0:0]\n${foreign.map((text) => `-A FORWARD ${text}`).join('\n')}\nCOMMIT\n`);
    const target = targetOn(fake);
    await converge(target, [filter([rule(1)])]);
    expect(fake.chain('', 'filter', 'FORWARD')?.slice(1)).toEqual(foreign);
    fake.restore('*filter\n-I FORWARD 1 -s 192.0.2.2/32 -j ACCEPT\nCOMMIT\n');
    await converge(target, [filter([rule(1)])]);
    expect(fake.chain('', 'filter', 'FORWARD')?.[0]).toContain('neutron-t-chain');
    await converge(target, []);
    expect(fake.chain('', 'filter', 'FORWARD')).toEqual(['-s 192.0.2.2/32 -j ACCEPT', ...foreign]);
    expect(fake.chain('', 'filter', 'foreign')).toEqual([]);
    expect(fake.chain('', 'filter', 'neutron-t-chain')).toBeUndefined();
  });

  it('of another agent with names like ours stay', async () => {
    const fake = kernel();
    fake.restore('*filter\n:neutron-openvswi-FORWARD - [0:0]\n-A neutron-openvswi-FORWARD -j DROP\nCOMMIT\n');
    await converge(targetOn(fake), [filter([rule(1)])]);
    await converge(targetOn(fake), []);
    expect(fake.chain('', 'filter', 'neutron-openvswi-FORWARD')).toEqual(['-j DROP']);
  });

  it('are filled anew where somebody has written into a chain or changed its order', async () => {
    const fake = kernel();
    const target = targetOn(fake);
    const wanted = [filter([rule(1), rule(2)])];
    await converge(target, wanted);
    const [first = '', ...rest] = fake.chain('', 'filter', 'neutron-t-chain') ?? [];
    for (const damage of [
      '-I neutron-t-chain 1 -j ACCEPT',
      `-D neutron-t-chain ${first}\n-A neutron-t-chain ${first}`,
      '-F neutron-t-chain',
      ...[first, ...rest].map((text) => `-D neutron-t-chain ${text}`),
    ]) {
      fake.restore(`*filter\n${damage}\nCOMMIT\n`);
      await converge(target, wanted);
      expect(fake.chain('', 'filter', 'neutron-t-chain')).toEqual([first, ...rest]);
    }
  });

  it('of a namespace in which a change was refused are looked at anew, and only those', async () => {
    const fake = kernel();
    const target = targetOn(fake);
    await converge(target, [filter([rule(1)])]);
    fake.refuses = () => 'the disk is on fire';
    await expect(converge(target, [filter([rule(1), rule(2)])], { depth: 'recall' })).rejects.toThrow('on fire');
    fake.refuses = () => null;
    expect(await converge(target, [filter([rule(1), rule(2)])], { depth: 'recall' })).toHaveLength(1);
    expect(fake.looks).toBe(2);
  });

  it('are right after a refresh that saw less than was done while it looked', async () => {
    const fake = kernel();
    const target = targetOn(fake);
    await converge(target, [filter([rule(1)])]);
    const gate = Promise.withResolvers<void>();
    fake.look = gate.promise;
    const refresh = target.refresh(signal);
    await converge(target, [filter([rule(1), rule(2)])], { depth: 'recall' });
    gate.resolve();
    await refresh;
    expect(await converge(target, [filter([rule(1), rule(2)])], { depth: 'recall' })).toEqual([]);
  });
});
