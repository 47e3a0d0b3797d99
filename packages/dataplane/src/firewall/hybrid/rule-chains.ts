// The rules of a security group as chains, one for each direction and family, which all ports that have the group go
// through: a rule that changes changes one chain of the host, however many ports have the group.

import type { Family } from '@neutronium/net/ip';
import type { SecurityGroupRuleView, SecurityGroupView } from '@neutronium/model/host-view';
import { destination, icmp, icmp6, inSet, source, sourceMac } from '../../netfilter/conditions.ts';
import { accept, type Rule, type Words } from '../../netfilter/rule.ts';
import type { Chain } from '../../netfilter/ruleset.ts';
import { emptyMemberSet, type MemberSet, type MemberSets } from './member-sets.ts';
import { chainNames } from './names.ts';

export const directions = ['ingress', 'egress'] as const;
export type Direction = (typeof directions)[number];

/** The rules of a group that speak of that direction and family. */
export function rulesOf(
  group: SecurityGroupView,
  direction: Direction,
  family: Family,
): readonly SecurityGroupRuleView[] {
  const ethertype = family === 4 ? 'IPv4' : 'IPv6';
  return group.rules.filter((rule) => rule.direction === direction && rule.ethertype === ethertype);
}

/** The members of a set that a rule names, of the rule's family. */
export function membersOf(sets: MemberSets, id: string, family: Family): MemberSet {
  return sets.get(id)?.[family] ?? emptyMemberSet(id, family);
}

/** The chain of a group's rules; null where it has none. What a rule admits is accepted at once. */
export function groupChain(
  group: SecurityGroupView,
  { direction, family, sets }: { readonly direction: Direction; readonly family: Family; readonly sets: MemberSets },
): Chain | null {
  const own = rulesOf(group, direction, family);
  if (own.length === 0) return null;
  const rules = own.flatMap((rule) => {
    const traffic = trafficOf(rule, family);
    if (traffic === null) return [];
    return remoteEnds(rule, { direction, family, sets }).map((remote) =>
      acceptingRule(group, rule, { remote, traffic }),
    );
  });
  return { table: 'filter', name: chainNames.group(group.id, direction), rules };
}

// Rules are values that never change, and what they become depends on little else: made once, their texts and marks
// need not be made again with every plan.
const made = new WeakMap<SecurityGroupRuleView, Map<string, Rule>>();

function acceptingRule(
  group: SecurityGroupView,
  rule: SecurityGroupRuleView,
  { remote, traffic }: { readonly remote: Words; readonly traffic: Words },
): Rule {
  const key = `${group.name}\n${remote.join(' ')}`;
  const known = made.get(rule) ?? new Map<string, Rule>();
  made.set(rule, known);
  let accepting = known.get(key);
  if (accepting === undefined) {
    const why = `a rule of group ${group.id} (${group.name})`;
    accepting = { match: [...remote, ...traffic], to: accept, of: rule.id, why };
    known.set(key, accepting);
  }
  return accepting;
}

/** The conditions on the far end, each of which suffices. */
function remoteEnds(
  { remote }: SecurityGroupRuleView,
  { direction, family, sets }: { readonly direction: Direction; readonly family: Family; readonly sets: MemberSets },
): readonly Words[] {
  switch (remote.kind) {
    case 'any':
      return [[]];
    case 'prefix':
      return [direction === 'ingress' ? source(remote.cidr) : destination(remote.cidr)];
    case 'set': {
      const { set, everywhere } = membersOf(sets, remote.id, family);
      const named = inSet(set.name, direction === 'ingress' ? 'source' : 'destination');
      return [named, ...(direction === 'ingress' ? everywhere.map(sourceMac) : [])];
    }
  }
}

/** IANA's numbers of the protocols that have ports. */
const tcp = 6;
const udp = 17;
const dccp = 33;
const sctp = 132;
const udplite = 136;
export const protocolsWithPorts: ReadonlySet<number> = new Set([tcp, udp, dccp, sctp, udplite]);
export const icmpProtocol = { 4: 1, 6: 58 } as const;

/** IPv6's extension headers, which are no upper-layer protocols (RFC 8200 section 4), as iptables-extensions(8) names them. */
const extensionHeaders: Readonly<Record<number, string>> = {
  0: 'hop-by-hop',
  43: 'ipv6-route',
  44: 'ipv6-frag',
  60: 'ipv6-opts',
};

/** The conditions on the rest of the packet; null where no packet of that family meets them. */
function trafficOf({ protocol, port_range_min: first, port_range_max: last }: SecurityGroupRuleView, family: Family) {
  if (protocol === null) return [];
  if (protocol === icmpProtocol[family] && first !== null) return family === 4 ? icmp(first, last) : icmp6(first, last);
  const header = extensionHeaders[protocol];
  if (header !== undefined && family === 6) return ['-m', 'ipv6header', '--header', header, '--soft'];
  // To iptables 0 means all protocols; no IPv4 packet is of protocol 0.
  if (protocol === 0) return null;
  return ['-p', String(protocol), ...portWords(protocol, { first, last })];
}

/** A range that has one end reaches to the end of all ports. */
function portWords(
  protocol: number,
  { first, last }: { readonly first: number | null; readonly last: number | null },
): Words {
  if (!protocolsWithPorts.has(protocol) || (first === null && last === null)) return [];
  const [from, to] = [first ?? 0, last ?? 65_535];
  const ports = from === to ? String(from) : `${from}:${to}`;
  if (protocol === tcp) return ['-m', 'tcp', '--dport', ports];
  if (protocol === udp) return ['-m', 'udp', '--dport', ports];
  return ['-m', 'multiport', '--dports', ports];
}
