// How packets come before the rules of the guarded port that they are for, and what passes whatever the rules are. One
// set of flows for all ports: the port is in a register.

import { ct, ctClear, goto, resubmit, type Action } from '../../openflow/action.ts';
import { ipOf, ipv4, ipv6, match, protocol } from '../../openflow/match.ts';
import { ctState } from '../../openflow/match-text.ts';
import { holds } from '../../openflow/registers.ts';
import { dhcpPorts } from './base-egress.ts';
import type { LocalPort } from './local-port.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';
import { networkZone, register } from './registers.ts';

/** Delivers to the port whose rules the packet had to meet, as far as its limits allow. */
export const toJudgedPort: Action<'INGRESS_PACKET_RATE_LIMIT'> = resubmit('INGRESS_PACKET_RATE_LIMIT');

export function* sharedIngressFlows(): Generator<BrIntFlow> {
  const base = { table: 'BASE_INGRESS', of: brInt.name } as const;
  const { client4, server4, client6, server6 } = dhcpPorts;
  const server = { ...base, priority: priorities.BASE_INGRESS.dhcpServer, actions: [toJudgedPort] } as const;
  yield {
    ...server,
    match: ipv4({ ip_proto: protocol.udp, udp_src: server4, udp_dst: client4 }),
    why: 'a DHCP server answers',
  };
  yield {
    ...server,
    match: ipv6({ ip_proto: protocol.udp, udp_src: server6, udp_dst: client6 }),
    why: 'a DHCPv6 server answers',
  };
  for (const family of [4, 6] as const) {
    yield {
      ...base,
      priority: priorities.BASE_INGRESS.untracked,
      match: ipOf(family, { ct_state: ctState({ trk: false }) }),
      actions: [ct({ zone: networkZone, table: 'RULES_INGRESS' })],
      why: `IPv${family} meets the rules with what is known of its connection`,
    };
  }
  yield {
    ...base,
    priority: priorities.BASE_INGRESS.tracked,
    match: match({ ct_state: ctState({ trk: true }) }),
    actions: [goto('RULES_INGRESS')],
    why: 'was tracked when it was sent',
  };
}

/** A port of stateless groups: what its sender tracked is forgotten, so that the rules alone decide. */
export function* statelessIngressFlows({ view, ofport }: LocalPort): Generator<BrIntFlow> {
  yield {
    table: 'BASE_INGRESS',
    priority: priorities.BASE_INGRESS.stateless,
    match: match(holds(register.judgedPort, ofport)),
    actions: [ctClear, goto('RULES_INGRESS')],
    of: view.id,
    why: 'its groups are stateless: no connection counts',
  };
}
