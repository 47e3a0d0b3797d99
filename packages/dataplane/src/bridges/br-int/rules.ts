// Security group rules as flows, in one of two forms. A rule of a port's own is two flows that name the port, for the
// first packet of a connection and for the others (one, where the group is stateless): they can be read alone. A rule of
// a group that several ports share is one flow that names the group, and answers that it allows the packet.
//
// A rule whose remote end is a set of addresses is always in the second form, as a clause of the set's conjunctive match
// (ovs-fields(7)): otherwise the set's members would have to be there once more for every port.

import type { SecurityGroupRuleView, SecurityGroupView } from '@neutronium/model/host-view';
import { invariant } from '@neutronium/net/invariant';
import type { Family } from '@neutronium/net/ip';
import { load } from '../../openflow/action.ts';
import { ipOf, type MatchFields } from '../../openflow/match.ts';
import { holds } from '../../openflow/registers.ts';
import { memberClause } from './address-sets.ts';
import { continues, opens } from './judgement.ts';
import type { BrIntFlow } from './pipeline.ts';
import { register, verdict } from './registers.ts';
import { describeRule, protocolTests, rulePriority } from './rule-match.ts';
import type { Side } from './side.ts';

/** The rules that name no set, for one port alone. The group has no problem (groupProblem). */
export function* ownRuleFlows<Next extends string>(
  side: Side<Next>,
  { group, ofport }: { readonly group: SecurityGroupView; readonly ofport: number },
): Generator<BrIntFlow> {
  for (const rule of rulesOf(group, side.direction)) {
    if (rule.remote.kind === 'set') continue;
    for (const tests of ruleTests(side, rule)) {
      const flow = (state: MatchFields, isNew: boolean) =>
        side.flow({
          priority: rulePriority(rule),
          match: ipOf(familyOf(rule), { ...holds(register.judgedPort, ofport), ...tests, ...state }),
          actions: side.accept({ opens: isNew }),
          of: rule.id,
          why: describeRule(group, rule),
        });
      if (!group.stateful) {
        yield flow({}, false);
        continue;
      }
      yield flow({ ct_state: continues }, false);
      yield flow({ ct_state: opens }, true);
    }
  }
}

/** The rules that name no set, once for all ports that ask the group. The group has no problem (groupProblem). */
export function* sharedRuleFlows<Next extends string>(
  side: Side<Next>,
  { group, number }: { readonly group: SecurityGroupView; readonly number: number },
): Generator<BrIntFlow> {
  for (const rule of rulesOf(group, side.direction)) {
    if (rule.remote.kind === 'set') continue;
    for (const tests of ruleTests(side, rule)) {
      yield side.flow({
        priority: rulePriority(rule),
        match: ipOf(familyOf(rule), { ...holds(register.askedGroup, number), ...tests }),
        actions: [load(verdict.allowed, register.verdict)],
        of: rule.id,
        why: describeRule(group, rule),
      });
    }
  }
}

/** The rules that name a set. `sets` has the numbers of all sets that the group names. */
export function* setRuleFlows<Next extends string>(
  side: Side<Next>,
  given: { readonly group: SecurityGroupView; readonly number: number; readonly sets: ReadonlyMap<string, number> },
): Generator<BrIntFlow> {
  const { group, number, sets } = given;
  for (const rule of rulesOf(group, side.direction)) {
    if (rule.remote.kind !== 'set') continue;
    const set = sets.get(rule.remote.id);
    invariant(set !== undefined, () => `rule ${rule.id} names a set without a number`);
    for (const tests of ruleTests(side, rule)) {
      yield side.flow({
        priority: rulePriority(rule),
        match: ipOf(familyOf(rule), { ...holds(register.askedGroup, number), ...tests }),
        actions: [memberClause(set, 'rule')],
        of: rule.id,
        why: describeRule(group, rule),
      });
    }
  }
}

function* ruleTests(side: Pick<Side<never>, 'far'>, rule: SecurityGroupRuleView): Generator<MatchFields> {
  const tests = protocolTests(rule);
  // Whoever has a port with such a group lets the port forward nothing, and does not come here.
  invariant(tests.ok, () => `rule ${rule.id} cannot be said in flows`);
  const far = rule.remote.kind === 'prefix' ? side.far(rule.remote.cidr) : {};
  for (const test of tests.value) yield { ...test, ...far };
}

export function familyOf(rule: SecurityGroupRuleView): Family {
  return rule.ethertype === 'IPv4' ? 4 : 6;
}

export function rulesOf(
  group: SecurityGroupView,
  direction: SecurityGroupRuleView['direction'],
): readonly SecurityGroupRuleView[] {
  return group.rules.filter((rule) => rule.direction === direction);
}
