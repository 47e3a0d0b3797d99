// Arbitrary sequences of requests for the resources that we and the reference both have: mostly sensible, often at the
// edge, sometimes nonsense.

import fc from 'fast-check';
import { namedAddresses } from './normalise.ts';
import type { Caller, Step } from './step.ts';

const caller: fc.Arbitrary<Caller> = fc.constantFrom('owner', 'owner', 'owner', 'admin', 'stranger');
const index = fc.nat({ max: 3 });
const reference = (kind: string) => index.map((i) => `$${kind}.${i}`);

/** What an attribute may be given, sensible or at the edge; `rubbish` besides, which no attribute of its kind takes. */
const rubbish: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  null,
  '',
  -1,
  'rubbish',
  [],
  {},
  ['rubbish'],
  { rubbish: 1 },
  true,
  70_000,
);

/**
 * An object with those of `model`'s members that are in `always` and any of the others. One time in three, one of them
 * is rubbish: never two, since which of two faults an answer names is nobody's concern.
 */
function some(model: Record<string, fc.Arbitrary<unknown>>, always: readonly string[] = []): fc.Arbitrary<object> {
  const spoiler = fc.option(fc.tuple(fc.constantFrom(...Object.keys(model)), rubbish), { freq: 2, nil: undefined });
  return fc
    .tuple(fc.record(model, { requiredKeys: [...always] }), spoiler)
    .map(([body, spoilt]) => (spoilt === undefined ? body : { ...body, [spoilt[0]]: spoilt[1] }));
}

const name = fc.constantFrom('', 'a', 'b', 'ä name with spaces', 'x'.repeat(255), 'x'.repeat(256));
const flag = fc.constantFrom(true, false, 'true', 'False', 0, 1);
const common = { name, description: fc.constantFrom('', 'some words') };

const networkBody = some({
  ...common,
  admin_state_up: flag,
  mtu: fc.constantFrom(0, 68, 1280, 1400, 1500, 9000),
  port_security_enabled: flag,
  colour: fc.constant('unknown to both'),
});

const providerBody = some({
  name,
  'provider:network_type': fc.constantFrom('vlan', 'flat', 'local', 'vxlan', 'gre', 'bus'),
  'provider:physical_network': fc.constantFrom('physnet1', 'physnet2'),
  'provider:segmentation_id': fc.constantFrom(0, 1, 150, 500, 4094, 4095, 5000),
  shared: flag,
  'router:external': flag,
});

/** Subnets of the networks on which ports name their addresses: named addresses lie outside the pool. */
const pooledSubnet = some(
  {
    ...common,
    network_id: reference('pooled'),
    ip_version: fc.constant(4),
    cidr: fc.constant('10.7.0.0/24'),
    allocation_pools: fc.constant([{ start: '10.7.0.100', end: '10.7.0.200' }]),
    gateway_ip: fc.constantFrom('10.7.0.1', '10.7.0.150', '10.7.0.255', null),
    enable_dhcp: flag,
  },
  ['network_id', 'ip_version', 'cidr', 'allocation_pools'],
);

const pool = (start: string, end: string) => ({ start, end });
const subnetBody = some(
  {
    ...common,
    network_id: reference('network'),
    ip_version: fc.constantFrom(4, 4, 4, 6, '4'),
    cidr: fc.constantFrom(
      '10.1.0.0/24',
      '10.1.0.5/24',
      '10.2.0.0/30',
      '10.3.0.0/31',
      '10.4.0.0/16',
      'fd00:1::/64',
      'fd00:2::/80',
    ),
    gateway_ip: fc.constantFrom('10.1.0.1', '10.1.0.254', '10.9.0.1', '10.1.0.255', 'fd00:1::1', null),
    allocation_pools: fc.constantFrom(
      [],
      [pool('10.1.0.10', '10.1.0.20')],
      [pool('10.1.0.20', '10.1.0.10')],
      [pool('10.1.0.10', '10.1.0.20'), pool('10.1.0.15', '10.1.0.30')],
      [pool('10.1.0.10', '10.1.1.20')],
      [pool('fd00:1::10', 'fd00:1::20')],
    ),
    enable_dhcp: flag,
    dns_nameservers: fc.constantFrom(
      [],
      ['8.8.8.8'],
      ['8.8.8.8', '8.8.8.8'],
      ['::1'],
      Array.from({ length: 6 }, (_, i) => `9.9.9.${i}`),
    ),
    host_routes: fc.constantFrom(
      [],
      [{ destination: '10.20.0.0/24', nexthop: '10.1.0.9' }],
      [{ destination: '10.20.0.0/24', nexthop: '::1' }],
      [{ destination: 'x' }],
    ),
    ipv6_ra_mode: fc.constantFrom('slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'),
    ipv6_address_mode: fc.constantFrom('slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'),
  },
  ['network_id', 'ip_version', 'cidr'],
);

const fixedIps = fc.array(
  fc.oneof(
    fc.record({ ip_address: fc.constantFrom(...namedAddresses, '10.200.0.1') }),
    fc.record({ subnet_id: reference('pooled-subnet') }),
    fc.record({ subnet_id: reference('pooled-subnet'), ip_address: fc.constantFrom(...namedAddresses) }),
  ),
  { maxLength: 3 },
);
const portBody = some(
  {
    ...common,
    network_id: reference('pooled'),
    admin_state_up: flag,
    mac_address: fc.constantFrom('fa:16:3e:00:00:01', 'FA:16:3E:00:00:02', '00:00:00:00:00:00', '01:00:5e:00:00:01x'),
    fixed_ips: fixedIps,
    device_id: fc.constantFrom('', 'device'),
    device_owner: fc.constantFrom('', 'compute:nova', 'network:dhcp'),
    extra_dhcp_opts: fc.constantFrom(
      [],
      [{ opt_name: 'bootfile-name', opt_value: 'a' }],
      [{ opt_name: 'x', opt_value: null }],
      [{ opt_name: ' ', opt_value: 'a' }],
    ),
    dns_name: fc.constantFrom('', 'host1', 'not a name', 'host1.elsewhere.org.'),
  },
  ['network_id'],
);

const subnetpoolBody = some(
  {
    ...common,
    prefixes: fc.constantFrom(
      ['10.10.0.0/16'],
      ['10.10.0.0/16', '10.11.0.0/16'],
      ['fd00:10::/48'],
      ['10.10.0.0/16', 'fd00::/48'],
      ['10.10.0.0/33'],
      [],
    ),
    min_prefixlen: fc.constantFrom(8, '24', 26, 64),
    max_prefixlen: fc.constantFrom(24, 28, 32, 129),
    default_prefixlen: fc.constantFrom(24, 26, 30),
    default_quota: fc.constantFrom(0, 256, 1000),
    shared: flag,
    is_default: flag,
  },
  ['prefixes'],
);

const fromPool = fc.record({
  network_id: reference('network'),
  ip_version: fc.constantFrom(4, 6),
  subnetpool_id: reference('subnetpool'),
  prefixlen: fc.constantFrom(20, 24, 26, 30, 64),
});

function creation(kind: string, plural: string, body: fc.Arbitrary<object>, creates = kind): fc.Arbitrary<Step> {
  return fc.record({ as: caller, body }).map(({ as, body: attributes }) => ({
    as,
    method: 'POST',
    path: `/v2.0/${plural}`,
    body: { [kind]: attributes },
    creates,
  }));
}

interface Kind {
  readonly kind: string;
  readonly plural: string;
  /** What references to its objects are called. */
  readonly label: string;
  readonly body: fc.Arbitrary<object>;
  readonly filters: readonly string[];
}

const kinds: readonly Kind[] = [
  {
    kind: 'network',
    plural: 'networks',
    label: 'network',
    body: networkBody,
    filters: ['name=a', 'shared=true', 'colour=red', 'admin_state_up=bogus', 'sort_key=name'],
  },
  {
    kind: 'subnet',
    plural: 'subnets',
    label: 'subnet',
    body: subnetBody,
    filters: ['ip_version=4', 'cidr=10.1.0.0/24', 'enable_dhcp=maybe', 'fields=cidr&fields=nosuch'],
  },
  {
    kind: 'port',
    plural: 'ports',
    label: 'port',
    body: portBody,
    filters: [
      'device_id=device',
      'fixed_ips=ip_address=10.7.0.10',
      'fixed_ips=foo',
      'status=DOWN',
      'limit=-1',
      'mac_address=FA:16:3E:00:00:01',
    ],
  },
  {
    kind: 'subnetpool',
    plural: 'subnetpools',
    label: 'subnetpool',
    body: subnetpoolBody,
    filters: ['shared=true', 'is_default=false', 'name=', 'sort_key=name&sort_dir=asc'],
  },
];

function update({ kind, plural, label, body }: Kind): fc.Arbitrary<Step> {
  return fc.record({ as: caller, body, id: reference(label) }).map(({ as, body: attributes, id }) => ({
    as,
    method: 'PUT',
    path: `/v2.0/${plural}/${id}`,
    body: { [kind]: attributes },
  }));
}

const smallUpdate = ({ kind, plural, label }: Kind): fc.Arbitrary<Step> =>
  update({ kind, plural, label, filters: [], body: some({ ...common, admin_state_up: flag, enable_dhcp: flag }) });

function removal({ plural, label }: Kind): fc.Arbitrary<Step> {
  return fc
    .record({ as: caller, id: reference(label) })
    .map(({ as, id }) => ({ as, method: 'DELETE', path: `/v2.0/${plural}/${id}` }));
}

function reading({ plural, label, filters }: Kind): fc.Arbitrary<Step> {
  const list = fc.constantFrom('', ...filters).map((filter) => `/v2.0/${plural}?project_id=$project(owner)&${filter}`);
  return fc
    .record({
      as: caller,
      path: fc.oneof(
        list,
        reference(label).map((id) => `/v2.0/${plural}/${id}`),
      ),
    })
    .map(({ as, path }) => ({ as, method: 'GET', path }));
}

function tagging({ plural, label }: Kind): fc.Arbitrary<Step> {
  const base = reference(label).map((id) => `/v2.0/${plural}/${id}/tags`);
  const replace = fc
    .record({ base, tags: fc.constantFrom([], ['red'], ['red', 'blue'], ['red', 'red'], ['x'.repeat(256)]) })
    .map(({ base: path, tags }) => ({ method: 'PUT' as const, path, body: { tags } }));
  const one = fc
    .record({ base, method: fc.constantFrom('GET' as const, 'PUT' as const, 'DELETE' as const) })
    .map(({ base: path, method }) => ({ method, path: `${path}/red` }));
  return fc.oneof(replace, one).chain((step) => caller.map((as) => ({ as, ...step })));
}

const nonsense: fc.Arbitrary<Step> = fc
  .record({
    as: caller,
    method: fc.constantFrom('GET' as const, 'POST' as const, 'PUT' as const, 'DELETE' as const),
    path: fc.constantFrom(
      '/v2.0/networks',
      '/v2.0/nothing',
      '/v2.0/networks/x/y/z',
      '/v2.0/ports/none',
      '/v2.0/quotas/$project(owner)',
    ),
    body: fc.constantFrom<unknown>([], 'text', {}, { network: [] }, { networks: [] }, { port: null }),
  })
  .map(({ body, ...step }) => (step.method === 'GET' || step.method === 'DELETE' ? step : { ...step, body }));

/** Two networks of each sort and their subnets stand first, so that most references lead somewhere. */
const foundation: readonly Step[] = [
  ...['network', 'network', 'pooled', 'pooled'].map((creates) => ({
    as: 'owner' as const,
    method: 'POST' as const,
    path: '/v2.0/networks',
    body: { network: { name: creates } },
    creates,
  })),
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/subnets',
    creates: 'pooled-subnet',
    body: {
      subnet: {
        network_id: '$pooled.0',
        ip_version: 4,
        cidr: '10.7.0.0/24',
        allocation_pools: [pool('10.7.0.100', '10.7.0.200')],
      },
    },
  },
];

export const sequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: creation('network', 'networks', networkBody) },
      { weight: 2, arbitrary: creation('network', 'networks', providerBody, 'provided') },
      { weight: 1, arbitrary: creation('subnet', 'subnets', pooledSubnet, 'pooled-subnet') },
      { weight: 5, arbitrary: creation('subnet', 'subnets', subnetBody) },
      { weight: 1, arbitrary: creation('subnet', 'subnets', fromPool) },
      { weight: 5, arbitrary: creation('port', 'ports', portBody) },
      { weight: 2, arbitrary: creation('subnetpool', 'subnetpools', subnetpoolBody) },
      { weight: 1, arbitrary: nonsense },
      ...kinds.flatMap((kind) => [
        { weight: 1, arbitrary: update(kind) },
        { weight: 1, arbitrary: smallUpdate(kind) },
        { weight: 1, arbitrary: removal(kind) },
        { weight: 1, arbitrary: reading(kind) },
        { weight: 1, arbitrary: tagging(kind) },
      ]),
    ),
    { minLength: 10, maxLength: 30 },
  )
  .map((steps) => [...foundation, ...steps]);
