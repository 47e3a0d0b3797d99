// The subnets that floating IPs can be from, as one list: nobody creates a pool.

import { HTTPNotFound } from '@neutronium/model/errors';
import { floatingipPool } from '@neutronium/model/resources/floatingip-pool';
import { visibility } from '../../context.ts';
import type { Handlers } from '../handlers.ts';

export function floatingIpPoolHandlers(): Handlers<typeof floatingipPool> {
  return {
    resource: floatingipPool,
    notFound: () => new HTTPNotFound({ message: 'The resource could not be found.' }),
    async records({ context, store }) {
      let entries = store.db.selectFrom('rbac_policies').select('object_id').where('action', '=', 'access_as_external');
      const { visibleTo } = visibility(context);
      if (visibleTo !== undefined) entries = entries.where('target_tenant', 'in', ['*', visibleTo]);
      const rows = await store.db
        .selectFrom('subnets')
        .select(['id', 'name', 'network_id', 'cidr'])
        .where('ip_version', '=', 4)
        .where('network_id', 'in', entries)
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      // A pool is whoever's who asks: it is there for each project alike.
      const project_id = context.projectId ?? '';
      return rows.map(({ id, name, network_id, cidr }) => ({
        subnet_id: id,
        subnet_name: name,
        network_id,
        cidr,
        project_id,
      }));
    },
    derive: async (_call, records) => records,
  };
}
