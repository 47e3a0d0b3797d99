// Arbitrary sequences of requests about logs, and about the security groups and ports that they name. Administrators
// make the logs, since by the usual rules nobody else may.

import fc from 'fast-check';
import { reference } from './body.ts';
import type { Caller, Step } from './step.ts';

const caller = fc.constantFrom<Caller>('admin', 'admin', 'admin', 'admin', 'owner', 'stranger');
const nobody = '00000000-0000-4000-8000-000000000001';
const rubbish = fc.constantFrom<unknown>(null, '', 'rubbish', 7, {}, []);

const log = reference('log');
const named = (kind: string): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 8, arbitrary: reference(kind) }, { weight: 1, arbitrary: fc.constantFrom(nobody, 'x', null) });
const spoiling = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('name', 'event', 'enabled', 'resource_type', 'resource_id', 'tags'), rubbish)
      .map(([name, value]) => ({ [name]: value })),
  },
);
const logBody = fc
  .tuple(
    fc.constantFrom({}, { name: 'a' }, { name: 'b', description: 'some words' }),
    fc.constantFrom({}, { event: 'ACCEPT' }, { event: 'DROP' }, { event: 'REJECT' }),
    fc.constantFrom({}, { enabled: false }),
    fc.record({ resource_id: named('security_group'), target_id: named('port') }, { requiredKeys: [] }),
    spoiling,
  )
  .map((parts) => Object.assign({ resource_type: 'security_group' }, ...parts) as object);

const change = fc
  .tuple(
    fc.constantFrom(
      { name: 'c' },
      { enabled: true },
      { enabled: 'no' },
      { description: 'other words' },
      { event: 'ALL' },
    ),
    spoiling,
  )
  .map((parts) => Object.assign({}, ...parts) as object);

const steps: fc.Arbitrary<Step> = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 6,
    arbitrary: fc.record({ as: caller, given: logBody }).map(({ as, given }) => ({
      as,
      method: 'POST',
      path: '/v2.0/log/logs',
      body: { log: given },
      creates: 'log',
    })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ as: caller, id: log, given: change })
      .map(({ as, id, given }) => ({ as, method: 'PUT', path: `/v2.0/log/logs/${id}`, body: { log: given } })),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({
        as: caller,
        path: fc.oneof(
          log.map((id) => `log/logs/${id}`),
          fc
            .constantFrom(
              '',
              'name=a',
              'event=DROP',
              'enabled=false',
              'enabled=x',
              'description=some%20words',
              'tags=x',
            )
            .map((query) => `logs?project_id=$project(admin)&${query}`),
          fc.constantFrom('log/loggable-resources', 'loggable-resources?fields=type', `log/logs/${nobody}`),
        ),
      })
      .map(({ as, path }) => ({ as, method: 'GET', path: `/v2.0/${path}` })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        as: fc.constantFrom<Caller>('admin', 'admin', 'owner'),
        path: fc.oneof(
          { weight: 3, arbitrary: log.map((id) => `log/logs/${id}`) },
          { weight: 1, arbitrary: reference('security_group').map((id) => `security-groups/${id}`) },
          { weight: 1, arbitrary: reference('port').map((id) => `ports/${id}`) },
        ),
      })
      .map(({ as, path }) => ({ as, method: 'DELETE', path: `/v2.0/${path}` })),
  },
);

const post = (as: Caller, plural: string, kind: string, given: object): Step => ({
  as,
  method: 'POST',
  path: `/v2.0/${plural}`,
  body: { [kind]: given },
  creates: kind,
});
const beginning: readonly Step[] = [
  post('admin', 'networks', 'network', {}),
  post('admin', 'security-groups', 'security_group', { name: 'used' }),
  post('admin', 'security-groups', 'security_group', { name: 'unused' }),
  post('admin', 'ports', 'port', { network_id: '$network.0', security_groups: ['$security_group.0'] }),
  post('admin', 'ports', 'port', { network_id: '$network.0' }),
  post('admin', 'ports', 'port', { network_id: '$network.0', 'binding:vnic_type': 'macvtap' }),
];

export const loggingSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(steps, { minLength: 15, maxLength: 40, size: 'max' })
  .map((more) => [...beginning, ...more]);
