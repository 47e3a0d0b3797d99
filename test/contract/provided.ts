// Arbitrary sequences of requests about what a cloud holds ready for its projects: flavors of routers and their profiles,
// pools of floating IPs, and topologies that are made for a project that asks.

import fc from 'fast-check';
import { reference } from './body.ts';
import { at, type Kind, merged, nobody, pick, requestsFor, spoiling } from './requests.ts';
import type { Caller, Step } from './step.ts';

const operator = fc.constantFrom<Caller>('admin', 'admin', 'admin', 'admin', 'owner', 'stranger');
const everyone = fc.constantFrom<Caller>('owner', 'owner', 'admin', 'stranger');
const driver = 'neutron.services.l3_router.service_providers.single_node.SingleNodeDriver';

const kinds: readonly Kind[] = [
  {
    kind: 'service_profile',
    path: at('service_profiles'),
    label: 'profile',
    body: merged(
      pick({ driver }, { driver }, { metainfo: '{}' }, { driver: 'nowhere.Driver' }, { driver, metainfo: 'x' }, {}),
      pick({}, { description: 'some words' }, { enabled: false }),
      spoiling('driver', 'metainfo', 'description', 'enabled', 'id'),
    ),
    change: merged(
      pick({ description: 'other words' }, { enabled: 'true' }, { driver: 'nowhere.Driver' }, { metainfo: '{}' }),
      spoiling('driver', 'metainfo', 'description', 'enabled'),
    ),
    queries: [`driver=${driver}`, 'enabled=false', 'description=some%20words', 'sort_key=driver&sort_dir=asc'],
    revised: false,
    weight: 4,
    as: operator,
    owned: false,
  },
  {
    kind: 'flavor',
    path: at('flavors'),
    label: 'flavor',
    body: merged(
      pick({ service_type: 'L3_ROUTER_NAT' }, { service_type: 'L3_ROUTER_NAT' }, { service_type: 'NOPE' }, {}),
      pick({}, { name: 'a' }, { name: 'b', description: 'some words' }, { enabled: false }),
      // Neutron takes the profiles of a new flavor and forgets them.
      pick({}, {}, {}, { service_profiles: 'x' }),
      spoiling('name', 'service_type', 'description', 'enabled', 'service_profiles'),
    ),
    change: merged(
      pick({ name: 'c' }, { enabled: 'false' }, { description: null }, { service_type: 'L3_ROUTER_NAT' }),
      spoiling('name', 'description', 'enabled'),
    ),
    queries: ['name=a', 'enabled=false', 'service_type=L3_ROUTER_NAT', 'sort_key=name&sort_dir=asc'],
    revised: false,
    weight: 4,
    as: operator,
    owned: false,
  },
];

const profilesOfFlavors: fc.Arbitrary<Step> = fc
  .record({
    as: operator,
    path: reference('flavor').map((id) => `/v2.0/flavors/${id}/service_profiles`),
    profile: fc.oneof({ weight: 5, arbitrary: reference('profile') }, fc.constantFrom(nobody, 'x')),
    ends: fc.boolean(),
  })
  .map(({ as, path, profile, ends }) =>
    ends
      ? { as, method: 'DELETE', path: `${path}/${profile}` }
      : { as, method: 'POST', path, body: { service_profile: { id: profile } } },
  );

const routersOfFlavors: fc.Arbitrary<Step> = fc
  .record({ as: everyone, flavor_id: fc.oneof({ weight: 5, arbitrary: reference('flavor') }, fc.constant(nobody)) })
  .map(({ as, flavor_id }) => ({
    as,
    method: 'POST',
    path: '/v2.0/routers',
    creates: 'flavored',
    body: { router: { name: 'of a flavor', flavor_id } },
  }));

const pools: fc.Arbitrary<Step> = fc
  .constantFrom('', '&subnet_name=s', '&cidr=172.24.4.0/24', '&fields=cidr', '&colour=red', '&network_id=$outside.1')
  .chain((query) => everyone.map((as) => ({ as, query })))
  // The pools of other runs are theirs.
  .map(({ as, query }) => ({
    as,
    method: 'GET',
    path: `/v2.0/floatingip_pools?network_id=$outside.0${query}`,
  }));

/** All about the owner's: to make one and to remove one is much work for Neutron. */
const topologies: fc.Arbitrary<Step> = fc
  .record({
    who: fc.constantFrom<readonly [Caller, string]>(
      ['owner', 'None'],
      ['owner', '$project(owner)'],
      ['owner', '$project(stranger)'],
      ['admin', '$project(owner)'],
      ['stranger', '$project(owner)'],
    ),
    how: fc.constantFrom('GET', 'GET', 'GET', '?fields=dry-run', '?fields=id', 'DELETE'),
  })
  .map(({ who: [as, of], how }) => ({
    as,
    method: how === 'DELETE' ? 'DELETE' : 'GET',
    path: `/v2.0/auto-allocated-topology/${of}${how.startsWith('?') ? how : ''}`,
  }));

/** What topologies are made of, and what of them a project sees. */
const surroundings: fc.Arbitrary<Step> = fc.constantFrom<Step>(
  { as: 'admin', method: 'PUT', path: '/v2.0/networks/$outside.0', body: { network: { is_default: true } } },
  { as: 'admin', method: 'PUT', path: '/v2.0/networks/$outside.0', body: { network: { is_default: false } } },
  { as: 'admin', method: 'PUT', path: '/v2.0/networks/$outside.1', body: { network: { is_default: true } } },
  { as: 'owner', method: 'PUT', path: '/v2.0/networks/$outside.0', body: { network: { is_default: false } } },
  { as: 'admin', method: 'PUT', path: '/v2.0/subnetpools/$pool.0', body: { subnetpool: { is_default: true } } },
  { as: 'admin', method: 'PUT', path: '/v2.0/subnetpools/$pool.0', body: { subnetpool: { is_default: false } } },
  { as: 'admin', method: 'PUT', path: '/v2.0/subnetpools/$pool.1', body: { subnetpool: { is_default: true } } },
  { as: 'owner', method: 'GET', path: '/v2.0/networks?project_id=$project(owner)&fields=name&fields=router:external' },
  { as: 'owner', method: 'GET', path: '/v2.0/routers?project_id=$project(owner)&fields=name&fields=flavor_id' },
  { as: 'owner', method: 'GET', path: '/v2.0/subnets?project_id=$project(owner)&fields=name&fields=ip_version' },
  { as: 'owner', method: 'GET', path: '/v2.0/service-providers?service_type=L3_ROUTER_NAT&name=single_node' },
);

const foundation: readonly Step[] = [
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/service_profiles',
    creates: 'profile',
    body: { service_profile: { driver } },
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/flavors',
    creates: 'flavor',
    body: { flavor: { name: 'a', service_type: 'L3_ROUTER_NAT' } },
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'outside',
    body: { network: { name: 'o0', 'router:external': true, is_default: true } },
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'outside',
    body: { network: { name: 'o1', 'router:external': true } },
  },
  ...[
    { network_id: '$outside.0', name: 's', ip_version: 4, cidr: '172.24.4.0/24' },
    { network_id: '$outside.0', name: 's6', ip_version: 6, cidr: '2001:db8:9::/64' },
    { network_id: '$outside.1', name: 's', ip_version: 4, cidr: '172.24.5.0/24' },
  ].map((subnet): Step => ({
    as: 'admin',
    method: 'POST',
    path: '/v2.0/subnets',
    creates: 'outside-subnet',
    body: { subnet: { ...subnet, enable_dhcp: false } },
  })),
  ...[
    { name: 'v4', prefixes: ['10.30.0.0/16'], default_prefixlen: 24, is_default: true },
    { name: 'v6', prefixes: ['fd00:30::/48'], default_prefixlen: 64, is_default: false },
  ].map((subnetpool): Step => ({
    as: 'admin',
    method: 'POST',
    path: '/v2.0/subnetpools',
    creates: 'pool',
    body: { subnetpool: { ...subnetpool, shared: true } },
  })),
];

/**
 * What a topology has keeps the networks outside, of which only one run at a time can have the default. Neutron makes a
 * topology before it removes it, and must be able to.
 */
const end: readonly Step[] = [
  { as: 'admin', method: 'PUT', path: '/v2.0/subnetpools/$pool.0', body: { subnetpool: { is_default: true } } },
  { as: 'admin', method: 'PUT', path: '/v2.0/networks/$outside.0', body: { network: { is_default: true } } },
  { as: 'admin', method: 'DELETE', path: '/v2.0/auto-allocated-topology/$project(owner)' },
];

export const providedSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof<fc.WeightedArbitrary<Step>[]>(
      ...kinds.map((kind) => ({ weight: kind.weight, arbitrary: requestsFor(kind) })),
      { weight: 3, arbitrary: profilesOfFlavors },
      { weight: 2, arbitrary: routersOfFlavors },
      { weight: 1, arbitrary: pools },
      { weight: 2, arbitrary: topologies },
      { weight: 2, arbitrary: surroundings },
    ),
    { minLength: 10, maxLength: 25, size: 'max' },
  )
  .map((steps) => [...foundation, ...steps, ...end]);
