// Ports behind Linux bridges and their groups, as tests see them.

import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import type {
  AddressSetMemberView,
  HostObject,
  MemberAddress,
  SecurityGroupRuleView,
  SecurityGroupView,
} from '@neutronium/model/host-view';
import type { Inventory, PluggedPort } from '../../host-plan.ts';
import { id, inventory, network, port, subnet } from '../../sample-host.ts';
import { hybridDevices } from './names.ts';

export function groupId(digits: number): string {
  return `dddd${String(digits).padStart(4, '0')}-0000-4000-8000-000000000000`;
}

export function rule(digits: number, given: Partial<SecurityGroupRuleView> = {}): SecurityGroupRuleView {
  return {
    id: `eeee${String(digits).padStart(4, '0')}-0000-4000-8000-000000000000`,
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote: { kind: 'any' },
    ...given,
  };
}

export function group(
  digits: number,
  rules: readonly SecurityGroupRuleView[],
  given: Partial<SecurityGroupView> = {},
): SecurityGroupView {
  return { section: 'security_groups', id: groupId(digits), name: `group${digits}`, stateful: true, rules, ...given };
}

export function member(digits: number, name: string, ...addresses: readonly MemberAddress[]): AddressSetMemberView {
  return { section: 'address_set_members', id: `${groupId(digits)}/${name}`, set_id: groupId(digits), addresses };
}

/** What a default group has: everything goes out, and its members may come in. */
export function defaultRules(digits: number): readonly SecurityGroupRuleView[] {
  return (['IPv4', 'IPv6'] as const).flatMap((ethertype, index) => [
    rule(digits * 10 + index, { ethertype, direction: 'egress' }),
    rule(digits * 10 + index + 2, { ethertype, remote: { kind: 'set', id: groupId(digits) } }),
  ]);
}

/** As os-vif plugs: the end of the pair is on br-int. */
export function hybridPlugged(digits: number, ofport: number): PluggedPort {
  const portId = id('port', digits);
  return { portId, device: hybridDevices.switchEnd(portId), ofport, ifindex: ofport };
}

export function hybridInventory(devices: readonly PluggedPort[], given: Partial<Inventory> = {}): Inventory {
  const zones = devices.map(({ portId }, index) => [portId, 4097 + index] as const);
  return inventory(devices, { firewallDriver: 'iptables_hybrid', conntrackZones: new Map(zones), ...given });
}

/** Two ports of a default group, one of which has every form of rule as well; a stateless one, and a trusted one. */
export const hybridObjects: readonly HostObject[] = [
  network(1),
  subnet(1),
  port(11, { security_groups: [groupId(1)] }),
  port(12, {
    security_groups: [groupId(2), groupId(1)],
    fixed_ips: [
      { subnet_id: id('subnet', 1), ip_address: ip('10.0.0.12') },
      { subnet_id: id('subnet', 6), ip_address: ip('2001:db8::12') },
    ],
    allowed_address_pairs: [
      { mac_address: mac('00:00:5e:00:01:01'), ip_address: ip('10.0.0.100') },
      { mac_address: mac('fa:16:3e:00:00:0c'), ip_address: cidr('10.0.1.0/24') },
    ],
  }),
  port(13, { security_groups: [groupId(3)] }),
  port(14, { port_security_enabled: false }),
  group(1, defaultRules(1), { name: 'default' }),
  group(2, [
    rule(21, { protocol: 6, port_range_min: 22, port_range_max: 22 }),
    rule(22, {
      protocol: 17,
      port_range_min: 1000,
      port_range_max: 1999,
      remote: { kind: 'prefix', cidr: cidr('192.0.2.0/24') },
    }),
    rule(23, { protocol: 1, port_range_min: 8, port_range_max: null }),
    rule(24, { protocol: 1, port_range_min: 3, port_range_max: 4 }),
    rule(25, { protocol: 132, port_range_min: 5, port_range_max: 6, remote: { kind: 'set', id: groupId(9) } }),
    rule(26, { ethertype: 'IPv6', protocol: 58, port_range_min: 128, port_range_max: 0 }),
    rule(27, { ethertype: 'IPv6', protocol: 44 }),
    rule(28, { protocol: 112, direction: 'egress' }),
    rule(29, { protocol: 0 }),
  ]),
  group(3, [rule(31, { protocol: 6 }), rule(32, { direction: 'egress' })], { stateful: false }),
  member(1, 'a', { ip: ip('10.0.0.11'), mac: null }, { ip: ip('2001:db8::11'), mac: null }),
  member(1, 'b', { ip: ip('10.0.0.12'), mac: null }, { ip: cidr('10.0.1.0/24'), mac: mac('fa:16:3e:00:00:0c') }),
  member(9, 'everywhere', { ip: cidr('0.0.0.0/0'), mac: mac('fa:16:3e:00:00:99') }),
];

export const hybridHost: Inventory = hybridInventory([
  hybridPlugged(11, 111),
  hybridPlugged(12, 112),
  hybridPlugged(13, 113),
  hybridPlugged(14, 114),
]);
