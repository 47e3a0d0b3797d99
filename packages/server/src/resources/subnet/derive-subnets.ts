// What a subnet shows of its network: whether the network is external, and, for policy, whether it is shared.

import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../handlers.ts';

/** As the caller sees them. One statement for all. */
export async function deriveSubnets(
  { context, store }: Call<Reader>,
  records: readonly SubnetRecord[],
): Promise<readonly { readonly shared: boolean; readonly 'router:external': boolean }[]> {
  const networkIds = [...new Set(records.map(({ network_id }) => network_id))];
  if (networkIds.length === 0) return [];
  const targets = context.projectId === null ? ['*'] : ['*', context.projectId];
  const entries = await store.db
    .selectFrom('rbac_entries')
    .select(['object_id', 'action'])
    .where('object_type', '=', 'network')
    .where('object_id', 'in', networkIds)
    .where('target_project', 'in', targets)
    .execute();
  const granted = new Set(entries.map(({ object_id, action }) => `${action} ${object_id}`));
  return records.map(({ network_id }) => ({
    shared: granted.has(`access_as_shared ${network_id}`),
    'router:external': granted.has(`access_as_external ${network_id}`),
  }));
}
