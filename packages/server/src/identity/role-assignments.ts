// Which roles someone really has: those assigned to the user or to a group of the user's, on the target itself or
// inherited from above it, and those that these imply.

import type { AssignmentRow, IdentityDb, RoleRow } from './tables.ts';

export type Target =
  | { readonly type: 'project'; readonly id: string }
  | { readonly type: 'domain'; readonly id: string }
  | { readonly type: 'system'; readonly id: 'all' };

/** One role of one user or group on one target, as it was assigned. */
export type Assignment = AssignmentRow;

/** The roles of the user on the target, sorted by name; empty when the user has nothing to do there. */
export async function effectiveRoles(db: IdentityDb, userId: string, target: Target): Promise<readonly RoleRow[]> {
  const actors = [userId, ...(await groupsOf(db, userId))];
  const lines = await ancestry(db, target);
  const assignments = await db
    .selectFrom('identity_assignments')
    .selectAll()
    .where('actor_id', 'in', actors)
    .where('target_id', 'in', [target.id, ...lines])
    .execute();
  const here = assignments.filter(({ target_id, target_type, inherited }) =>
    inherited === 0 ? target_id === target.id && target_type === target.type : lines.includes(target_id),
  );
  return rolesImpliedBy(db, new Set(here.map(({ role_id }) => role_id)));
}

/** The roles with all that they imply, however far. */
export async function rolesImpliedBy(db: IdentityDb, roleIds: ReadonlySet<string>): Promise<readonly RoleRow[]> {
  if (roleIds.size === 0) return [];
  const implications = await db.selectFrom('identity_implied_roles').selectAll().execute();
  const all = new Set(roleIds);
  // A set is walked in the order of insertion, additions of the walk included.
  for (const roleId of all) {
    for (const { prior_role_id, implied_role_id } of implications) {
      if (prior_role_id === roleId) all.add(implied_role_id);
    }
  }
  return db
    .selectFrom('identity_roles')
    .selectAll()
    .where('id', 'in', [...all])
    .orderBy('name')
    .execute();
}

export async function groupsOf(db: IdentityDb, userId: string): Promise<readonly string[]> {
  const rows = await db.selectFrom('identity_memberships').select('group_id').where('user_id', '=', userId).execute();
  return rows.map(({ group_id }) => group_id);
}

/** Where inherited roles come from: for a project the projects above it and its domain. */
async function ancestry(db: IdentityDb, target: Target): Promise<readonly string[]> {
  if (target.type !== 'project') return [];
  const above: string[] = [];
  let id: string | null = target.id;
  while (id !== null) {
    const project: { readonly parent_id: string | null; readonly domain_id: string } | undefined = await db
      .selectFrom('identity_projects')
      .select(['parent_id', 'domain_id'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (project === undefined) return above;
    above.push(project.parent_id ?? project.domain_id);
    id = project.parent_id;
  }
  return above;
}

/** The targets of a kind on which the user has any role, directly, by a group or inherited. */
export async function targetsOf(
  db: IdentityDb,
  userId: string,
  type: 'project' | 'domain',
): Promise<readonly string[]> {
  const actors = [userId, ...(await groupsOf(db, userId))];
  const assignments = await db.selectFrom('identity_assignments').selectAll().where('actor_id', 'in', actors).execute();
  const direct = assignments.filter((row) => row.target_type === type && row.inherited === 0);
  const inherited = assignments.filter((row) => row.inherited === 1).map(({ target_id }) => target_id);
  const below = type === 'project' ? await projectsBelow(db, inherited) : [];
  return [...new Set([...direct.map(({ target_id }) => target_id), ...below])];
}

/** Every project below the given projects and domains. */
export async function projectsBelow(db: IdentityDb, ids: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  let above = ids;
  while (above.length > 0) {
    const rows = await db
      .selectFrom('identity_projects')
      .select('id')
      .where((where) =>
        where.or([
          where('parent_id', 'in', above),
          where.and([where('parent_id', 'is', null), where('domain_id', 'in', above)]),
        ]),
      )
      .execute();
    above = rows.map(({ id }) => id).filter((id) => !found.has(id));
    for (const id of above) found.add(id);
  }
  return [...found];
}
