// A host as tests see it: two tenants who both use 10.0.0.0/24, a flat and a VLAN network, their ports, and security
// groups of every sort.

import { cidr } from '@neutronium/net/cidr';
import { ip, ipFromBigInt } from '@neutronium/net/ip';
import { mac, macFromBigInt } from '@neutronium/net/mac';
import type {
  AddressSetMemberView,
  DhcpServiceView,
  HostObject,
  MemberAddress,
  NetworkView,
  PortView,
  RemoteEnd,
  SecurityGroupRuleView,
  SecurityGroupView,
  SubnetView,
} from '@neutronium/model/host-view';
import type { Inventory, PluggedPort } from './host-plan.ts';

const kinds = {
  network: 'aaaa',
  subnet: 'bbbb',
  port: 'cccc',
  group: 'dddd',
  rule: 'eeee',
  addresses: 'ffff',
} as const;

/** An id that shows `digits` near its beginning, in the form of the API's ids. */
export function id(kind: keyof typeof kinds, digits: number): string {
  return `${kinds[kind]}${String(digits).padStart(4, '0')}-0000-4000-8000-000000000000`;
}

export function network(digits: number, given: Partial<NetworkView> = {}): NetworkView {
  return {
    section: 'networks',
    id: id('network', digits),
    project_id: `project${digits}`,
    mtu: 1500,
    admin_state_up: true,
    segments: [{ id: `segment${digits}`, network_type: 'local', physical_network: null, segmentation_id: null }],
    dns_domain: 'openstacklocal',
    ...given,
  };
}

export function subnet(digits: number, given: Partial<SubnetView> = {}): SubnetView {
  return {
    section: 'subnets',
    id: id('subnet', digits),
    network_id: id('network', digits),
    ip_version: 4,
    cidr: cidr('10.0.0.0/24'),
    gateway_ip: ip('10.0.0.1'),
    enable_dhcp: true,
    dns_nameservers: [],
    host_routes: [],
    address_scope_id: null,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    ...given,
  };
}

export function port(digits: number, given: Partial<PortView> = {}): PortView {
  return {
    section: 'ports',
    id: id('port', digits),
    network_id: id('network', 1),
    project_id: 'alice',
    host: 'alpha',
    mac_address: macFromBigInt(0xfa163e000000n + BigInt(digits)),
    admin_state_up: true,
    device_owner: 'compute:nova',
    device_id: `instance${digits}`,
    fixed_ips: [{ subnet_id: id('subnet', 1), ip_address: ipFromBigInt(0x0a000000n + BigInt(digits), 4) }],
    allowed_address_pairs: [],
    port_security_enabled: true,
    security_groups: [],
    dns_assignment: [],
    extra_dhcp_opts: [],
    revision_number: 1,
    ...given,
  };
}

export function group(
  digits: number,
  rules: readonly SecurityGroupRuleView[],
  given: Partial<SecurityGroupView> = {},
): SecurityGroupView {
  return {
    section: 'security_groups',
    id: id('group', digits),
    name: `group${digits}`,
    stateful: true,
    rules: rules.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ...given,
  };
}

/** A rule for all of IPv4 from anywhere, unless something else is said. */
export function rule(digits: number, given: Partial<SecurityGroupRuleView> = {}): SecurityGroupRuleView {
  return {
    id: id('rule', digits),
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote: { kind: 'any' },
    ...given,
  };
}

export function remotePrefix(prefix: string): RemoteEnd {
  return { kind: 'prefix', cidr: cidr(prefix) };
}

export function remoteSet(kind: 'group' | 'addresses', digits: number): RemoteEnd {
  return { kind: 'set', id: id(kind, digits) };
}

/** What a default group admits: everything out, and everything in from its own members. Four rules from `digits` on. */
export function defaultRules(groupDigits: number, digits: number): readonly SecurityGroupRuleView[] {
  const members = remoteSet('group', groupDigits);
  return [
    rule(digits, { direction: 'egress' }),
    rule(digits + 1, { direction: 'egress', ethertype: 'IPv6' }),
    rule(digits + 2, { remote: members }),
    rule(digits + 3, { ethertype: 'IPv6', remote: members }),
  ];
}

/** A member of a set, under the name that tells it apart from the others. */
export function member(
  set: string,
  name: string,
  addresses: readonly (string | MemberAddress)[],
): AddressSetMemberView {
  return {
    section: 'address_set_members',
    id: `${set}/${name}`,
    set_id: set,
    addresses: addresses.map((each) =>
      typeof each === 'string' ? { ip: each.includes('/') ? cidr(each) : ip(each), mac: null } : each,
    ),
  };
}

export function dhcpService(digits: number, portDigits: number): DhcpServiceView {
  return { section: 'dhcp', id: id('network', digits), port_id: id('port', portDigits) };
}

export function plugged(portDigits: number, ofport: number): PluggedPort {
  const portId = id('port', portDigits);
  return { portId, device: `tap${portId}`.slice(0, 14), ofport, ifindex: ofport };
}

/** An inventory of host alpha with those devices; networks 1..4 have the local VLANs 1..4. */
export function inventory(devices: readonly PluggedPort[], given: Partial<Inventory> = {}): Inventory {
  return {
    host: 'alpha',
    integrationBridge: 'br-int',
    plugged: new Map(devices.map((device) => [device.portId, device])),
    trunkDevices: new Map(),
    localVlans: new Map([1, 2, 3, 4].map((digits) => [id('network', digits), digits])),
    bridgeMappings: new Map([['physnet1', 'br-ex']]),
    patchPorts: new Map([
      ['int-br-ex', 1],
      ['phy-br-ex', 2],
    ]),
    tunnels: null,
    tunnelPorts: new Map(),
    firewallDriver: 'openvswitch',
    conntrackZones: new Map(),
    metadataProxies: 'none',
    vrrpAdvertInt: 2,
    loggedPackets: { rate: 100, burst: 25 },
    haStates: new Map(),
    stateDir: '/var/lib/neutronium',
    ...given,
  };
}

const elsewhere = { subnet_id: id('subnet', 2), ip_address: ip('10.0.0.11') };

/** Alice's default group and her group for web servers; the first names the second as little as it names Bob. */
const sampleGroups: readonly HostObject[] = [
  group(1, defaultRules(1, 10), { name: 'default' }),
  group(
    2,
    [
      rule(20, { protocol: 6, port_range_min: 22, port_range_max: 22 }),
      rule(21, { protocol: 1, port_range_min: 8, port_range_max: 0, remote: remotePrefix('10.0.0.0/8') }),
      rule(22, { protocol: 17, port_range_min: 8000, port_range_max: 8081, remote: remoteSet('addresses', 1) }),
      rule(23, { direction: 'egress', ethertype: 'IPv6' }),
      rule(24, { direction: 'egress', protocol: 6, remote: remoteSet('addresses', 1) }),
    ],
    { name: 'ssh' },
  ),
  group(
    3,
    [
      rule(30, { protocol: 6, port_range_min: 80, port_range_max: 80 }),
      rule(31, { direction: 'egress', protocol: 6 }),
      rule(32, { protocol: 58, ethertype: 'IPv6' }),
    ],
    { name: 'fast', stateful: false },
  ),
  group(5, [rule(50, { protocol: 6, port_range_min: 80, port_range_max: 89, remote: remotePrefix('192.0.2.0/24') })], {
    name: 'web',
  }),
  member(id('group', 1), id('port', 11), ['10.0.0.11', 'fe80::f816:3eff:fe00:b']),
  member(id('group', 1), id('port', 12), [
    '10.0.0.12',
    '10.0.0.100',
    '10.0.1.0/24',
    { ip: cidr('0.0.0.0/0'), mac: mac('fa:16:3e:00:00:0c') },
  ]),
  member(id('addresses', 1), '198.51.100.0/24', ['198.51.100.0/24']),
  member(id('addresses', 1), '10.0.0.12', ['10.0.0.12']),
];

/** Alice's network 1 with two instances and its DHCP port; Bob's network 2; network 3 flat and 4 VLAN on physnet1. */
export const sampleObjects: readonly HostObject[] = [
  network(1),
  network(2),
  network(3, {
    segments: [{ id: 'segment3', network_type: 'flat', physical_network: 'physnet1', segmentation_id: null }],
  }),
  network(4, {
    segments: [{ id: 'segment4', network_type: 'vlan', physical_network: 'physnet1', segmentation_id: 101 }],
  }),
  subnet(1),
  subnet(2),
  port(2, { device_owner: 'network:dhcp' }),
  port(11, { security_groups: [id('group', 1)] }),
  port(12, {
    allowed_address_pairs: [
      { mac_address: mac('00:00:5e:00:01:01'), ip_address: ip('10.0.0.100') },
      { mac_address: mac('fa:16:3e:00:00:0c'), ip_address: cidr('10.0.1.0/24') },
    ],
    security_groups: [id('group', 1), id('group', 5)],
  }),
  port(21, { network_id: id('network', 2), fixed_ips: [elsewhere], security_groups: [id('group', 2)] }),
  port(22, { network_id: id('network', 2), fixed_ips: [], port_security_enabled: false }),
  port(31, { network_id: id('network', 3), fixed_ips: [], security_groups: [id('group', 3)] }),
  port(41, { network_id: id('network', 4), fixed_ips: [], admin_state_up: false }),
  port(42, { network_id: id('network', 4), fixed_ips: [], host: 'beta' }),
  port(43, { network_id: id('network', 4), fixed_ips: [] }),
  dhcpService(1, 2),
  ...sampleGroups,
];

/** Every port of the sample is plugged, and one that nobody knows. */
export const sampleInventory: Inventory = inventory([
  plugged(2, 102),
  plugged(11, 111),
  plugged(12, 112),
  plugged(21, 121),
  plugged(22, 122),
  plugged(31, 131),
  plugged(41, 141),
  plugged(42, 142),
  plugged(43, 143),
  plugged(99, 199),
]);
