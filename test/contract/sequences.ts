// Arbitrary sequences of requests for the resources that we and the reference both have: mostly sensible, often at the
// edge, sometimes nonsense.

import fc from 'fast-check';
import * as bodies from './bodies.ts';
import { reference } from './body.ts';
import { commonQueries, isTagged, kinds, type Kind } from './kinds.ts';
import * as security from './security-bodies.ts';
import type { Caller, Revision, Step } from './step.ts';

const caller: fc.Arbitrary<Caller> = fc.constantFrom('owner', 'owner', 'owner', 'owner', 'admin', 'admin', 'stranger');

interface Creating {
  readonly creates?: string;
  readonly plural?: string;
  readonly as?: fc.Arbitrary<Caller>;
}

/** Neutron 21 hides an administrator's subnet from the owner of its network, whose ports then get no address there. */
const subnetCreator = fc.constantFrom<Caller>('owner', 'owner', 'owner', 'stranger');

/** In Neutron 21 nobody but an administrator can remove a rule that one has added to another's group. */
const ruleCreator = fc.constantFrom<Caller>('owner', 'owner', 'owner', 'owner', 'stranger');

function creation(
  kind: string,
  attributes: fc.Arbitrary<object>,
  { creates = kind, plural = `${kind}s`, as = caller }: Creating = {},
): fc.Arbitrary<Step> {
  return fc
    .record({ as, body: attributes.map((given) => ({ [kind]: given })) })
    .map((request) => ({ ...request, method: 'POST', path: `/v2.0/${plural}`, creates }));
}

function bulkCreation(kind: string, attributes: fc.Arbitrary<object>, as = caller): fc.Arbitrary<Step> {
  const item = fc.oneof(
    { weight: 2, arbitrary: attributes },
    { weight: 1, arbitrary: attributes.map((given) => ({ [kind]: given })) },
  );
  return fc
    .record({ as, body: fc.array(item, { maxLength: 3 }).map((items) => ({ [`${kind}s`]: items })) })
    .map((request) => ({ ...request, method: 'POST', path: `/v2.0/${kind}s`, creates: kind }));
}

const revision: fc.Arbitrary<Revision | undefined> = fc.constantFrom(
  ...Array.from({ length: 8 }, () => undefined),
  'current',
  'stale',
  'rubbish',
);

/** In Neutron 21 these have no revision, and it fails when asked for one. */
const unrevised = new Set(['address_group', 'rbac_policy']);

const revisionOf = ({ kind }: Kind): typeof revision => (unrevised.has(kind) ? fc.constant(undefined) : revision);

const members = ({ plural, labels }: Kind): fc.Arbitrary<string> =>
  reference(...labels).map((id) => `/v2.0/${plural}/${id}`);

function update(kind: Kind): fc.Arbitrary<Step> {
  return fc
    .record({ as: caller, path: members(kind), attributes: kind.change, ifMatch: revisionOf(kind) })
    .map(({ attributes, ...step }) => ({ ...step, method: 'PUT', body: { [kind.kind]: attributes } }));
}

function removal(kind: Kind): fc.Arbitrary<Step> {
  return fc
    .record({ as: caller, path: members(kind), ifMatch: revisionOf(kind) })
    .map((step) => ({ ...step, method: 'DELETE' }));
}

function reading(kind: Kind): fc.Arbitrary<Step> {
  const list = fc
    .constantFrom(...commonQueries, ...kind.queries, ...kind.queries)
    .chain((query) => fc.constantFrom('owner', 'owner', 'admin').map((who) => `project_id=$project(${who})&${query}`))
    .map((query) => `/v2.0/${kind.plural}?${query}`);
  const one = fc
    .tuple(members(kind), fc.constantFrom('', '', '?fields=id', '?fields=name&fields=nosuch', '?fields=tenant_id'))
    .map(([path, query]) => path + query);
  return fc.record({ as: caller, path: fc.oneof(list, one) }).map((step) => ({ ...step, method: 'GET' }));
}

function tagging(kind: Kind): fc.Arbitrary<Step> {
  // Only by their written-out path do tags of Neutron 21 belong to something.
  const base = members(kind).map((path) => `${path.replaceAll('_', '-')}/tags`);
  const replace = fc
    .record({
      path: base,
      tags: fc.constantFrom<unknown>([], ['red'], ['red', 'blue'], ['red', 'red'], ['x'.repeat(256)], 'red', null, [1]),
    })
    .map(({ path, tags }) => ({ method: 'PUT' as const, path, body: { tags } }));
  const all = fc.record({ path: base, method: fc.constantFrom('GET' as const, 'DELETE' as const) });
  const one = fc
    .record({ path: base, method: fc.constantFrom('GET' as const, 'PUT' as const, 'DELETE' as const) })
    .map(({ path, method }) => ({ method, path: `${path}/red` }));
  return fc.oneof(replace, replace, all, one).chain((step) => caller.map((as) => ({ as, ...step })));
}

/** Pages of a list whose order is known: the names of its objects differ. */
const paging: fc.Arbitrary<Step> = fc
  .record({
    as: fc.constantFrom<Caller>('owner', 'admin'),
    limit: fc.constantFrom('1', '2', '3', '5', '7', '0'),
    marker: fc.option(fc.nat({ max: 4 }), { nil: undefined }),
    reverse: fc.constantFrom('', '', 'True', 'False', 'true', '1'),
    order: fc.constantFrom('asc', 'desc'),
    fields: fc.constantFrom('', '&fields=name', '&fields=mtu'),
  })
  .map(({ as, limit, marker, reverse, order, fields }) => ({
    as,
    method: 'GET',
    path:
      `/v2.0/networks?project_id=$project(owner)&description=paged&sort_key=name&sort_dir=${order}&limit=${limit}` +
      (marker === undefined ? '' : `&marker=$paged.${marker}`) +
      (reverse === '' ? '' : `&page_reverse=${reverse}`) +
      fields,
  }));

const quotas = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 2,
    arbitrary: fc
      .record({ as: fc.constantFrom<Caller>('admin', 'admin', 'owner'), body: bodies.quota })
      .map(({ as, body }) => ({ as, method: 'PUT', path: '/v2.0/quotas/$project(owner)', body: { quota: body } })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        as: caller,
        path: fc.constantFrom(
          '/v2.0/quotas/$project(owner)',
          '/v2.0/quotas/$project(owner)/default',
          '/v2.0/quotas/$project(owner)/details',
          '/v2.0/quotas/$project(owner)/details.json',
          '/v2.0/quotas/project',
          '/v2.0/quotas/tenant',
        ),
      })
      .map((step) => ({ ...step, method: 'GET' })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ as: caller })
      .map((step) => ({ ...step, method: 'DELETE', path: '/v2.0/quotas/$project(owner)' })),
  },
);

const prefixChange: fc.Arbitrary<Step> = fc
  .record({
    as: caller,
    path: fc
      .tuple(reference('subnetpool'), fc.constantFrom('add_prefixes', 'remove_prefixes'))
      .map(([id, action]) => `/v2.0/subnetpools/${id}/${action}`),
    body: bodies.prefixes,
  })
  .map((step) => ({ ...step, method: 'PUT' }));

const addressChange: fc.Arbitrary<Step> = fc
  .record({
    as: caller,
    path: fc
      .tuple(reference('address_group'), fc.constantFrom('add_addresses', 'remove_addresses'))
      .map(([id, action]) => `/v2.0/address_groups/${id}/${action}`),
    body: security.addresses,
  })
  .map((step) => ({ ...step, method: 'PUT' }));

const onboarding: fc.Arbitrary<Step> = fc
  .record({ as: caller, id: reference('subnetpool'), network_id: reference('network') })
  .map(({ as, id, network_id }) => ({
    as,
    method: 'PUT',
    path: `/v2.0/subnetpools/${id}/onboard_network_subnets`,
    body: { network_id },
  }));

const availability: fc.Arbitrary<Step> = fc
  .constantFrom('', '&ip_version=4', '&ip_version=6', '&network_name=n0', '&fields=used_ips', '&used_ips=1', '&limit=x')
  .map((query) => `/v2.0/network-ip-availabilities?project_id=$project(owner)${query}`)
  .chain((list) => fc.constantFrom(list, '/v2.0/network-ip-availabilities/$network.0'))
  .map((path) => ({ as: 'admin', method: 'GET', path }));

/** Neutron tries for minutes to give a network a segment that it has, so that nothing is added here. */
const segments: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom('', '&network_type=vxlan', '&name=x', '&fields=network_type', '&segmentation_id=1', '&colour=red')
    .chain((query) => reference('network', 'provided').map((id) => `/v2.0/segments?network_id=${id}${query}`))
    .map((path): Step => ({ as: 'admin', method: 'GET', path })),
  fc
    .constantFrom(
      { network_id: '$network.0' },
      { network_id: '$network.0', network_type: 'pigeon' },
      { network_id: '$network.0', network_type: 'flat' },
      { network_id: '$network.0', network_type: 'vxlan', segmentation_id: 'x' },
      { network_id: '$network.0', network_type: 'vxlan', physical_network: null },
      { network_id: '00000000-0000-4000-8000-000000000000', network_type: 'vxlan' },
      { network_type: 'vxlan' },
    )
    .map((segment): Step => ({ as: 'admin', method: 'POST', path: '/v2.0/segments', body: { segment } })),
);

const nonsense: fc.Arbitrary<Step> = fc
  .record({
    // An administrator's list would show the objects of other runs.
    as: fc.constantFrom<Caller>('owner', 'stranger'),
    method: fc.constantFrom('GET' as const, 'POST' as const, 'PUT' as const, 'DELETE' as const),
    path: fc.constantFrom(
      '/v2.0/networks',
      '/v2.0/networks.json',
      '/v2.0/networks/',
      '/v2.0/nothing',
      '/v2.0/networks/x/y/z',
      '/v2.0/ports/none',
      '/v2.0/networks/$network.0',
      '/v2.0/networks/$network.0/nothing',
    ),
    body: fc.constantFrom<unknown>(
      [],
      'text',
      {},
      { network: [] },
      { networks: [] },
      { networks: {} },
      { networks: [{ network: { name: 'a' } }, 5] },
      { port: null },
      { network: {}, more: 1 },
    ),
  })
  .map(({ body, ...step }) => (step.method === 'GET' || step.method === 'DELETE' ? step : { ...step, body }));

/** Networks, subnets and a pool stand first, so that most references lead somewhere. */
const foundation: readonly Step[] = [
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'network',
    body: { networks: [{ name: 'n0' }, { name: 'n1' }] },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'pooled',
    body: { networks: [{ name: 'pooled 0' }, { name: 'pooled 1' }] },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'paged',
    body: { networks: ['p0', 'p1', 'p2', 'p3', 'p4'].map((name) => ({ name, description: 'paged' })) },
  },
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
        allocation_pools: [{ start: '10.7.0.100', end: '10.7.0.200' }],
      },
    },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/subnetpools',
    creates: 'subnetpool',
    body: { subnetpool: { name: 'pool', prefixes: ['10.10.0.0/16'], default_prefixlen: 24 } },
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'provided',
    body: { network: { name: 'shared', shared: true } },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/security_groups',
    creates: 'security_group',
    body: { security_groups: [{ name: 'g0' }, { name: 'g1' }] },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/address_groups',
    creates: 'address_group',
    body: { address_group: { name: 'a0', addresses: ['10.7.0.0/24'] } },
  },
];

export const sequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: creation('network', bodies.network) },
      { weight: 3, arbitrary: creation('network', bodies.providerNetwork, { creates: 'provided' }) },
      { weight: 1, arbitrary: creation('network', bodies.multiSegmentNetwork, { creates: 'provided' }) },
      {
        weight: 1,
        arbitrary: creation('subnet', bodies.pooledSubnet, { creates: 'pooled-subnet', as: subnetCreator }),
      },
      { weight: 7, arbitrary: creation('subnet', bodies.subnet, { as: subnetCreator }) },
      { weight: 6, arbitrary: creation('port', bodies.port) },
      { weight: 4, arbitrary: creation('port', bodies.plainPort) },
      { weight: 3, arbitrary: creation('subnetpool', bodies.subnetpool) },
      { weight: 1, arbitrary: bulkCreation('network', bodies.network) },
      { weight: 1, arbitrary: bulkCreation('subnet', bodies.subnet, subnetCreator) },
      { weight: 1, arbitrary: bulkCreation('port', bodies.bulkPort) },
      { weight: 1, arbitrary: nonsense },
      { weight: 2, arbitrary: paging },
      { weight: 2, arbitrary: quotas },
      { weight: 2, arbitrary: availability },
      { weight: 2, arbitrary: segments },
      { weight: 1, arbitrary: prefixChange },
      { weight: 1, arbitrary: onboarding },
      { weight: 3, arbitrary: creation('security_group', security.securityGroup) },
      { weight: 1, arbitrary: bulkCreation('security_group', security.securityGroup) },
      { weight: 10, arbitrary: creation('security_group_rule', security.securityGroupRule, { as: ruleCreator }) },
      { weight: 2, arbitrary: bulkCreation('security_group_rule', security.securityGroupRule, ruleCreator) },
      { weight: 3, arbitrary: creation('address_group', security.addressGroup) },
      { weight: 3, arbitrary: addressChange },
      { weight: 6, arbitrary: creation('rbac_policy', security.rbacPolicy, { plural: 'rbac_policies' }) },
      ...kinds.flatMap((kind) => [
        // Neutron 21 fails on an update of a rule, which cannot be updated.
        { weight: kind.kind === 'port' ? 4 : kind.kind === 'security_group_rule' ? 0 : 2, arbitrary: update(kind) },
        { weight: 1, arbitrary: removal(kind) },
        { weight: 2, arbitrary: reading(kind) },
        { weight: isTagged(kind) ? 1 : 0, arbitrary: tagging(kind) },
      ]),
    ),
    { minLength: 10, maxLength: 32, size: 'max' },
  )
  .map((steps) => [...foundation, ...steps]);
