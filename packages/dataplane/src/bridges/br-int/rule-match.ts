// What a security group rule admits, as matches: its protocol, its ports or ICMP type and code, and its remote prefix.
// The same for every port and either side; who asks, and a remote set, are not part of it.

import type { SecurityGroupRuleView, SecurityGroupView } from '@neutronium/model/host-view';
import { accept, refuse, type Parsed } from '@neutronium/net/parsed';
import { prefixLength } from '@neutronium/net/cidr';
import { protocol, type MatchFields } from '../../openflow/match.ts';
import { portTests } from '../../openflow/port-range.ts';
import { priorities } from './pipeline.ts';

/** Tests of the protocol and of what it carries, one for each flow that the rule needs; or why there are none. */
export function protocolTests(rule: SecurityGroupRuleView): Parsed<readonly MatchFields[]> {
  const { protocol: number, port_range_min: min, port_range_max: max } = rule;
  if (number === null) return accept([{}]);
  const base = { ip_proto: number };
  if (min === null) return accept([base]);
  switch (number) {
    case protocol.icmp:
      if (rule.ethertype !== 'IPv4') return refuse('IPv6 has no ICMP types of IPv4');
      return accept([{ ...base, icmp_type: min, ...(max === null ? {} : { icmp_code: max }) }]);
    case protocol.icmpv6:
      if (rule.ethertype !== 'IPv6') return refuse('IPv4 has no ICMP types of IPv6');
      return accept([{ ...base, icmpv6_type: min, ...(max === null ? {} : { icmpv6_code: max }) }]);
    case protocol.tcp:
      return accept(portTests(min, max ?? min).map((tcp_dst) => ({ ...base, tcp_dst })));
    case protocol.udp:
      return accept(portTests(min, max ?? min).map((udp_dst) => ({ ...base, udp_dst })));
    case protocol.sctp:
      return accept(portTests(min, max ?? min).map((sctp_dst) => ({ ...base, sctp_dst })));
    default:
      // ovs-fields(7) knows the ports of TCP, UDP and SCTP. Without its ports the rule would admit all of them.
      return refuse(`Open vSwitch cannot match ports of ${protocolName(number)}`);
  }
}

/** Neutron's order: what says less about a packet has the lower priority, and remote sets the lowest. */
export function rulePriority(rule: SecurityGroupRuleView): number {
  if (rule.remote.kind === 'set') return priorities.RULES.remoteSet;
  if (rule.protocol === null) return priorities.RULES.anyProtocol;
  const isIcmp = rule.protocol === protocol.icmp || rule.protocol === protocol.icmpv6;
  if (!isIcmp) return priorities.RULES.specific;
  if (rule.port_range_min === null) return priorities.RULES.anyIcmp;
  return rule.port_range_max === null ? priorities.RULES.icmpType : priorities.RULES.specific;
}

// Views are immutable, and every port of a group asks.
const problems = new WeakMap<SecurityGroupView, string | null>();

/** Why flows cannot say what the group says, for people; null where they can. */
export function groupProblem(group: SecurityGroupView): string | null {
  const known = problems.get(group);
  if (known !== undefined) return known;
  let problem: string | null = null;
  for (const rule of group.rules) {
    const tests = protocolTests(rule);
    if (!tests.ok) problem ??= `rule ${rule.id} of security group ${group.name}: ${tests.reason}`;
  }
  problems.set(group, problem);
  return problem;
}

/** `web: allows TCP 80-89 from 10.0.0.0/8` */
export function describeRule(group: SecurityGroupView, rule: SecurityGroupRuleView): string {
  const preposition = rule.direction === 'ingress' ? 'from' : 'to';
  return `${group.name}: allows ${describeTraffic(rule)} ${preposition} ${describeRemote(rule)}`;
}

function describeTraffic(rule: SecurityGroupRuleView): string {
  const { protocol: number, port_range_min: min, port_range_max: max } = rule;
  if (number === null) return rule.ethertype;
  const name = protocolName(number);
  // TCP over IPv4 needs no word about it.
  const over = rule.ethertype === 'IPv6' && number !== protocol.icmpv6 ? ' over IPv6' : '';
  if (min === null) return `${name}${over}`;
  if (number === protocol.icmp || number === protocol.icmpv6) {
    return `${name} type ${min}${max === null ? '' : ` code ${max}`}${over}`;
  }
  return `${name} ${max === null || max === min ? min : `${min}-${max}`}${over}`;
}

function describeRemote({ remote, ethertype }: SecurityGroupRuleView): string {
  switch (remote.kind) {
    case 'any':
      return 'anywhere';
    case 'prefix':
      return prefixLength(remote.cidr) === 0 ? `all of ${ethertype}` : remote.cidr;
    case 'set':
      return `members of ${remote.id}`;
  }
}

function protocolName(number: number): string {
  const [name] = Object.entries(protocol).find(([, each]) => each === number) ?? [];
  if (name === undefined) return `protocol ${number}`;
  return name === 'icmpv6' ? 'ICMPv6' : name.toUpperCase();
}
