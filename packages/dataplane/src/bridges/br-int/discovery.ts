// ARP and IPv6 neighbour discovery, without which a port could not use its addresses at all. Whatever may send it sends
// it to every port, past all rules, and always by the switch's own forwarding: from it the switch learns where stations
// are. Other frames to guarded ports are delivered by flows, and nothing is learned from those; without the refreshes
// that every conversation brings, the answers to them would soon be flooded to all ports.

import { normal } from '../../openflow/action.ts';
import { arp, icmpv6, ipv6, protocol, type Match } from '../../openflow/match.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';

const discovery: readonly { readonly tests: Match; readonly name: string }[] = [
  { tests: arp({}), name: 'ARP' },
  ...Object.entries({
    'multicast listener query': icmpv6.multicastListenerQuery,
    'multicast listener report': icmpv6.multicastListenerReport,
    'multicast listener done': icmpv6.multicastListenerDone,
    'multicast listener report (version 2)': icmpv6.multicastListenerReportV2,
    'router advertisement': icmpv6.routerAdvertisement,
    'neighbour solicitation': icmpv6.neighborSolicitation,
    'neighbour advertisement': icmpv6.neighborAdvertisement,
  }).map(([name, type]) => ({ tests: ipv6({ ip_proto: protocol.icmpv6, icmpv6_type: type }), name })),
];

/** The same for all ports. What a guarded port sends comes here by ACCEPTED_EGRESS_NORMAL, when its claims were seen to. */
export function* discoveryFlows(): Generator<BrIntFlow> {
  for (const { tests, name } of discovery) {
    const flow = { match: tests, actions: [normal], of: brInt.name, why: `${name} reaches every port` };
    yield { ...flow, table: 'TRANSIENT', priority: priorities.TRANSIENT.discovery };
    yield { ...flow, table: 'ACCEPTED_EGRESS_NORMAL', priority: priorities.ACCEPTED_EGRESS_NORMAL.discovery };
  }
}
