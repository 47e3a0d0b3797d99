// How the security groups' verdict on a packet comes about, apart from the rules themselves. A port with rules of its
// own meets them directly. A port whose groups are shared asks each of them in turn: it puts the group's number into a
// register and searches the table again; a rule that admits the packet answers in another register. While a group is
// asked nothing but rules can match, because what the connection's state decides was tried before, and everything else
// tests that no group is asked.
//
// So rules exist once for all ports of a group, and a port costs one flow on each side, whatever its groups contain.

import { ct, load, resubmit, setField } from '../../openflow/action.ts';
import { ipOf, match, toOneStation } from '../../openflow/match.ts';
import { ctState, fragment } from '../../openflow/match-text.ts';
import { holds } from '../../openflow/registers.ts';
import type { LocalPort } from './local-port.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';
import { audience, connectionMark, networkZone, nobody, register, verdict } from './registers.ts';
import type { Side } from './side.ts';

/** A packet of a known connection in the direction in which the connection was opened. */
export const continues = ctState({ est: true, rel: false, rpl: false });
/** The first packet of a connection. */
export const opens = ctState({ new: true, est: false });
const untracked = ctState({ trk: false });

const noneAsked = holds(register.askedGroup, nobody);

/** The flows that judge packets of all ports. */
export function* sharedJudgementFlows<Next extends string>(side: Side<Next>): Generator<BrIntFlow> {
  yield* connectionFlows(side);
  yield* verdictFlows(side);
  yield* cutFlows(side);
}

/** Answers to what was admitted pass, and what is related to it (ICMP errors), until the connection is cut. */
function* connectionFlows<Next extends string>(side: Side<Next>): Generator<BrIntFlow> {
  const base = { priority: priorities.RULES.state, of: brInt.name } as const;
  yield side.flow({
    ...base,
    match: match({ ct_state: ctState({ inv: true, trk: true }) }),
    actions: [side.refuse],
    why: 'belongs to no connection that could be',
  });
  yield side.flow({
    ...base,
    match: match({ ct_mark: connectionMark.cut }),
    actions: [side.refuse],
    why: 'belongs to a connection that no rule allows any more',
  });
  const pass = { ...base, actions: side.accept({ opens: false }) } as const;
  yield side.flow({
    ...pass,
    match: match({ ct_state: ctState({ est: true, rel: false, rpl: true }), ct_mark: connectionMark.allowed }),
    why: 'answers what was allowed',
  });
  yield side.flow({
    ...pass,
    match: match({
      ct_state: ctState({ new: false, est: false, rel: true, inv: false }),
      ct_mark: connectionMark.allowed,
    }),
    why: 'reports on what was allowed',
  });
  // The userspace datapath tracks a datagram whole, but has each of its fragments judged, and only the first has ports.
  for (const family of [4, 6] as const) {
    yield side.flow({
      ...pass,
      match: ipOf(family, { ip_frag: fragment('later'), ct_state: continues, ct_mark: connectionMark.allowed }),
      why: `is the rest of an IPv${family} datagram whose beginning meets the rules`,
    });
  }
}

/** What becomes of a packet once the groups were asked. */
function* verdictFlows<Next extends string>(side: Side<Next>): Generator<BrIntFlow> {
  const isAllowed = { ...holds(register.verdict, verdict.allowed), ...noneAsked };
  // The packet may go on to another port's judgement.
  const forget = load(verdict.nobodyAsked, register.verdict);
  const base = { priority: priorities.RULES.verdict, of: brInt.name } as const;
  const known = [forget, ...side.accept({ opens: false })];
  yield side.flow({
    ...base,
    match: match({ ...isAllowed, ct_state: continues }),
    actions: known,
    why: 'a group allows the connection still',
  });
  yield side.flow({
    ...base,
    match: match({ ...isAllowed, ct_state: untracked }),
    actions: known,
    why: 'a stateless group allows it',
  });
  for (const family of [4, 6] as const) {
    yield side.flow({
      ...base,
      match: ipOf(family, { ...isAllowed, ct_state: opens }),
      actions: [forget, ...side.accept({ opens: true })],
      why: `a group allows the new IPv${family} connection`,
    });
  }
}

/**
 * A connection that no rule allows any more is marked, by which its answers end too. One that was cut is judged again
 * with each packet from where it was opened, so that it lives again when a rule allows it again. For that its mark goes
 * and, where nothing allows it, comes back while the packet is in the switch.
 *
 * Several ports may be asked about one packet. That one of them does not want its copy cuts no connection, so such a
 * packet gives none a new life either.
 */
function* cutFlows<Next extends string>(side: Side<Next>): Generator<BrIntFlow> {
  const base = { of: brInt.name, priority: priorities.RULES.nobodyAllows } as const;
  yield side.flow({
    ...base,
    match: match({ ...noneAsked, ct_state: ctState({ est: false }) }),
    actions: [side.refuse],
    why: 'no rule allows it',
  });
  const mark = (value: number) => ({ zone: networkZone, commit: true, exec: [setField('ct_mark', value)] });
  const forOne = holds(register.audience, audience.one);
  for (const family of [4, 6] as const) {
    yield side.flow({
      ...base,
      match: ipOf(family, { ...noneAsked, ...forOne, ct_state: ctState({ est: true }) }),
      actions: [ct(mark(connectionMark.cut))],
      why: `no rule allows the IPv${family} connection any more: it is cut`,
    });
    yield side.flow({
      ...base,
      priority: priorities.RULES.reconsider,
      // A frame that will be for several ports is for one sender yet when it is sent.
      match: ipOf(family, {
        ...forOne,
        eth_dst: toOneStation,
        ct_state: continues,
        ct_mark: connectionMark.cut,
        ip_frag: fragment('not_later'),
      }),
      actions: [ct({ ...mark(connectionMark.allowed), table: side.table })],
      why: `the IPv${family} connection was cut: is it allowed again?`,
    });
  }
}

/** How a port asks groups by their numbers, in that order. Without groups there is nobody to ask. */
export function* askFlows<Next extends string>(
  side: Side<Next>,
  { view, ofport }: LocalPort,
  groups: readonly number[],
): Generator<BrIntFlow> {
  if (groups.length === 0) return;
  const again = resubmit(side.table);
  yield side.flow({
    priority: priorities.RULES.ask,
    match: match({
      ...holds(register.judgedPort, ofport),
      ...holds(register.verdict, verdict.nobodyAsked),
    }),
    actions: [
      load(verdict.asked, register.verdict),
      ...groups.flatMap((group) => [load(group, register.askedGroup), again]),
      load(nobody, register.askedGroup),
      again,
      // A frame to everyone goes on to the judgement of the next port.
      load(verdict.nobodyAsked, register.verdict),
    ],
    of: view.id,
    why: `asks ${groups.length === 1 ? 'its security group' : `its ${groups.length} security groups`}`,
  });
}
