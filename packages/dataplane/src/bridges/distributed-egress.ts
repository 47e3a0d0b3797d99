// What leaves a host of the parts of distributed routers there, by tunnels and by wires alike: the flows of the table
// DVR_PROCESS, which both bridges have before they do anything else.

import { family } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import { drop, goto, setField, type Action } from '../openflow/action.ts';
import { tagged } from '../openflow/field.ts';
import {
  arp,
  icmpv6,
  ipv6,
  match,
  neighborSolicitation,
  protocol,
  toGroupAddress,
  type Match,
} from '../openflow/match.ts';
import type { DistributedSide } from './distributed-side.ts';

export interface EgressFlow<Next extends string> {
  readonly table: 'DVR_PROCESS';
  readonly priority: number;
  readonly match: Match;
  readonly actions: readonly Action<Next>[];
  readonly of: string;
  readonly why: string;
}

const priorities = { question: 3, toRouter: 2, fromRouter: 1 } as const;

/**
 * The flows of one interface. `own` is the host's address, null for a host that has none: nothing of the router leaves it.
 * What may leave goes on to `next`.
 */
export function* sideEgressFlows<Next extends string>(
  { id, localVlan, mac, addresses }: DistributedSide,
  { own, next }: { readonly own: Mac | null; readonly next: Next },
): Generator<EgressFlow<Next>> {
  const onNetwork = { vlan_vid: tagged(localVlan) };
  const base = { table: 'DVR_PROCESS', of: id } as const;
  for (const address of addresses) {
    yield {
      ...base,
      priority: priorities.question,
      match:
        family(address) === 4
          ? arp({ ...onNetwork, arp_tpa: address })
          : neighborSolicitation({ ...onNetwork, nd_target: address }),
      actions: drop,
      why: `asks for ${address}, which the router of this host has`,
    };
  }
  yield {
    ...base,
    priority: priorities.question,
    match: ipv6({ ...onNetwork, eth_src: mac, ip_proto: protocol.icmpv6, icmpv6_type: icmpv6.routerAdvertisement }),
    actions: drop,
    why: 'is announced to instances of this host only',
  };
  yield {
    ...base,
    priority: priorities.toRouter,
    match: match({ ...onNetwork, eth_dst: mac }),
    actions: drop,
    why: 'is for the router of this host',
  };
  yield {
    ...base,
    priority: priorities.toRouter,
    match: match({ ...onNetwork, eth_src: mac, eth_dst: toGroupAddress }),
    actions: drop,
    why: 'is what the router says to all of this host: others have their own',
  };
  yield {
    ...base,
    priority: priorities.fromRouter,
    match: match({ ...onNetwork, eth_src: mac }),
    actions: own === null ? drop : [setField('eth_src', own), goto(next)],
    why: own === null ? 'comes from a router of a host without an address' : `leaves the host as ${own}`,
  };
}
