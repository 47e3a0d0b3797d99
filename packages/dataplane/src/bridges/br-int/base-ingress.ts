// What a guarded port may receive whatever its rules are, and how the rest comes before its rules. One set of flows for
// all ports: the port is in a register.

import { ct, ctClear, goto, type Action } from '../../openflow/action.ts';
import { arp, icmpv6, ipOf, ipv4, ipv6, match, protocol, type Match } from '../../openflow/match.ts';
import { ctState } from '../../openflow/match-text.ts';
import { holds } from '../../openflow/registers.ts';
import { dhcpPorts } from './base-egress.ts';
import type { LocalPort } from './local-port.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';
import { networkZone, register } from './registers.ts';

/** Output to the port whose rules the packet has to meet. */
export const toJudgedPort: Action<never> = { kind: 'output_slice', from: register.judgedPort };

/**
 * What finds neighbours and routers, without which a port could not use its addresses at all. The switch may flood it
 * to guarded ports without asking.
 */
export const discovery: readonly { readonly match: Match; readonly name: string }[] = [
  { match: arp({}), name: 'ARP' },
  ...Object.entries({
    'multicast listener query': icmpv6.multicastListenerQuery,
    'multicast listener report': icmpv6.multicastListenerReport,
    'multicast listener done': icmpv6.multicastListenerDone,
    'multicast listener report (version 2)': icmpv6.multicastListenerReportV2,
    'router advertisement': icmpv6.routerAdvertisement,
    'neighbour solicitation': icmpv6.neighborSolicitation,
    'neighbour advertisement': icmpv6.neighborAdvertisement,
  }).map(([name, type]) => ({ match: ipv6({ ip_proto: protocol.icmpv6, icmpv6_type: type }), name })),
];

export function* sharedIngressFlows(): Generator<BrIntFlow> {
  const base = { table: 'BASE_INGRESS', of: brInt.name } as const;
  for (const { match: tests, name } of discovery) {
    yield {
      ...base,
      priority: priorities.BASE_INGRESS.discovery,
      match: tests,
      actions: [toJudgedPort],
      why: `${name} reaches every port`,
    };
  }
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
