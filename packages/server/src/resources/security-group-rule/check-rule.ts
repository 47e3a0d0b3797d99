// What a rule may say about traffic, and how it is kept. The checks come in the order in which clients see them fail.

import { normalizedPrefix } from '@neutronium/model/kinds/remote-prefix';
import { protocolNumber } from '@neutronium/model/ip-protocols';
import type { SecurityGroupRuleCreate } from '@neutronium/model/resources/security-group-rule';
import {
  SecurityGroupEthertypeConflictWithProtocol,
  SecurityGroupInvalidIcmpValue,
  SecurityGroupInvalidPortRange,
  SecurityGroupInvalidPortValue,
  SecurityGroupInvalidProtocolForPort,
  SecurityGroupMissingIcmpType,
  SecurityGroupMultipleRemoteEntites,
  SecurityGroupProtocolRequiredWithPorts,
  SecurityGroupRuleParameterConflict,
} from '@neutronium/model/security-group-errors';
import { cidrFamily } from '@neutronium/net/cidr';

/** What a rule and a template of rules have in common. */
export type Traffic = Pick<
  SecurityGroupRuleCreate,
  | 'direction'
  | 'ethertype'
  | 'protocol'
  | 'port_range_min'
  | 'port_range_max'
  | 'remote_ip_prefix'
  | 'remote_group_id'
  | 'remote_address_group_id'
>;

const icmp = 1;
const icmpForIpv6 = 58;

/** Protocols with ports of 16 bits: DCCP, SCTP, TCP, UDP, UDP-Lite. */
const portProtocols = ['dccp', 'sctp', 'tcp', 'udp', 'udplite'] as const;
const portProtocolNumbers = new Set<number>(portProtocols.map(protocolNumber));

/** Extension headers and protocols that only IPv6 has (RFC 8200 section 4; RFC 4443; RFC 2473). */
const ipv6Protocols = new Set<number>(
  ['ipv6-encap', 'ipv6-frag', 'ipv6-icmp', 'ipv6-nonxt', 'ipv6-opts', 'ipv6-route'].map(protocolNumber),
);

/** The traffic as it is kept: ICMP of IPv6 by its own name, all ports as no ports. Throws what is wrong with it. */
export function checkedTraffic<T extends Traffic>(request: T): T {
  const canonical = { ...request, protocol: canonicalProtocol(request), ...canonicalRange(request) };
  checkRange(canonical);
  checkPrefix(canonical);
  checkFamily(canonical);
  const remotes = [request.remote_ip_prefix, request.remote_group_id, request.remote_address_group_id];
  if (remotes.filter((remote) => remote !== null).length > 1) throw new SecurityGroupMultipleRemoteEntites();
  return canonical;
}

function canonicalProtocol({ ethertype, protocol }: Traffic): string | null {
  if (ethertype !== 'IPv6') return protocol;
  if (protocol === 'icmp' || protocol === 'icmpv6') return 'ipv6-icmp';
  return protocol === String(icmp) ? String(icmpForIpv6) : protocol;
}

function canonicalRange({
  port_range_min,
  port_range_max,
}: Traffic): Pick<Traffic, 'port_range_min' | 'port_range_max'> {
  const all = port_range_min === 1 && port_range_max === 65_535;
  return all ? { port_range_min: null, port_range_max: null } : { port_range_min, port_range_max };
}

function checkRange({ protocol, port_range_min: min, port_range_max: max }: Traffic): void {
  if (min === null && max === null) return;
  if (protocol === null) throw new SecurityGroupProtocolRequiredWithPorts();
  const number = protocolNumber(protocol);
  if (portProtocolNumbers.has(number)) {
    if (min === 0 || max === 0) throw new SecurityGroupInvalidPortValue({ port: 0 });
    if (min === null || max === null || min > max) throw new SecurityGroupInvalidPortRange();
  } else if (number === icmp || number === icmpForIpv6) {
    checkIcmp('port_range_min', 'type', min);
    checkIcmp('port_range_max', 'code', max);
    if (min === null && max !== null) throw new SecurityGroupMissingIcmpType({ value: max });
  } else {
    const valid_port_protocols = portProtocols.map((name) => name.toUpperCase()).join(', ');
    throw new SecurityGroupInvalidProtocolForPort({ protocol: number, valid_port_protocols });
  }
}

/** Types and codes have eight bits (RFC 792, RFC 4443). */
function checkIcmp(attr: string, field: string, value: number | null): void {
  if (value !== null && value > 255) throw new SecurityGroupInvalidIcmpValue({ field, attr, value });
}

function checkPrefix({ ethertype, remote_ip_prefix }: Traffic): void {
  if (remote_ip_prefix === null) return;
  if (ethertype !== `IPv${cidrFamily(normalizedPrefix(remote_ip_prefix))}`) {
    throw new SecurityGroupRuleParameterConflict({ ethertype, cidr: remote_ip_prefix });
  }
}

function checkFamily({ ethertype, protocol }: Traffic): void {
  if (ethertype === 'IPv4' && protocol !== null && ipv6Protocols.has(protocolNumber(protocol))) {
    throw new SecurityGroupEthertypeConflictWithProtocol({ ethertype, protocol });
  }
}

/** Two rules of one group with the same key admit the same traffic, however each of them spells it. */
export function trafficKey(rule: Traffic): string {
  const anywhere = rule.remote_ip_prefix === '0.0.0.0/0' || rule.remote_ip_prefix === '::/0';
  return JSON.stringify([
    rule.direction,
    rule.ethertype,
    rule.protocol === null ? null : protocolNumber(rule.protocol),
    rule.port_range_min,
    rule.port_range_max,
    anywhere ? null : rule.remote_ip_prefix,
    rule.remote_group_id,
    rule.remote_address_group_id,
  ]);
}
