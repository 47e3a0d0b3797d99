// Sets of addresses that rules name as their remote end: the ports of a group, or the addresses of an address group. A
// packet meets such a rule when its far end is in the set and the rest of it is what the rule says: a conjunctive match
// (ovs-fields(7)) of two clauses whose conj_id is the set's number. A member is one flow for every rule and every set.

import type { MemberAddress } from '@neutronium/model/host-view';
import { load, type Conjunction } from '../../openflow/action.ts';
import { ipOf, match } from '../../openflow/match.ts';
import { priorities, type BrIntFlow } from './pipeline.ts';
import { register, verdict } from './registers.ts';
import type { Side } from './side.ts';

const clauses = { member: 1, rule: 2 } as const;

/** One of the two clauses by which a packet is admitted because its far end is in the set. */
export function memberClause(set: number, clause: keyof typeof clauses): Conjunction {
  return { kind: 'conjunction', id: set, clause: clauses[clause], clauses: Object.keys(clauses).length };
}

/** A set by its id and by its number on this host. */
export interface NumberedSet {
  readonly id: string;
  readonly number: number;
}

/** What follows when both clauses are met: a rule of the group that is asked allows the packet. */
export function setConclusionFlow<Next extends string>(side: Side<Next>, { id, number }: NumberedSet): BrIntFlow {
  return side.flow({
    priority: priorities.RULES.remoteSet,
    match: match({ conj_id: number }),
    actions: [load(verdict.allowed, register.verdict)],
    of: id,
    why: `is ${side.direction === 'ingress' ? 'from' : 'to'} a member of ${id} and what a rule of the group says of them`,
  });
}

/** One address as a member of sets, the first of which it is counted for. There is at least one. */
export function memberFlow<Next extends string>(
  side: Side<Next>,
  member: MemberAddress,
  sets: readonly [NumberedSet, ...NumberedSet[]],
): BrIntFlow {
  const { family, tests } = side.farMember(member);
  return side.flow({
    priority: priorities.RULES.remoteSet,
    match: ipOf(family, tests),
    actions: sets.map(({ number }) => memberClause(number, 'member')).toSorted((a, b) => a.id - b.id),
    of: sets[0].id,
    why: `${member.ip} is a member of ${sets.map(({ id }) => id).join(' and ')}`,
  });
}
