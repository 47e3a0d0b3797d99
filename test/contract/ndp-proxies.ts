// Arbitrary sequences of requests about NDP proxies. A router stands between an external network and one inside whose
// prefixes of IPv6 are of one address scope; a second network outside has no scope, and a second one inside no router.

import fc from 'fast-check';
import { at, caller, type Kind, merged, nobody, pick, requestsFor, spoiling } from './requests.ts';
import type { Caller, Step } from './step.ts';

const proxy: Kind = {
  kind: 'ndp_proxy',
  path: at('ndp_proxies'),
  label: 'proxy',
  body: merged(
    pick({ router_id: '$router.0' }, { router_id: '$router.0' }, { router_id: '$router.1' }, { router_id: nobody }, {}),
    pick(
      { port_id: '$port.0' },
      { port_id: '$port.0' },
      { port_id: '$port.1' },
      { port_id: '$port.2' },
      { port_id: '$port.3' },
      { port_id: nobody },
      {},
    ),
    pick(
      {},
      {},
      {},
      { ip_address: 'fd00:71::f816:3eff:fe00:1' },
      { ip_address: 'fd00:71::f816:3eff:fe00:2' },
      { ip_address: 'fd00:71::77' },
      { ip_address: '10.7.0.10' },
    ),
    pick({}, { name: 'a' }, { name: 'b', description: 'some words' }),
    spoiling('name', 'description', 'ip_address', 'port_id', 'router_id', 'id'),
  ),
  change: merged(
    pick({}, { name: 'c' }, { description: 'other words' }),
    spoiling('name', 'description', 'ip_address', 'port_id', 'router_id'),
  ),
  queries: ['name=a', 'router_id=$router.0', 'port_id=$port.0', 'ip_address=fd00:71::1', 'sort_key=name&sort_dir=asc'],
  revised: true,
  weight: 10,
  // Lists of Neutron 21 cannot be asked for those of one project, and administrators see those of all.
  as: fc.constantFrom<Caller>('owner', 'owner', 'owner', 'stranger'),
  owned: false,
};

const routers: fc.Arbitrary<Step> = fc
  .record({
    as: caller,
    path: fc.constantFrom('/v2.0/routers/$router.0', '/v2.0/routers/$router.0', '/v2.0/routers/$router.1'),
    router: pick(
      { enable_ndp_proxy: true },
      { enable_ndp_proxy: 'false' },
      { enable_ndp_proxy: 'maybe' },
      { external_gateway_info: { network_id: '$outside.0' } },
      { external_gateway_info: { network_id: '$outside.1' } },
      { external_gateway_info: { network_id: '$outside.1' }, enable_ndp_proxy: true },
      { external_gateway_info: null },
      { external_gateway_info: null, enable_ndp_proxy: false },
      { external_gateway_info: { network_id: '$outside.0' }, enable_ndp_proxy: true },
    ),
  })
  .map(({ router, ...step }) => ({ ...step, method: 'PUT', body: { router } }));

/** What takes from a proxy what it stands on, or makes another router for it. */
const surroundings: fc.Arbitrary<Step> = fc
  .tuple(
    caller,
    fc.constantFrom<Pick<Step, 'method' | 'path' | 'body' | 'creates'>>(
      { method: 'DELETE', path: '/v2.0/ports/$port.0' },
      {
        method: 'PUT',
        path: '/v2.0/routers/$router.0/remove_router_interface',
        body: { subnet_id: '$inside-subnet.0' },
      },
      { method: 'PUT', path: '/v2.0/routers/$router.0/add_router_interface', body: { subnet_id: '$inside-subnet.0' } },
      { method: 'PUT', path: '/v2.0/routers/$router.0/add_router_interface', body: { subnet_id: '$inside-subnet.1' } },
      { method: 'DELETE', path: '/v2.0/routers/$router.0' },
      {
        method: 'POST',
        path: '/v2.0/routers',
        creates: 'router',
        body: { router: { enable_ndp_proxy: true, external_gateway_info: { network_id: '$outside.0' } } },
      },
      { method: 'POST', path: '/v2.0/routers', creates: 'router', body: { router: { enable_ndp_proxy: true } } },
      {
        method: 'POST',
        path: '/v2.0/routers',
        creates: 'router',
        body: { router: { enable_ndp_proxy: true, external_gateway_info: { network_id: '$outside.1' } } },
      },
    ),
  )
  .map(([as, step]) => ({ as, ...step }));

const slaac = { ip_version: 6, ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' };
const pool = (prefix: string, address_scope_id: string | null) => ({
  subnetpool: { name: 'p', prefixes: [prefix], default_prefixlen: 64, address_scope_id, shared: true },
});

const foundation: readonly Step[] = [
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/address-scopes',
    creates: 'scope',
    body: { address_scope: { name: 's', ip_version: 6, shared: true } },
  },
  ...[pool('fd00:70::/48', '$scope.0'), pool('fd00:71::/48', '$scope.0'), pool('fd00:72::/48', null)].map(
    (body): Step => ({ as: 'admin', method: 'POST', path: '/v2.0/subnetpools', creates: 'scoped', body }),
  ),
  ...['o0', 'o1'].map((name): Step => ({
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'outside',
    body: { network: { name, 'router:external': true } },
  })),
  ...[
    { network_id: '$outside.0', subnetpool_id: '$scoped.0' },
    { network_id: '$outside.1', subnetpool_id: '$scoped.2' },
  ].map((subnet): Step => ({
    as: 'admin',
    method: 'POST',
    path: '/v2.0/subnets',
    creates: 'outside-subnet',
    body: { subnet: { ...subnet, ip_version: 6, enable_dhcp: false } },
  })),
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'inside',
    body: { networks: [{ name: 'i0' }, { name: 'i1' }] },
  },
  ...[
    { network_id: '$inside.0', subnetpool_id: '$scoped.1', ...slaac },
    { network_id: '$inside.1', subnetpool_id: '$scoped.2', ...slaac },
    {
      network_id: '$inside.0',
      ip_version: 4,
      cidr: '10.7.0.0/24',
      // Addresses that requests name lie outside the pool.
      allocation_pools: [{ start: '10.7.0.100', end: '10.7.0.200' }],
    },
  ].map((subnet): Step => ({
    as: 'owner',
    method: 'POST',
    path: '/v2.0/subnets',
    creates: 'inside-subnet',
    body: { subnet },
  })),
  ...[
    { network_id: '$inside.0', mac_address: 'fa:16:3e:00:00:01' },
    { network_id: '$inside.0', mac_address: 'fa:16:3e:00:00:02' },
    { network_id: '$inside.1' },
    { network_id: '$inside.0', fixed_ips: [{ subnet_id: '$inside-subnet.2', ip_address: '10.7.0.10' }] },
  ].map((port): Step => ({ as: 'owner', method: 'POST', path: '/v2.0/ports', creates: 'port', body: { port } })),
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/routers',
    creates: 'router',
    body: { router: { name: 'r0', enable_ndp_proxy: true, external_gateway_info: { network_id: '$outside.0' } } },
  },
  {
    as: 'owner',
    method: 'PUT',
    path: '/v2.0/routers/$router.0/add_router_interface',
    body: { subnet_id: '$inside-subnet.0' },
  },
];

export const ndpProxySequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof<fc.WeightedArbitrary<Step>[]>(
      { weight: 6, arbitrary: requestsFor(proxy) },
      { weight: 2, arbitrary: routers },
      { weight: 1, arbitrary: surroundings },
    ),
    { minLength: 8, maxLength: 20, size: 'max' },
  )
  .map((steps) => [...foundation, ...steps]);
