// Arbitrary sequences of requests about metering labels and their rules. Administrators make them, since by the usual
// rules nobody else may.

import fc from 'fast-check';
import { reference } from './body.ts';
import type { Caller, Step } from './step.ts';

const caller = fc.constantFrom<Caller>('admin', 'admin', 'admin', 'admin', 'owner', 'stranger');
const nobody = '00000000-0000-4000-8000-000000000001';
const rubbish = fc.constantFrom<unknown>(null, '', 'rubbish', -1, {}, '10.0.0.0/33');

const label = reference('metering_label');
const rule = reference('metering_label_rule');
const prefix = fc.constantFrom('10.0.0.0/24', '10.0.0.7/24', '10.0.1.0/24', '10.0.0.0/16', '10.0.2.9', 'fd00::/64');
const spoiling = (...names: readonly string[]): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...names), rubbish).map(([name, value]) => ({ [name]: value })) },
  );

const labelBody = fc
  .tuple(
    fc.constantFrom({}, { name: 'a' }, { name: 'b', description: 'some words' }),
    fc.constantFrom({}, { shared: true }, { shared: 'no' }),
    spoiling('name', 'description', 'shared', 'rules'),
  )
  .map((parts) => Object.assign({}, ...parts) as object);

const ends = fc.oneof(
  { weight: 6, arbitrary: fc.record({ remote_ip_prefix: prefix }) },
  {
    weight: 3,
    arbitrary: fc.record({ source_ip_prefix: prefix, destination_ip_prefix: prefix }, { requiredKeys: [] }),
  },
  { weight: 1, arbitrary: fc.record({ remote_ip_prefix: prefix, source_ip_prefix: prefix }) },
);
const ruleBody = fc
  .tuple(
    fc.oneof({ weight: 12, arbitrary: label }, { weight: 1, arbitrary: fc.constantFrom(nobody, 'x') }),
    ends,
    fc.constantFrom({ direction: 'ingress' }, { direction: 'egress' }),
    fc.constantFrom({}, {}, { excluded: true }, { excluded: '0' }),
    spoiling('direction', 'excluded', 'remote_ip_prefix', 'source_ip_prefix', 'metering_label_id'),
  )
  .map(([metering_label_id, ...parts]) => Object.assign({ metering_label_id }, ...parts) as object);

const creations: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ as: caller, given: labelBody }).map(({ as, given }) => ({
    as,
    method: 'POST' as const,
    path: '/v2.0/metering/metering-labels',
    body: { metering_label: as === 'admin' ? { project_id: '$project(owner)', ...given } : given },
    creates: 'metering_label',
  })),
  fc.record({ as: caller, given: ruleBody }).map(({ as, given }) => ({
    as,
    method: 'POST' as const,
    path: '/v2.0/metering/metering-label-rules',
    body: { metering_label_rule: given },
    creates: 'metering_label_rule',
  })),
);

const members = fc.oneof(
  label.map((id) => `metering/metering-labels/${id}`),
  rule.map((id) => `metering/metering-label-rules/${id}`),
  fc.constantFrom(`metering/metering-labels/${nobody}`, 'metering-label-rules/x'),
);
const lists = fc.oneof(
  fc
    .constantFrom('', 'name=a', 'shared=true', 'shared=x', 'description=some%20words', 'fields=name')
    .map((query) => `metering/metering-labels?project_id=$project(owner)&${query}`),
  fc
    .tuple(
      label,
      fc.constantFrom('', 'direction=ingress', 'excluded=true', 'excluded=x', 'remote_ip_prefix=10.0.1.0/24'),
    )
    .map(([id, query]) => `metering/metering-label-rules?metering_label_id=${id}&${query}`),
);

const others: fc.Arbitrary<Step> = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 3,
    arbitrary: fc
      .record({ as: caller, path: fc.oneof(members, lists) })
      .map(({ as, path }) => ({ as, method: 'GET', path: `/v2.0/${path}` })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ as: caller, path: members })
      .map(({ as, path }) => ({ as, method: 'DELETE', path: `/v2.0/${path}` })),
  },
);

const first: Step = {
  as: 'admin',
  method: 'POST',
  path: '/v2.0/metering/metering-labels',
  body: { metering_labels: [{ name: 'first', project_id: '$project(owner)' }, { name: 'second' }] },
  creates: 'metering_label',
};

export const meteringSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(fc.oneof({ weight: 3, arbitrary: creations }, { weight: 2, arbitrary: others }), {
    minLength: 15,
    maxLength: 40,
    size: 'max',
  })
  .map((steps) => [first, ...steps]);
