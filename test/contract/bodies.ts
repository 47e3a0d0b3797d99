// What the requests of a sequence say.

import fc from 'fast-check';
import { named, oddNamed, pick, reference, some } from './body.ts';
import { macsOfRequests, namedAddresses } from './named.ts';

const flag = pick(true, false, 'true', 'False', 0, 1);
const oddFlags = [2, 'maybe', 'YES', 'off'];
const networkChanges = { ...named, admin_state_up: flag, mtu: pick(0, 1280, 1400), port_security_enabled: flag };
const oddNetwork = {
  ...oddNamed,
  admin_state_up: oddFlags,
  mtu: [67, 1450, 1451, 9000, '1400'],
  colour: ['unknown to both'],
  status: ['ACTIVE'],
  id: ['00000000-0000-4000-8000-000000000001'],
  tenant_id: ['$project(owner)', '$project(stranger)'],
  project_id: ['$project(owner)', '$project(stranger)'],
  dns_domain: ['example.org', 'example.org.', '-.', '<project_id>.example.org.', 'x<user_name>.example.org.'],
  availability_zone_hints: [[], ['nowhere'], ['a', 'a']],
  'provider:segmentation_id': [1],
};
export const network = some(networkChanges, oddNetwork);
export const networkChange = some(networkChanges, {
  ...oddNetwork,
  shared: [true, false],
  'router:external': [true, false],
  'provider:network_type': ['vlan', 'vxlan'],
});

const wire = (type: string, physical?: string, id?: number) => ({
  'provider:network_type': type,
  ...(physical === undefined ? {} : { 'provider:physical_network': physical }),
  ...(id === undefined ? {} : { 'provider:segmentation_id': id }),
});
/** A VLAN's id is named on physnet2 only: physnet1's are drawn by the servers, each as it likes. */
const wires = [
  wire('vlan', 'physnet1'),
  wire('vlan', 'physnet2', 150),
  wire('vlan', 'physnet2', 151),
  wire('vlan', 'physnet2', 4094),
  wire('flat', 'physnet1'),
  wire('flat', 'physnet2'),
  wire('local'),
  wire('vxlan', undefined, 500),
  wire('vxlan', undefined, 501),
  wire('gre', undefined, 500),
  wire('geneve', undefined, 500),
  wire('vxlan'),
];
const oddWires = [
  wire('vlan', 'physnet2', 0),
  wire('vlan', 'physnet2', 4095),
  wire('vlan', 'physnet3', 150),
  wire('vlan', undefined, 150),
  wire('flat'),
  wire('flat', 'physnet1', 5),
  wire('flat', 'physnet1', 0),
  wire('local', 'physnet1'),
  wire('local', undefined, 5),
  wire('vxlan', 'physnet1', 500),
  wire('vxlan', undefined, 0),
  wire('bus'),
  { 'provider:physical_network': 'physnet2' },
  { 'provider:segmentation_id': 5 },
];
const visibility = { ...named, shared: flag, 'router:external': flag };
export const providerNetwork = fc
  .tuple(some(visibility, {}), fc.oneof({ weight: 3, arbitrary: pick(...wires) }, pick(...oddWires)))
  .map(([body, chosen]) => ({ ...body, ...(chosen as object) }));
export const multiSegmentNetwork = fc
  .tuple(
    some({ ...named }, {}),
    fc.array(fc.oneof({ weight: 5, arbitrary: pick(...wires) }, pick(...oddWires)), { maxLength: 3 }),
  )
  .map(([body, segments]) => ({ ...body, segments }));

const pool = (start: string, end: string) => ({ start, end });
const subnetChanges = {
  ...named,
  enable_dhcp: flag,
  dns_nameservers: pick([], ['8.8.8.8'], ['8.8.8.8', '9.9.9.9']),
  host_routes: pick([], [{ destination: '10.20.0.0/24', nexthop: '10.1.0.9' }]),
};
const oddSubnet = {
  ...oddNamed,
  enable_dhcp: oddFlags,
  dns_publish_fixed_ip: [true, 'yes', ...oddFlags],
  dns_nameservers: [['8.8.8.8', '8.8.8.8'], ['::1'], ['x'], Array.from({ length: 6 }, (_, i) => `9.9.9.${i}`)],
  host_routes: [
    [{ destination: '10.20.0.0/24', nexthop: '::1' }],
    [{ destination: 'x' }],
    [{ destination: '10.20.0.5/24', nexthop: '10.1.0.9' }],
    [{ destination: 'x', nexthop: '10.1.0.9' }],
    Array.from({ length: 21 }, (_, i) => ({ destination: `10.20.${i}.0/24`, nexthop: '10.1.0.9' })),
    [
      { destination: '10.20.0.0/24', nexthop: '10.1.0.9' },
      { destination: '10.20.0.0/24', nexthop: '10.1.0.9' },
    ],
  ],
  gateway_ip: ['10.1.0.15', '10.1.0.255', '10.1.0.0', 'fd00:1::1', 'x', null],
  allocation_pools: [
    [],
    [pool('10.1.0.20', '10.1.0.10')],
    [pool('10.1.0.10', '10.1.0.20'), pool('10.1.0.15', '10.1.0.30')],
    [pool('10.1.0.10', '10.1.1.20')],
    [pool('fd00:1::10', 'fd00:1::20')],
    [pool('10.1.0.0', '10.1.0.255')],
    [{ start: '10.1.0.10' }],
  ],
  service_types: [[], ['compute:nova'], ['network:dhcp'], ['bogus'], ['compute:nova', 'compute:nova'], [1]],
  prefixlen: [24],
  shared: [true],
  colour: ['unknown to both'],
};
export const subnetChange = some(
  {
    ...subnetChanges,
    gateway_ip: pick('10.1.0.1', '10.1.0.254', '10.9.0.1', null),
    allocation_pools: pick([pool('10.1.0.10', '10.1.0.20')], [pool('10.1.0.100', '10.1.0.200')]),
  },
  { ...oddSubnet, cidr: ['10.1.0.0/24'], network_id: ['$network.0'], ip_version: [4] },
);

const subnet4 = some(
  {
    ...subnetChanges,
    network_id: reference('network', 'network', 'provided'),
    ip_version: pick(4, '4'),
    cidr: pick('10.1.0.0/24', '10.1.0.5/24', '10.1.0.0/16'),
    gateway_ip: pick('10.1.0.1', '10.1.0.254', '10.9.0.1', null),
    allocation_pools: pick(
      [pool('10.1.0.10', '10.1.0.20')],
      [pool('10.1.0.10', '10.1.0.20'), pool('10.1.0.30', '10.1.0.40')],
    ),
  },
  {
    ...oddSubnet,
    ip_version: [5, 6, '6'],
    cidr: [
      '10.2.0.0/30',
      '10.3.0.0/31',
      '10.3.0.1/32',
      '224.0.0.0/24',
      '127.0.0.0/8',
      '0.0.0.0/0',
      '10.1.0.0',
      'fd00:2::/64',
    ],
    ipv6_ra_mode: ['slaac'],
    network_id: ['none'],
  },
  ['network_id', 'ip_version', 'cidr'],
);
const modes = ['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'];
const subnet6 = fc
  .tuple(
    some(
      {
        ...named,
        enable_dhcp: fc.constant(true),
        network_id: reference('network'),
        ip_version: fc.constant(6),
        cidr: pick('fd00:1::/64', 'fd00:2::/64', 'fd00:3::5/64', 'fd00:4::/96'),
        gateway_ip: pick('fe80::1', 'fd00:9::1', null),
        dns_nameservers: pick([], ['2001:db8::1']),
      },
      {
        ...oddNamed,
        enable_dhcp: [false],
        ip_version: [4],
        cidr: ['fd00:5::/127', 'fd00:5::/128', 'ff02::/64', '::1/128', '10.1.0.0/24'],
        gateway_ip: ['fd00:1::', 'fd00:1::ffff:ffff:ffff:ffff', '10.1.0.1'],
        ipv6_ra_mode: modes,
        ipv6_address_mode: modes,
        allocation_pools: [[pool('fd00:1::10', 'fd00:1::20')], [pool('10.1.0.10', '10.1.0.20')]],
      },
      ['network_id', 'ip_version', 'cidr'],
    ),
    pick(undefined, ...modes),
  )
  .map(([body, mode]) => (mode === undefined ? body : { ipv6_ra_mode: mode, ipv6_address_mode: mode, ...body }));

/** Of the networks on which ports name their addresses: named addresses lie outside the pool. */
const pooledSubnet = some(
  {
    ...named,
    network_id: reference('pooled'),
    ip_version: fc.constant(4),
    cidr: fc.constant('10.7.0.0/24'),
    allocation_pools: fc.constant([pool('10.7.0.100', '10.7.0.200')]),
    gateway_ip: pick('10.7.0.1', null),
    enable_dhcp: flag,
  },
  { gateway_ip: ['10.7.0.150', '10.7.0.255'] },
  ['network_id', 'ip_version', 'cidr', 'allocation_pools'],
);

const subnetFromPool = some(
  {
    ...named,
    network_id: reference('network'),
    ip_version: fc.constant(4),
    subnetpool_id: reference('subnetpool'),
    prefixlen: pick(24, 26, '28'),
  },
  {
    ip_version: [6],
    prefixlen: [0, 7, 20, 31, 33, 64],
    cidr: ['10.10.5.0/24', '10.99.0.0/24'],
    use_default_subnetpool: [true],
    gateway_ip: ['10.10.0.1'],
  },
  ['network_id', 'ip_version', 'subnetpool_id'],
)
  // Neutron gives a subnet from a pool a gateway even when none was asked for; we do as we are asked.
  .filter((body) => !('gateway_ip' in body) || body.gateway_ip !== null);

export const subnet = fc.oneof(
  { weight: 4, arbitrary: subnet4 },
  { weight: 2, arbitrary: subnet6 },
  { weight: 2, arbitrary: subnetFromPool },
);
export { pooledSubnet };

const subnetpoolChanges = {
  ...named,
  name: pick('a', 'b'),
  default_quota: pick(256, 1000),
  default_prefixlen: pick(24, '26'),
};
const oddSubnetpool = {
  name: ['', 'x'.repeat(255)],
  description: ['x'.repeat(256)],
  default_quota: [0, '5'],
  default_prefixlen: [0, 8, 30, 33],
  min_prefixlen: [0, 8, '24', 26, 33, 64],
  max_prefixlen: [20, 24, 28, 32, 129],
  prefixes: [
    ['10.10.0.0/16', '10.11.0.0/16'],
    ['10.10.0.0/17', '10.10.128.0/17', '10.10.3.0/24'],
    ['10.0.0.0/8'],
    ['10.10.0.0/16', 'fd00::/48'],
    ['10.10.0.0/33'],
    ['10.10.0.5/16'],
    ['10.10.0.0'],
    [],
  ],
  shared: [true, false],
  is_default: [true, false],
  ip_version: [4],
  address_scope: ['x'],
};
export const subnetpool = some(
  { ...subnetpoolChanges, prefixes: pick(['10.10.0.0/16'], ['10.10.0.0/22', '10.12.0.0/24'], ['fd00:10::/48']) },
  oddSubnetpool,
  ['name', 'prefixes'],
);
export const subnetpoolChange = some(subnetpoolChanges, oddSubnetpool);
export const prefixes = fc.record({
  prefixes: pick(
    ['10.10.0.0/16'],
    ['10.11.0.0/16'],
    ['10.10.2.0/24'],
    ['fd00:11::/48'],
    ['x'],
    [],
    ['10.10.0.0/22'],
    'x',
  ),
});

const fixedIps = fc.uniqueArray(
  fc.oneof(
    fc.record({ ip_address: pick(...namedAddresses) }),
    fc.record({ subnet_id: reference('pooled-subnet') }),
    fc.record({ subnet_id: reference('pooled-subnet'), ip_address: pick(...namedAddresses) }),
  ),
  { maxLength: 2, selector: (entry) => JSON.stringify(entry) },
);
const option = (opt_name: string, opt_value: string | null, ip_version?: number) =>
  ip_version === undefined ? { opt_name, opt_value } : { opt_name, opt_value, ip_version };
const portChanges = {
  ...named,
  admin_state_up: flag,
  fixed_ips: fixedIps,
  device_id: pick('', 'device'),
  device_owner: pick('', 'compute:nova', 'network:dhcp'),
  extra_dhcp_opts: pick(
    [],
    [option('bootfile-name', 'a')],
    [option('bootfile-name', 'b', 4), option('tftp-server', '10.0.0.1')],
    [option('bootfile-name', 'c', 6)],
  ),
  allowed_address_pairs: pick(
    [],
    [{ ip_address: '10.7.0.77' }],
    [{ ip_address: '0.0.0.0/0', mac_address: 'fa:16:3e:00:00:77' }],
  ),
  dns_name: pick('', 'host1'),
  security_groups: pick([], ['$security_group.0'], ['$security_group.1', '$security_group.0']),
};
const oddPort = {
  ...oddNamed,
  admin_state_up: oddFlags,
  mac_address: [...macsOfRequests, '00:00:00:00:00:00', '01:00:5e:00:00:01x', null],
  fixed_ips: [
    [{ ip_address: '10.200.0.1' }],
    [{ ip_address: '10.7.0.10' }, { ip_address: '10.7.0.10' }],
    [{ ip_address: 'x' }],
    [{ subnet_id: 'x' }],
    [{ subnet_id: '00000000-0000-4000-8000-000000000001' }],
    [{ subnet_id: '$pooled-subnet.0' }, { subnet_id: '$pooled-subnet.0' }],
    [{ colour: 'red' }],
    [{}],
  ],
  device_id: ['x'.repeat(256)],
  device_owner: ['network:router_interface', 'network:floatingip', 'x'.repeat(256)],
  extra_dhcp_opts: [
    [option('bootfile-name', null)],
    [option('bootfile-name', '')],
    [option(' ', 'a')],
    [option('router', '')],
    [option('bootfile-name', 'a', 5)],
    [{ opt_name: 'x' }],
    [option('bootfile-name', 'a'), option('bootfile-name', 'b')],
  ],
  allowed_address_pairs: [
    [{ ip_address: '10.7.0.77' }, { ip_address: '10.7.0.77' }],
    [{ mac_address: 'fa:16:3e:00:00:77' }],
    [{ ip_address: 'x' }],
    [{ ip_address: '10.7.0.0/24', colour: 'red' }],
    Array.from({ length: 11 }, (_, i) => ({ ip_address: `10.8.0.${i}` })),
  ],
  dns_name: ['not a name', 'host1.elsewhere.org.', 'host1.contract.example.', 'x'.repeat(64), '-x'],
  port_security_enabled: [true, false, false, 'maybe'],
  security_groups: [
    null,
    ['$security_group.0', '$security_group.0'],
    ['00000000-0000-4000-8000-000000000001'],
    ['x'],
    'x',
  ],
  status: ['ACTIVE'],
  'binding:host_id': ['somewhere', ''],
  'binding:vnic_type': ['normal', 'direct', 'bogus'],
  'binding:profile': [{}, { a: 1 }, 'x'],
  device_profile: ['x', null],
  numa_affinity_policy: ['required', 'bogus', null],
  colour: ['unknown to both'],
};
export const portChange = some(portChanges, { ...oddPort, network_id: ['$pooled.0'] });
export const port = some(
  {
    ...portChanges,
    network_id: reference('pooled', 'pooled', 'pooled', 'network', 'provided'),
    mac_address: pick(...macsOfRequests),
  },
  { ...oddPort, network_id: ['none'] },
  ['network_id'],
);
/** In bulk: Neutron 21 loses the DHCP options and address pairs of ports that are created so. */
export const bulkPort = some(
  { ...named, network_id: reference('pooled', 'network'), device_id: pick('', 'device'), tags: pick([], ['red']) },
  { mac_address: macsOfRequests, fixed_ips: oddPort.fixed_ips, network_id: ['none'] },
  ['network_id'],
);
/** What takes whatever the network has. */
export const plainPort = some(
  { ...named, network_id: reference('network', 'provided'), mac_address: pick(...macsOfRequests) },
  { fixed_ips: [[], [{ ip_address: 'fd00:1::99' }], [{ subnet_id: '$subnet.0' }], [{ ip_address: '10.1.0.15' }]] },
  ['network_id'],
);

export const quota = fc.oneof(
  some(
    { network: pick(-1, 50, '100'), subnet: pick(50, 100), port: pick(-1, 500) },
    { network: [-2, null], colour: [1], subnetpool: [100, -1], check_limit: [true, false] },
  ),
  fc.record({ network: pick(0, 9, 10), port: pick(0, 1, 2), subnet: pick(1, 2), force: fc.constant(true) }),
);
