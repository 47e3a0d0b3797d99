// Arbitrary sequences of requests about routers, floating IPs and what belongs to them. Everything stands on two external
// networks, a router with a way out to the first, and two networks inside, of which the first is plugged in.

import fc from 'fast-check';
import { reference } from './body.ts';
import { at, caller, type Kind, merged, nobody, pick, requestsFor, spoiling } from './requests.ts';
import type { Caller, Step } from './step.ts';

const gateway = pick(
  {},
  { external_gateway_info: { network_id: '$outside.0' } },
  { external_gateway_info: { network_id: '$outside.0' } },
  { external_gateway_info: { network_id: '$outside.1' } },
  { external_gateway_info: { network_id: '$outside.0', enable_snat: false } },
  { external_gateway_info: { network_id: '$outside.0', external_fixed_ips: [{ ip_address: '172.24.4.10' }] } },
  { external_gateway_info: { network_id: '$outside.0', external_fixed_ips: [{ ip_address: '172.24.4.1' }] } },
  { external_gateway_info: { network_id: '$outside.0', external_fixed_ips: [{ ip_address: '10.9.9.9' }] } },
  { external_gateway_info: { network_id: '$outside.0', external_fixed_ips: [{ subnet_id: '$inside-subnet.0' }] } },
  { external_gateway_info: { network_id: '$outside.0', colour: 'red' } },
  { external_gateway_info: { network_id: '$inside.0' } },
  { external_gateway_info: { network_id: nobody } },
  { external_gateway_info: { network_id: 'x' } },
  { external_gateway_info: { enable_snat: true } },
  { external_gateway_info: {} },
  { external_gateway_info: null },
);
const route = (destination: string, nexthop: string) => ({ destination, nexthop });
const routeLists = [
  [],
  [route('10.50.0.0/24', '10.7.0.77')],
  [route('10.50.0.0/24', '10.7.0.77'), route('10.51.0.0/24', '10.7.0.78')],
  [route('10.50.0.0/24', '172.24.4.77')],
  [route('10.50.0.0/24', '10.7.0.1')],
  [route('10.50.0.0/24', '10.99.0.1')],
  Array.from({ length: 31 }, (_, i) => route(`10.50.${i}.0/24`, '10.7.0.77')),
];
const distribution = pick(
  {},
  {},
  {},
  { distributed: true },
  { distributed: true },
  { distributed: false },
  { distributed: null },
);
const router = merged(
  distribution,
  pick({}, { name: 'a' }, { name: 'b', description: 'some words' }, { admin_state_up: false }, { colour: 'red' }),
  gateway,
  spoiling('name', 'admin_state_up', 'external_gateway_info', 'flavor_id', 'availability_zone_hints', 'status', 'id'),
);
const routerChange = merged(
  distribution,
  pick({}, {}, { name: 'a' }, { admin_state_up: 'false' }, { description: 'some words' }),
  fc.oneof(
    { weight: 2, arbitrary: gateway },
    { weight: 1, arbitrary: fc.constantFrom(...routeLists).map((routes) => ({ routes })) },
  ),
  spoiling('name', 'routes', 'external_gateway_info', 'availability_zone_hints', 'tenant_id'),
);
/** Whether several agents host the router. */
const available = pick(
  { ha: true },
  { ha: true, name: 'a' },
  { ha: true, distributed: true },
  { ha: true, distributed: true, admin_state_up: false },
  { ha: false },
  { ha: null },
  { ha: 'rubbish' },
);
const availableChange = pick(
  { ha: true },
  { ha: true, admin_state_up: false },
  { ha: false, admin_state_up: false },
  { ha: false, admin_state_up: true },
  { ha: true, distributed: true },
  { ha: false, distributed: false, admin_state_up: false },
  { ha: null },
);
const interfaceRequest = pick(
  { subnet_id: '$inside-subnet.0' },
  { subnet_id: '$inside-subnet.1' },
  { subnet_id: '$inside-subnet.1' },
  { subnet_id: '$inside-subnet.2' },
  { subnet_id: '$inside-subnet.3' },
  { port_id: '$port.0' },
  { port_id: '$port.1' },
  { port_id: '$port.2' },
  { port_id: '$port.0', subnet_id: '$inside-subnet.0' },
  { subnet_id: nobody },
  { port_id: nobody },
  { subnet_id: 'x' },
  {},
);

const floatingIpNetwork = pick(
  ...Array.from({ length: 6 }, () => ({ floating_network_id: '$outside.0' })),
  { floating_network_id: '$outside.1' },
  { floating_network_id: '$inside.0' },
  { floating_network_id: nobody },
);
const association = pick(
  {},
  { port_id: '$port.0' },
  { port_id: '$port.1' },
  { port_id: '$port.2' },
  { port_id: '$port.0', fixed_ip_address: '10.7.0.10' },
  { port_id: '$port.0', fixed_ip_address: '10.7.0.12' },
  { port_id: '$port.2', fixed_ip_address: '10.8.0.11' },
  { port_id: '$port.0', fixed_ip_address: 'fd00::1' },
  { port_id: null },
  { port_id: nobody },
  { fixed_ip_address: '10.7.0.10' },
);
const floatingIp = merged(
  floatingIpNetwork,
  pick(
    {},
    {},
    { description: 'some words' },
    { floating_ip_address: '172.24.4.21' },
    { floating_ip_address: '10.9.9.9' },
    { subnet_id: '$outside-subnet.0' },
    { subnet_id: '$inside-subnet.0' },
  ),
  association,
  spoiling('floating_network_id', 'floating_ip_address', 'port_id', 'fixed_ip_address', 'description', 'router_id'),
);
const floatingIpChange = merged(
  association,
  pick({}, {}, { description: 'other words' }),
  spoiling('port_id', 'fixed_ip_address', 'description', 'floating_network_id', 'status'),
);

const inside = pick(
  { internal_port_id: '$port.0', internal_ip_address: '10.7.0.10' },
  { internal_port_id: '$port.0', internal_ip_address: '10.7.0.10' },
  { internal_port_id: '$port.1', internal_ip_address: '10.7.0.11' },
  { internal_port_id: '$port.0', internal_ip_address: '10.7.0.12' },
  { internal_port_id: '$port.2', internal_ip_address: '10.8.0.10' },
  { internal_port_id: nobody, internal_ip_address: '10.7.0.10' },
);
const ports = pick(
  { internal_port: 80, external_port: 8080 },
  { internal_port: 80, external_port: 8081 },
  { internal_port: 81, external_port: 8080 },
  { internal_port_range: '100:110', external_port_range: '200:210' },
  { internal_port_range: '105:105', external_port_range: '205:215' },
  { internal_port_range: '120:130', external_port_range: '300:305' },
);
const forwarding = merged(
  inside,
  ports,
  pick({ protocol: 'tcp' }, { protocol: 'tcp' }, { protocol: 'udp' }, { protocol: 'icmp' }),
  pick({}, { description: 'some words' }),
  spoiling('protocol', 'internal_port_id', 'internal_ip_address', 'description', 'id'),
);
const forwardingChange = merged(
  fc.oneof(ports, inside, pick({}, { protocol: 'udp' })),
  pick({}, { description: 'other words' }),
);
const helper = pick(
  { protocol: 'tcp', port: 21, helper: 'ftp' },
  { protocol: 'udp', port: 69, helper: 'tftp' },
  { protocol: 'tcp', port: 69, helper: 'tftp' },
  { protocol: 'tcp', port: 21, helper: 'nope' },
  { protocol: 'tcp', port: 0, helper: 'ftp' },
  { protocol: 'tcp', port: 21 },
);
const helperChange = pick({ port: 22 }, { helper: 'ftp' }, { helper: 'irc', protocol: 'tcp' }, {}, { port: 'x' });
const scope = merged(
  pick({ ip_version: 4 }, { ip_version: 4 }, { ip_version: 6 }, { ip_version: 5 }, {}),
  pick({ name: 'a' }, { name: 'b' }, {}),
  pick({}, {}, { shared: true }, { shared: false }),
  spoiling('name', 'shared', 'ip_version'),
);
const scopeChange = merged(
  pick({ name: 'c' }, { shared: true }, { shared: false }, {}, { ip_version: 6 }),
  spoiling('name', 'shared'),
);
const prefixes = ['10.20.0.0/16', '10.20.5.0/24', '10.21.0.0/16', 'fd00:20::/48'];
const scopedPool = fc
  .tuple(fc.constantFrom(...prefixes), fc.oneof(reference('scope'), fc.constantFrom(null, nobody)))
  .map(([prefix, address_scope_id]) => ({
    name: 'pool',
    prefixes: [prefix],
    default_prefixlen: prefix.includes(':') ? 64 : 24,
    address_scope_id,
  }));
const scopedPoolChange = fc.oneof(
  fc.oneof(reference('scope'), fc.constant(null)).map((address_scope_id) => ({ address_scope_id })),
  fc.constantFrom(...prefixes).map((prefix) => ({ prefixes: ['10.20.0.0/16', prefix] })),
);

const kinds: readonly Kind[] = [
  {
    kind: 'router',
    path: at('routers'),
    label: 'router',
    body: fc.oneof({ weight: 4, arbitrary: router }, { weight: 1, arbitrary: available }),
    change: fc.oneof({ weight: 4, arbitrary: routerChange }, { weight: 1, arbitrary: availableChange }),
    queries: ['name=a', 'admin_state_up=false', 'status=ACTIVE', 'routes=x', 'enable_ndp_proxy=false', 'sort_key=name'],
    revised: true,
    weight: 5,
  },
  {
    kind: 'floatingip',
    path: at('floatingips'),
    label: 'floatingip',
    body: floatingIp,
    change: floatingIpChange,
    queries: ['port_id=$port.0', 'router_id=$router.0', 'status=DOWN', 'fixed_ip_address=10.7.0.10', 'description='],
    revised: true,
    weight: 8,
  },
  {
    kind: 'port_forwarding',
    path: reference('floatingip').map((id) => `floatingips/${id}/port_forwardings`),
    label: 'forwarding',
    body: forwarding,
    change: forwardingChange,
    queries: ['protocol=tcp', 'external_port=8080', 'internal_port=80', 'description=some%20words'],
    revised: false,
    owned: false,
    weight: 8,
  },
  {
    kind: 'conntrack_helper',
    path: at('routers/$router.0/conntrack_helpers'),
    label: 'helper',
    body: helper,
    change: helperChange,
    queries: ['protocol=tcp', 'port=21', 'port=x', 'helper=ftp'],
    revised: false,
    owned: false,
    weight: 2,
  },
  {
    kind: 'address_scope',
    path: at('address-scopes'),
    label: 'scope',
    body: scope,
    change: scopeChange,
    queries: ['ip_version=4', 'shared=true', 'name=a', 'ip_version=x'],
    revised: false,
    weight: 3,
  },
  {
    kind: 'subnetpool',
    path: at('subnetpools'),
    label: 'scopedpool',
    body: scopedPool,
    change: scopedPoolChange,
    queries: ['address_scope_id=$scope.0'],
    revised: true,
    weight: 3,
  },
];

const interfaces: fc.Arbitrary<Step> = fc
  .record({
    as: caller,
    path: fc
      .tuple(
        reference('router'),
        fc.constantFrom('add_router_interface', 'add_router_interface', 'remove_router_interface'),
      )
      .map(([id, action]) => `/v2.0/routers/${id}/${action}`),
    body: interfaceRequest,
  })
  .map((step) => ({ ...step, method: 'PUT' }));

const routes: fc.Arbitrary<Step> = fc
  .record({
    as: caller,
    path: fc
      .tuple(reference('router'), fc.constantFrom('add_extraroutes', 'remove_extraroutes'))
      .map(([id, action]) => `/v2.0/routers/${id}/${action}`),
    body: fc.constantFrom(...routeLists).map((list) => ({ router: { routes: list } })),
  })
  .map((step) => ({ ...step, method: 'PUT' }));

/** What else touches them: their ports, and their networks. */
const surroundings: fc.Arbitrary<Step> = fc
  .record({
    as: caller,
    step: fc.constantFrom<Pick<Step, 'method' | 'path' | 'body'> & { readonly as?: Caller }>(
      { method: 'DELETE', path: '/v2.0/ports/$port.0' },
      { method: 'DELETE', path: '/v2.0/ports/$port.2' },
      { method: 'DELETE', path: '/v2.0/subnets/$inside-subnet.1' },
      {
        as: 'admin',
        method: 'PUT',
        path: '/v2.0/networks/$outside.0',
        body: { network: { 'router:external': false } },
      },
      { method: 'GET', path: '/v2.0/networks/$inside.0' },
      { method: 'GET', path: '/v2.0/ports?device_id=$router.0&fields=device_owner&fields=fixed_ips' },
    ),
  })
  .map(({ as, step }) => ({ as, ...step }));

const network = (name: string) => ({ name, 'provider:network_type': 'vxlan' });
const subnet = (network_id: string, cidr: string, more: object = {}) => ({
  network_id,
  cidr,
  ip_version: cidr.includes(':') ? 6 : 4,
  ...more,
});
const pool = (prefix: string) => ({
  allocation_pools: [{ start: `${prefix}.100`, end: `${prefix}.200` }],
  enable_dhcp: false,
});

const foundation: readonly Step[] = [
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'outside',
    body: { networks: ['o0', 'o1'].map((name) => ({ ...network(name), 'router:external': true })) },
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/subnets',
    creates: 'outside-subnet',
    body: {
      subnets: [
        subnet('$outside.0', '172.24.4.0/24', pool('172.24.4')),
        subnet('$outside.1', '172.24.5.0/24', pool('172.24.5')),
      ],
    },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'inside',
    body: { networks: [{ name: 'i0' }, { name: 'i1' }] },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/subnets',
    creates: 'inside-subnet',
    body: {
      subnets: [
        subnet('$inside.0', '10.7.0.0/24', pool('10.7.0')),
        subnet('$inside.1', '10.8.0.0/24', pool('10.8.0')),
        subnet('$inside.1', 'fd00:8::/64', { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' }),
        subnet('$inside.1', 'fd00:9::/64', {
          ipv6_ra_mode: 'slaac',
          ipv6_address_mode: 'slaac',
          gateway_ip: 'fd00:9::1',
        }),
      ],
    },
  },
  ...[
    { network_id: '$inside.0', fixed_ips: [{ ip_address: '10.7.0.10' }] },
    { network_id: '$inside.0', fixed_ips: [{ ip_address: '10.7.0.11' }] },
    { network_id: '$inside.1', fixed_ips: [{ ip_address: '10.8.0.10' }, { ip_address: '10.8.0.11' }] },
  ].map((port): Step => ({ as: 'owner', method: 'POST', path: '/v2.0/ports', creates: 'port', body: { port } })),
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/routers',
    creates: 'router',
    body: { router: { name: 'r0', external_gateway_info: { network_id: '$outside.0' } } },
  },
  {
    as: 'owner',
    method: 'PUT',
    path: '/v2.0/routers/$router.0/add_router_interface',
    body: { subnet_id: '$inside-subnet.0' },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/floatingips',
    creates: 'floatingip',
    body: { floatingip: { floating_network_id: '$outside.0' } },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/address-scopes',
    creates: 'scope',
    body: { address_scope: { name: 's', ip_version: 4 } },
  },
];

export const routingSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof<fc.WeightedArbitrary<Step>[]>(
      ...kinds.map((kind) => ({ weight: kind.weight, arbitrary: requestsFor(kind) })),
      { weight: 6, arbitrary: interfaces },
      { weight: 2, arbitrary: routes },
      { weight: 3, arbitrary: surroundings },
    ),
    { minLength: 10, maxLength: 30, size: 'max' },
  )
  .map((steps) => [...foundation, ...steps]);
