// What is shared with whom (Networking API: RBAC policies).

import type { RbacAction, RbacObjectType } from '@neutronium/model/rbac-objects';
import { everyProject } from '@neutronium/model/resources/rbac-policy';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../store/dialect.ts';
import type { Reader } from '../store/store.ts';

export interface Sharing {
  /** Whether a project may use the object in that way, because of a policy for it or for everyone. */
  allows(action: RbacAction, objectId: string): boolean;
}

/** How the objects of one type are shared with `projectId`; null for a caller without a project. One statement for all. */
export async function sharingOf(
  { db }: Reader,
  objects: { readonly type: RbacObjectType; readonly ids: readonly string[] },
  projectId: string | null,
): Promise<Sharing> {
  const ids = [...new Set(objects.ids)];
  if (ids.length === 0) return { allows: () => false };
  const policies = await db
    .selectFrom('rbac_policies')
    .select(['object_id', 'action'])
    .where('object_type', '=', objects.type)
    .where(isOneOf(databaseKind(db), sql.ref('object_id'), ids))
    .where('target_tenant', 'in', projectId === null ? [everyProject] : [everyProject, projectId])
    .execute();
  const allowed = new Set(policies.map(({ object_id, action }) => `${action} ${object_id}`));
  return { allows: (action, objectId) => allowed.has(`${action} ${objectId}`) };
}

/** Each record's `shared` as the caller's project sees it. */
export async function sharedFlags(
  store: Reader,
  type: RbacObjectType,
  records: readonly { readonly id: string }[],
  projectId: string | null,
): Promise<readonly { readonly shared: boolean }[]> {
  const sharing = await sharingOf(store, { type, ids: records.map(({ id }) => id) }, projectId);
  return records.map(({ id }) => ({ shared: sharing.allows('access_as_shared', id) }));
}
