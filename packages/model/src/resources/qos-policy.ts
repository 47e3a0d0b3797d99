// A QoS policy. The change log has the record below, and that of each of its rules (qos-rules.ts), which name it.

import { computed, optional } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { jsonList } from '../kinds/json-list.ts';
import { name } from '../kinds/name.ts';
import { resource, type Create, type Stored, type Update } from '../resource.ts';
import { identity, standard } from './standard.ts';

export const qosPolicy = resource({
  name: 'policy',
  plural: 'policies',
  prefix: 'qos',
  doc: 'What the traffic of ports, floating IPs and ways out is limited to, and how it is marked.',
  extension: 'qos',
  operations: ['create', 'list', 'show', 'update', 'delete'],
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true }),
    shared: optional(flag, 'Whether every project may use the policy.', {
      default: false,
      childTable: 'rbac_policies',
      filter: true,
      requiredByPolicy: true,
    }),
    is_default: optional(flag, 'Whether new networks of the project get the policy. One of each project does.', {
      default: false,
      filter: true,
      extension: 'qos-default',
    }),
    rules: computed(jsonList, 'Its rules of all types.', { derived: true }),
    ...standard,
  },
});

export type QosPolicyRecord = Stored<typeof qosPolicy>;
export type QosPolicyCreate = Create<typeof qosPolicy>;
export type QosPolicyUpdate = Update<typeof qosPolicy>;
