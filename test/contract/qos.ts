// Arbitrary sequences of requests about QoS policies, their rules, and the networks, ports, floating IPs and ways out that
// have them. Administrators make the policies, since by the usual rules nobody else may.

import fc from 'fast-check';
import { reference } from './body.ts';
import type { Caller, Step } from './step.ts';

const reader = fc.constantFrom<Caller>('owner', 'owner', 'admin', 'stranger');
const writer = fc.constantFrom<Caller>('admin', 'admin', 'admin', 'admin', 'admin', 'owner', 'stranger');
const nobody = '00000000-0000-4000-8000-000000000001';

const pick = (...values: readonly object[]): fc.Arbitrary<object> => fc.constantFrom(...values);
const merged = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((objects) => Object.assign({}, ...objects) as object);
const rubbish = fc.constantFrom<unknown>(null, '', -1, 'rubbish', [], {}, 2_147_483_648, true, '7');
/** One body in six says something odd of one attribute. */
const spoiling = (...names: readonly string[]): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...names), rubbish).map(([name, value]) => ({ [name]: value })) },
  );

const policy = reference('policy');
const policyId = fc.oneof(
  { weight: 6, arbitrary: policy },
  { weight: 1, arbitrary: fc.constantFrom(null, nobody, 'x') },
);

const policyBody = merged(
  pick({ name: 'a' }, { name: 'b', description: 'some words' }, {}, { name: 'c', is_default: true }),
  spoiling('name', 'is_default', 'description', 'rules', 'shared'),
);
const policyChange = merged(
  pick({ name: 'd' }, { is_default: true }, { is_default: false }, { description: 'other words' }, {}),
  spoiling('name', 'is_default', 'description', 'rules'),
);

interface RuleKind {
  readonly kind: string;
  readonly alias: boolean;
  readonly body: fc.Arbitrary<object>;
  readonly change: fc.Arbitrary<object>;
  readonly queries: readonly string[];
}

const direction = pick({}, { direction: 'ingress' }, { direction: 'egress' });
const limited = ['max_kbps', 'max_burst_kbps', 'direction'] as const;
const ruleKinds: readonly RuleKind[] = [
  {
    kind: 'bandwidth_limit_rule',
    alias: true,
    body: merged(
      pick({ max_kbps: 1000 }, { max_kbps: 10_000, max_burst_kbps: 500 }, { max_kbps: '20' }, {}),
      direction,
      spoiling(...limited),
    ),
    change: merged(
      pick({ max_kbps: 5 }, { max_kbps: 9000 }, { max_burst_kbps: 7 }, {}),
      direction,
      spoiling(...limited),
    ),
    queries: ['max_kbps=1000', 'direction=ingress', 'max_kbps=x'],
  },
  {
    kind: 'dscp_marking_rule',
    alias: true,
    body: merged(pick({ dscp_mark: 8 }, { dscp_mark: '26' }, { dscp_mark: 1 }, {}), spoiling('dscp_mark')),
    change: merged(pick({ dscp_mark: 10 }, { dscp_mark: 3 }, {}), spoiling('dscp_mark')),
    queries: ['dscp_mark=8', 'dscp_mark=x'],
  },
  {
    kind: 'minimum_bandwidth_rule',
    alias: true,
    body: merged(
      pick({ min_kbps: 100 }, { min_kbps: 2000 }, { min_kbps: 50_000 }, {}),
      direction,
      spoiling('min_kbps', 'direction'),
    ),
    change: merged(pick({ min_kbps: 10 }, { min_kbps: 3000 }, {}), direction, spoiling('min_kbps', 'direction')),
    queries: ['min_kbps=100', 'direction=egress'],
  },
  {
    kind: 'minimum_packet_rate_rule',
    alias: true,
    body: merged(
      pick({ min_kpps: 1 }, { min_kpps: 20 }),
      pick({}, { direction: 'ingress' }, { direction: 'any' }),
      spoiling('min_kpps', 'direction'),
    ),
    change: merged(pick({ min_kpps: 2 }, { direction: 'any' }, { direction: 'egress' }, {}), spoiling('min_kpps')),
    queries: ['min_kpps=1', 'direction=any'],
  },
  {
    kind: 'packet_rate_limit_rule',
    alias: false,
    body: merged(
      pick({ max_kpps: 1 }, { max_kpps: 20, max_burst_kpps: 2 }),
      direction,
      spoiling('max_kpps', 'max_burst_kpps', 'direction'),
    ),
    change: merged(pick({ max_kpps: 2 }, { max_burst_kpps: 5 }, {}), direction, spoiling('max_kpps')),
    queries: ['max_kpps=1'],
  },
];

function ruleRequests({ kind, alias, body, change, queries }: RuleKind): fc.Arbitrary<Step> {
  const collection = policy.map((id) => `/v2.0/qos/policies/${id}/${kind}s`);
  const below = fc.tuple(collection, reference(kind)).map(([base, id]) => `${base}/${id}`);
  const alone = reference(kind).map((id) => `/v2.0/qos/alias-${kind.replaceAll('_', '-')}s/${id}`);
  const update = (path: fc.Arbitrary<string>, key: string): fc.Arbitrary<Step> =>
    fc.record({ as: writer, path, given: change }).map(({ given, ...step }) => ({
      ...step,
      method: 'PUT',
      body: { [key]: given },
    }));
  const read = (path: fc.Arbitrary<string>, as: fc.Arbitrary<Caller>): fc.Arbitrary<Step> =>
    fc.record({ as, path }).map((step) => ({ ...step, method: 'GET' }));
  const removal = (path: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
    fc.record({ as: writer, path }).map((step) => ({ ...step, method: 'DELETE' }));
  const creation = fc.record({ as: writer, path: collection, given: body }).map(({ given, ...step }): Step => ({
    ...step,
    method: 'POST',
    body: { [kind]: given },
    creates: kind,
  }));
  const list = fc.tuple(collection, fc.constantFrom('', 'fields=id', ...queries)).map((parts) => parts.join('?'));
  return fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 8, arbitrary: creation },
    { weight: 4, arbitrary: update(below, kind) },
    { weight: 2, arbitrary: removal(below) },
    { weight: 2, arbitrary: read(fc.oneof(list, below), fc.constantFrom<Caller>('owner', 'admin')) },
    ...(alias
      ? [
          { weight: 3, arbitrary: update(alone, `alias_${kind}`) },
          { weight: 1, arbitrary: removal(alone) },
          { weight: 2, arbitrary: read(alone, reader) },
        ]
      : []),
  );
}

const policies: fc.Arbitrary<Step> = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 4,
    arbitrary: fc.record({ as: writer, given: policyBody }).map(({ as, given }) => ({
      as,
      method: 'POST',
      path: '/v2.0/qos/policies',
      body: { policy: as === 'admin' ? { project_id: '$project(owner)', ...given } : given },
      creates: 'policy',
    })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ as: writer, id: policy, given: policyChange }).map(({ as, id, given }) => ({
      as,
      method: 'PUT',
      path: `/v2.0/qos/policies/${id}`,
      body: { policy: given },
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ as: writer, id: policy })
      .map(({ as, id }) => ({ as, method: 'DELETE', path: `/v2.0/qos/policies/${id}` })),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({
        as: reader,
        path: fc.oneof(
          policy.map((id) => `qos/policies/${id}`),
          policy.map((id) => `policies/${id}?fields=name&fields=rules`),
          fc
            .constantFrom('', 'name=a', 'is_default=true', 'is_default=x', 'shared=false', 'description=some%20words')
            .map((query) => `qos/policies?project_id=$project(owner)&${query}`),
        ),
      })
      .map(({ as, path }) => ({ as, method: 'GET', path: `/v2.0/${path}` })),
  },
);

const sharing: fc.Arbitrary<Step> = fc
  .record({ object_id: policy, action: fc.constantFrom('access_as_shared', 'access_as_shared', 'access_as_external') })
  .map(({ object_id, action }) => ({
    as: 'admin',
    method: 'POST',
    path: '/v2.0/rbac-policies',
    body: { rbac_policy: { object_type: 'qos_policy', object_id, action, target_tenant: '$project(stranger)' } },
    creates: 'rbac_policy',
  }));

/** What may have a policy. Ports and networks are the owner's; the stranger has some of his own. */
const users: fc.Arbitrary<Step> = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.record({ qos_policy_id: policyId, id: fc.constantFrom('$network.0', '$wired.0') }).map(({ id, ...given }) => ({
    as: 'admin',
    method: 'PUT',
    path: `/v2.0/networks/${id}`,
    body: { network: given },
  })),
  fc
    .record({ as: fc.constantFrom<Caller>('owner', 'stranger', 'admin'), qos_policy_id: policyId })
    .map(({ as, ...given }) => ({
      as,
      method: 'POST',
      path: '/v2.0/networks',
      body: { network: { name: 'n', ...given } },
      creates: 'network',
    })),
  fc
    .record({
      as: fc.constantFrom<Caller>('owner', 'admin'),
      network_id: fc.constantFrom('$network.0', '$wired.0', '$wired.0'),
      qos_policy_id: policyId,
      vnic: fc.constantFrom('normal', 'normal', 'direct', 'macvtap'),
      device_owner: fc.constantFrom('', 'compute:nova'),
    })
    .map(({ as, vnic, ...given }) => ({
      as,
      method: 'POST',
      path: '/v2.0/ports',
      body: { port: { ...given, 'binding:vnic_type': vnic } },
      creates: 'port',
    })),
  fc
    .record({ as: fc.constantFrom<Caller>('owner', 'admin', 'stranger'), id: reference('port'), given: policyId })
    .map(({ as, id, given }) => ({
      as,
      method: 'PUT',
      path: `/v2.0/ports/${id}`,
      body: { port: { qos_policy_id: given } },
    })),
  fc
    .record({ as: fc.constantFrom<Caller>('owner', 'admin'), id: reference('port') })
    .map(({ as, id }) => ({ as, method: 'GET', path: `/v2.0/ports/${id}` })),
  policy.chain((id) =>
    fc.constantFrom<Step>(
      {
        as: 'owner',
        method: 'POST',
        path: '/v2.0/floatingips',
        body: { floatingip: { floating_network_id: '$outside.0', qos_policy_id: id } },
        creates: 'floatingip',
      },
      {
        as: 'owner',
        method: 'PUT',
        path: '/v2.0/floatingips/$floatingip.0',
        body: { floatingip: { qos_policy_id: id } },
      },
      {
        as: 'owner',
        method: 'PUT',
        path: '/v2.0/routers/$router.0',
        body: { router: { external_gateway_info: { network_id: '$outside.0', qos_policy_id: id } } },
      },
    ),
  ),
  fc.constantFrom<Step>(
    {
      as: 'owner',
      method: 'PUT',
      path: '/v2.0/floatingips/$floatingip.0',
      body: { floatingip: { qos_policy_id: null } },
    },
    {
      as: 'owner',
      method: 'PUT',
      path: '/v2.0/routers/$router.0',
      body: { router: { external_gateway_info: { network_id: '$outside.0' } } },
    },
    {
      as: 'owner',
      method: 'PUT',
      path: '/v2.0/routers/$router.0',
      body: { router: { external_gateway_info: { network_id: '$outside.0', qos_policy_id: null } } },
    },
    {
      as: 'owner',
      method: 'PUT',
      path: '/v2.0/routers/$router.0',
      body: { router: { external_gateway_info: { network_id: '$outside.0', qos_policy_id: nobody } } },
    },
    { as: 'owner', method: 'PUT', path: '/v2.0/routers/$router.0', body: { router: { external_gateway_info: {} } } },
    { as: 'owner', method: 'GET', path: '/v2.0/routers/$router.0' },
  ),
);

const ruleTypes: fc.Arbitrary<Step> = fc
  .record({
    as: fc.constantFrom<Caller>('owner', 'admin'),
    path: fc.constantFrom(
      '',
      '?all_rules=true',
      '?all_supported=false',
      '?all_rules=x',
      '?fields=type',
      '/bandwidth_limit',
    ),
  })
  .map(({ as, path }) => ({ as, method: 'GET', path: `/v2.0/qos/rule-types${path}` }));

const foundation: readonly Step[] = [
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/qos/policies',
    body: { policy: { name: 'first', project_id: '$project(owner)' } },
    creates: 'policy',
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'outside',
    body: { network: { name: 'outside', 'provider:network_type': 'vxlan', 'router:external': true } },
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/subnets',
    creates: 'outside-subnet',
    body: {
      subnet: {
        network_id: '$outside.0',
        cidr: '172.24.4.0/24',
        ip_version: 4,
        enable_dhcp: false,
        allocation_pools: [{ start: '172.24.4.100', end: '172.24.4.200' }],
      },
    },
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'wired',
    body: {
      network: {
        name: 'wired',
        project_id: '$project(owner)',
        'provider:network_type': 'vlan',
        'provider:physical_network': 'physnet1',
      },
    },
  },
  { as: 'owner', method: 'POST', path: '/v2.0/networks', creates: 'network', body: { network: { name: 'n0' } } },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/ports',
    creates: 'port',
    body: { ports: [{ network_id: '$network.0' }, { network_id: '$wired.0' }] },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/routers',
    creates: 'router',
    body: { router: { name: 'r', external_gateway_info: { network_id: '$outside.0' } } },
  },
  {
    as: 'owner',
    method: 'POST',
    path: '/v2.0/floatingips',
    creates: 'floatingip',
    body: { floatingip: { floating_network_id: '$outside.0' } },
  },
];

export const qosSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof<fc.WeightedArbitrary<Step>[]>(
      { weight: 10, arbitrary: policies },
      ...ruleKinds.map((kind) => ({ weight: 5, arbitrary: ruleRequests(kind) })),
      { weight: 2, arbitrary: sharing },
      { weight: 16, arbitrary: users },
      { weight: 1, arbitrary: ruleTypes },
    ),
    { minLength: 15, maxLength: 40, size: 'max' },
  )
  .map((steps) => [...foundation, ...steps]);
