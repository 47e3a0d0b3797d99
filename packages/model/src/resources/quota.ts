import { updatable } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { integer } from '../kinds/integer.ts';
import { objectSchema } from '../kind.ts';
import { resource, type Update } from '../resource.ts';

/** -1 is no limit. */
const limit = integer({ min: -1, max: 2 ** 31 - 1 });

export const quota = resource({
  name: 'quota',
  plural: 'quotas',
  doc: 'How many objects of each kind a project may have.',
  extension: 'quotas',
  primaryKey: 'project_id',
  operations: ['list', 'show', 'update', 'delete'],
  attributes: {
    network: updatable(limit, 'Networks; -1 for any number.', { derived: true }),
    subnet: updatable(limit, 'Subnets; -1 for any number.', { derived: true }),
    subnetpool: updatable(limit, 'Subnet pools; -1 for any number.', { derived: true }),
    network_segment_range: updatable(limit, 'Network segment ranges; -1 for any number.', { derived: true }),
    port: updatable(limit, 'Ports; -1 for any number.', { derived: true }),
    // Kinds of which a project cannot have any yet: tools set all limits of a project in one request.
    router: updatable(limit, 'Routers; -1 for any number.', { derived: true }),
    floatingip: updatable(limit, 'Floating IPs; -1 for any number.', { derived: true }),
    trunk: updatable(limit, 'Trunks; -1 for any number.', { derived: true }),
    security_group: updatable(limit, 'Security groups; -1 for any number.', { derived: true }),
    security_group_rule: updatable(limit, 'Rules of security groups; -1 for any number.', { derived: true }),
    rbac_policy: updatable(limit, 'RBAC policies; -1 for any number.', { derived: true }),
    check_limit: updatable(flag, 'Whether a limit below what is in use is refused.', {
      hidden: true,
      extension: 'quota-check-limit',
    }),
    force: updatable(flag, 'Whether a limit below what is in use is set.', {
      hidden: true,
      extension: 'quota-check-limit',
    }),
  },
  actions: {
    default: { method: 'GET', doc: 'Shows the limits of projects for which nobody has set any.', answer: 'object' },
    details: {
      method: 'GET',
      doc: 'Shows the limits and what is in use.',
      extension: 'quota_details',
      answer: objectSchema({
        quota: {
          type: 'object',
          additionalProperties: objectSchema({
            limit: limit.schema,
            used: { type: 'integer', minimum: 0 },
            reserved: { type: 'integer', minimum: 0 },
          }),
        },
      }),
    },
  },
});

export type QuotaUpdate = Update<typeof quota>;
