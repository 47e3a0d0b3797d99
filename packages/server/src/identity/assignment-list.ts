// GET /v3/role_assignments: who has which role where, as assigned or, with ?effective, as it comes out.

import { requireReader } from './caller.ts';
import { collection, type Exchange, type IdentityHandler } from './exchange.ts';
import { projectsBelow } from './role-assignments.ts';
import type { AssignmentRow, IdentityDb } from './tables.ts';

export const listRoleAssignments: IdentityHandler = async (exchange) => {
  requireReader(exchange.caller, 'list_role_assignments');
  const { query } = exchange;
  const effective = isSet(query, 'effective');
  const { rows, names } = await exchange.identity.store.read(async (db) => {
    const assigned = await db.selectFrom('identity_assignments').selectAll().execute();
    const wanted = await assignmentFilter(db, query);
    return {
      rows: (effective ? await expand(db, assigned) : assigned).filter(wanted),
      names: isSet(query, 'include_names') ? await readNames(db) : undefined,
    };
  });
  const items = rows.map((row) => renderAssignment(row, exchange, names));
  return collection(exchange, { name: 'role_assignments', items });
};

/** A bare `?effective` counts as set. */
function isSet(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && !['0', 'false', 'no', 'off'].includes(value.toLowerCase());
}

async function assignmentFilter(db: IdentityDb, query: URLSearchParams): Promise<(row: AssignmentRow) => boolean> {
  const [user, group, role] = [query.get('user.id'), query.get('group.id'), query.get('role.id')];
  const [project, domain, system] = [
    query.get('scope.project.id'),
    query.get('scope.domain.id'),
    query.get('scope.system'),
  ];
  const inherited = query.get('scope.OS-INHERIT:inherited_to');
  const below = project !== null && isSet(query, 'include_subtree') ? await projectsBelow(db, [project]) : [];
  return (row) =>
    (user === null || (row.actor_type === 'user' && row.actor_id === user)) &&
    (group === null || (row.actor_type === 'group' && row.actor_id === group)) &&
    (role === null || row.role_id === role) &&
    (project === null ||
      (row.target_type === 'project' && (row.target_id === project || below.includes(row.target_id)))) &&
    (domain === null || (row.target_type === 'domain' && row.target_id === domain)) &&
    (system === null || row.target_type === 'system') &&
    (inherited === null || row.inherited === 1);
}

/** Groups become their users, inherited roles become roles on what is below, and implied roles are added. */
async function expand(db: IdentityDb, rows: readonly AssignmentRow[]): Promise<readonly AssignmentRow[]> {
  const memberships = await db.selectFrom('identity_memberships').selectAll().execute();
  const implications = await db.selectFrom('identity_implied_roles').selectAll().execute();
  const expanded = new Map<string, AssignmentRow>();
  for (const row of rows) {
    const users =
      row.actor_type === 'user'
        ? [row.actor_id]
        : memberships.filter(({ group_id }) => group_id === row.actor_id).map(({ user_id }) => user_id);
    const targets: readonly Pick<AssignmentRow, 'target_type' | 'target_id'>[] =
      row.inherited === 0
        ? [row]
        : (await projectsBelow(db, [row.target_id])).map((id) => ({ target_type: 'project', target_id: id }));
    const roles = new Set([row.role_id]);
    for (const role of roles) {
      for (const { prior_role_id, implied_role_id } of implications)
        if (prior_role_id === role) roles.add(implied_role_id);
    }
    for (const actor_id of users) {
      for (const { target_type, target_id } of targets) {
        for (const role_id of roles) {
          const one = { actor_type: 'user', actor_id, target_type, target_id, role_id, inherited: 0 } as const;
          expanded.set(JSON.stringify(one), one);
        }
      }
    }
  }
  return [...expanded.values()];
}

interface Shown {
  readonly name: string;
  readonly domain_id?: string;
}

async function readNames(db: IdentityDb): Promise<ReadonlyMap<string, Shown>> {
  const rows: readonly ({ readonly id: string } & Shown)[] = [
    ...(await db.selectFrom('identity_users').select(['id', 'name', 'domain_id']).execute()),
    ...(await db.selectFrom('identity_groups').select(['id', 'name', 'domain_id']).execute()),
    ...(await db.selectFrom('identity_projects').select(['id', 'name', 'domain_id']).execute()),
    ...(await db.selectFrom('identity_domains').select(['id', 'name']).execute()),
    ...(await db.selectFrom('identity_roles').select(['id', 'name']).execute()),
  ];
  return new Map(rows.map((row) => [row.id, row]));
}

function renderAssignment(
  row: AssignmentRow,
  { base }: Exchange,
  names: ReadonlyMap<string, Shown> | undefined,
): object {
  const thing = (id: string): object => {
    const known = names?.get(id);
    if (known === undefined) return { id };
    const domain =
      known.domain_id === undefined ? undefined : { id: known.domain_id, name: names?.get(known.domain_id)?.name };
    return { id, name: known.name, ...(domain === undefined ? {} : { domain }) };
  };
  const place = row.target_type === 'system' ? 'system' : `${row.target_type}s/${row.target_id}`;
  const inheritance = row.inherited === 1 ? { 'OS-INHERIT:inherited_to': 'projects' } : {};
  const scope = row.target_type === 'system' ? { system: { all: true } } : { [row.target_type]: thing(row.target_id) };
  return {
    role: thing(row.role_id),
    [row.actor_type]: thing(row.actor_id),
    scope: { ...scope, ...inheritance },
    links: { assignment: `${base}/${place}/${row.actor_type}s/${row.actor_id}/roles/${row.role_id}` },
  };
}
