// The two sides on which a port's rules are asked: of what it sends and of what it receives. The tables mirror each
// other, so that one generator writes both; what differs is here.

import type { MemberAddress } from '@neutronium/model/host-view';
import { cidrFamily, hostCidr, isCidr, prefixLength, type Cidr } from '@neutronium/net/cidr';
import type { Family } from '@neutronium/net/ip';
import { ct, goto, resubmit, type Action } from '../../openflow/action.ts';
import type { Match, MatchFields } from '../../openflow/match.ts';
import { toJudgedPort } from './base-ingress.ts';
import type { brInt, BrIntFlow } from './pipeline.ts';
import { networkZone } from './registers.ts';

type TableNext<Table extends keyof typeof brInt.tables> = (typeof brInt.tables)[Table]['next'][number];
type EgressNext = TableNext<'RULES_EGRESS'>;
type IngressNext = TableNext<'RULES_INGRESS'>;

interface FlowParts<Next extends string> {
  readonly priority: number;
  readonly match: Match;
  readonly actions: readonly Action<Next>[];
  readonly of: string;
  readonly why: string;
}

export interface Side<Next extends string> {
  readonly direction: 'ingress' | 'egress';
  /** The table of the rules, which also leads to itself. */
  readonly table: Next;
  readonly refuse: Action<Next>;
  /** Lets a packet pass, as the first of its connection or not. */
  accept(how: { readonly opens: boolean }): readonly Action<Next>[];
  /** Tests of the far end: the source of what a port receives, the destination of what it sends. */
  far(address: Cidr): MatchFields;
  /** The same for a member of an address set. */
  farMember(member: MemberAddress): { readonly family: Family; readonly tests: MatchFields };
  flow(parts: FlowParts<Next>): BrIntFlow;
}

function farMember(side: Pick<Side<never>, 'far'>, { ip, mac }: MemberAddress, macField: 'eth_src' | 'eth_dst') {
  const prefix = isCidr(ip) ? ip : hostCidr(ip);
  const tests = prefixLength(prefix) === 0 && mac !== null ? { [macField]: mac } : side.far(prefix);
  return { family: cidrFamily(prefix), tests };
}

export const egress: Side<EgressNext> = {
  direction: 'egress',
  table: 'RULES_EGRESS',
  refuse: goto('DROPPED'),
  // Whoever the packet is for decides whether its connection is remembered.
  accept: () => [goto('ACCEPT_OR_INGRESS')],
  far: (address) => (cidrFamily(address) === 4 ? { ip_dst: address } : { ipv6_dst: address }),
  farMember: (member) => farMember(egress, member, 'eth_dst'),
  flow: (parts) => ({ table: 'RULES_EGRESS', ...parts }),
};

export const ingress: Side<IngressNext> = {
  direction: 'ingress',
  table: 'RULES_INGRESS',
  refuse: goto('DROPPED'),
  accept: ({ opens }) => {
    return opens
      ? [ct({ zone: networkZone, commit: true }), toJudgedPort, resubmit('ACCEPTED_INGRESS')]
      : [toJudgedPort];
  },
  far: (address) => (cidrFamily(address) === 4 ? { ip_src: address } : { ipv6_src: address }),
  farMember: (member) => farMember(ingress, member, 'eth_src'),
  flow: (parts) => ({ table: 'RULES_INGRESS', ...parts }),
};
