import { viewOf, type AddressSetMemberView, type SecurityGroupRuleView } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { groupAdmits } from './admits.ts';
import type { IpSummary } from './frame.ts';

const rule: SecurityGroupRuleView = {
  id: 'rule',
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: 6,
  port_range_min: 80,
  port_range_max: 89,
  remote: { kind: 'any' },
};
const packet: IpSummary = {
  family: 4,
  src: ip('10.0.0.1'),
  dst: ip('10.0.0.2'),
  protocol: 6,
  ports: { src: 40_000, dst: 80 },
  icmp: null,
};
const ping = { ...packet, protocol: 1, ports: null, icmp: { type: 8, code: 0 } };
const member: AddressSetMemberView = {
  section: 'address_set_members',
  id: 'set/port',
  set_id: 'set',
  addresses: [{ ip: ip('10.0.0.1'), mac: null }],
};

/** Whether a group with the rule, changed so, admits the packet. */
function admits(more: Partial<SecurityGroupRuleView>, given: IpSummary = packet): boolean {
  const group = {
    section: 'security_groups',
    id: 'group',
    name: '',
    stateful: true,
    rules: [{ ...rule, ...more }],
  } as const;
  return groupAdmits(viewOf(1, [group, member]), 'group', { direction: 'ingress', packet: given });
}

describe('a security group', () => {
  it('admits what one of its rules says', () => {
    expect(admits({})).toBe(true);
    expect(admits({ protocol: null, port_range_min: null, port_range_max: null }, ping)).toBe(true);
    expect(admits({ protocol: 1, port_range_min: 8, port_range_max: null }, ping)).toBe(true);
    expect(admits({ remote: { kind: 'prefix', cidr: cidr('10.0.0.0/24') } })).toBe(true);
    expect(admits({ remote: { kind: 'set', id: 'set' } })).toBe(true);
  });

  it('admits nothing else', () => {
    expect(admits({ direction: 'egress' })).toBe(false);
    expect(admits({ ethertype: 'IPv6' })).toBe(false);
    expect(admits({ protocol: 17 })).toBe(false);
    expect(admits({ port_range_min: 81 })).toBe(false);
    expect(admits({}, { ...packet, ports: null })).toBe(false);
    expect(admits({ protocol: 1, port_range_min: 0, port_range_max: 0 }, ping)).toBe(false);
    expect(admits({ remote: { kind: 'prefix', cidr: cidr('10.0.1.0/24') } })).toBe(false);
    expect(admits({ remote: { kind: 'set', id: 'another' } })).toBe(false);
  });
});
