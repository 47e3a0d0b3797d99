// The policy that new networks of a project get. Whoever gives or takes the part holds a lock of the project's name, so
// that no two have it.

import { QoSPolicyDefaultAlreadyExists } from '@neutronium/model/qos-errors';
import type { Reader, Writer } from '../../store/store.ts';

/** Throws QoSPolicyDefaultAlreadyExists when another policy than `id` is the project's default. */
export async function requireNoOtherDefaultPolicy(store: Writer, id: string, project_id: string): Promise<void> {
  await store.lock(`default QoS policy of ${project_id}`);
  const other = (await defaultPolicies(store, [project_id])).get(project_id);
  if (other !== undefined && other !== id) throw new QoSPolicyDefaultAlreadyExists({ project_id });
}

/** The ids of the default policies, by project. */
export async function defaultPolicies(
  { db }: Reader,
  projectIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db
    .selectFrom('policies')
    .select(['id', 'project_id'])
    .where('project_id', 'in', [...new Set(projectIds)])
    .where('is_default', '=', 1)
    .execute();
  return new Map(rows.map(({ id, project_id }) => [project_id, id]));
}
