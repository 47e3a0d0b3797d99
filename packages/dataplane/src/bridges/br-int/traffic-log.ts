// Ports whose traffic is written down: the first packet of each connection that their rules admit, and every packet that
// they do not admit, are sent to the agent besides, from the tables in which both are counted.

import { goto, output } from '../../openflow/action.ts';
import { match } from '../../openflow/match.ts';
import { holds } from '../../openflow/registers.ts';
import type { LocalPort } from './local-port.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';
import { register } from './registers.ts';

export interface LoggedEvents {
  readonly accepted: boolean;
  readonly dropped: boolean;
}

export function* logFlows({ view, ofport }: LocalPort, { accepted, dropped }: LoggedEvents): Generator<BrIntFlow> {
  const judged = match(holds(register.judgedPort, ofport));
  const priority = priorities.LOGGED;
  const of = view.id;
  if (accepted) {
    const why = 'the connection is written down';
    const onwards = goto('ACCEPTED_EGRESS_NORMAL');
    yield { table: 'ACCEPTED_EGRESS', priority, match: judged, actions: [output('CONTROLLER'), onwards], of, why };
    yield { table: 'ACCEPTED_INGRESS', priority, match: judged, actions: [output('CONTROLLER')], of, why };
  }
  if (dropped) {
    const why = 'that it is dropped is written down';
    yield { table: 'DROPPED', priority, match: judged, actions: [output('CONTROLLER')], of, why };
  }
}

/** What a packet from one of those tables says of itself. */
export function loggedIn(table: number): { readonly action: 'ACCEPT' | 'DROP' } | undefined {
  const { ACCEPTED_EGRESS, ACCEPTED_INGRESS, DROPPED } = brInt.tables;
  if (table === DROPPED.number) return { action: 'DROP' };
  return table === ACCEPTED_EGRESS.number || table === ACCEPTED_INGRESS.number ? { action: 'ACCEPT' } : undefined;
}
