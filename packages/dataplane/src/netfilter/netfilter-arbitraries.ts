// Random packet filters that a kernel accepts, for tests.

import fc from 'fast-check';
import { ipFromBigInt, type Family } from '@neutronium/net/ip';
import { destination, inSet, source } from './conditions.ts';
import { ipSet } from './ip-set.ts';
import type { NetfilterPlan } from './plan-netfilter.ts';
import { accept, back, drop, jump, target, type Rule } from './rule.ts';
import { ruleset, type Chain, type Hook, type Ruleset } from './ruleset.ts';

const chainNames = ['neutron-t-one', 'neutron-t-two', 'neutron-t-three'] as const;
const setNames = ['NIPv4one', 'NIPv4two'] as const;
const address = (family: Family) =>
  fc.integer({ min: 1, max: 6 }).map((low) => ipFromBigInt(0x0a000000n + BigInt(low), family));

const plain = (family: Family): fc.Arbitrary<Rule> =>
  fc.record({
    match: fc.oneof(address(family).map(source), address(family).map(destination), fc.constant([])),
    to: fc.constantFrom(accept, drop, back, target('MARK', '--set-xmark', '0x1/0xffff')),
    of: fc.constant('a test'),
    why: fc.integer({ min: 0, max: 30 }).map((number) => `it says "${number}"`),
  });
const asking = (set: string): Rule => ({ match: inSet(set, 'source'), to: accept, of: set, why: 'asks a set' });

const chain = (name: string, rules: fc.Arbitrary<readonly Rule[]>): fc.Arbitrary<Chain> =>
  fc.record({ table: fc.constant('mangle' as const), name: fc.constant(name), rules });

/** Up to three chains, of which each may jump to those before it, and hooks to them; they ask all of `sets`. */
function arbitraryRuleset(family: Family, sets: readonly string[]): fc.Arbitrary<Ruleset> {
  const count = fc.integer({ min: 0, max: chainNames.length });
  return count.chain((wanted) => {
    const names = chainNames.slice(0, wanted);
    const chains = names.map((name, index) => {
      const jumps = names.slice(0, index).map((to): Rule => ({ match: [], to: jump(to), of: name, why: 'goes on' }));
      const rules = fc.uniqueArray(plain(family), { maxLength: 8, selector: ({ why }) => why });
      return chain(
        name,
        rules.map((own) => [...own, ...jumps, ...(index === 0 ? sets.map(asking) : [])]),
      );
    });
    const hook = (name: string): fc.Arbitrary<Hook> =>
      fc.record({
        table: fc.constant('mangle' as const),
        chain: fc.constantFrom('PREROUTING' as const, 'FORWARD' as const),
        position: fc.constantFrom('first' as const, 'last' as const),
        rule: fc.constant({ match: [], to: jump(name), of: name, why: 'begins' } satisfies Rule),
      });
    return fc
      .tuple(fc.tuple(...chains), fc.tuple(...names.map(hook)))
      .map(([made, hooks]) => ruleset({ chains: made, hooks }));
  });
}

/** What one namespace should have. */
export function arbitraryNetfilter(namespace: string): fc.Arbitrary<NetfilterPlan> {
  const sets = fc
    .subarray([...setNames])
    .chain((names) =>
      fc.tuple(
        ...names.map((name) => fc.array(address(4), { maxLength: 4 }).map((members) => ipSet(name, 4, members))),
      ),
    );
  return sets.chain((made) =>
    fc.record({
      namespace: fc.constant(namespace),
      rules: fc.record({
        4: arbitraryRuleset(
          4,
          made.map(({ name }) => name),
        ),
        6: arbitraryRuleset(6, []),
      }),
      sets: fc.constant(made),
      sysctls: fc.constantFrom({}, { 'net.bridge.bridge-nf-call-iptables': '1' }),
    }),
  );
}
