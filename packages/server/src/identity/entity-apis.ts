// What is particular to each kind of entity: references that must lead somewhere, what goes with it when it goes, and
// who may see it besides administrators.

import { mentionsDomain } from './caller.ts';
import { fillUrl } from './catalog.ts';
import { idsInDomain, removeAssignments, type EntityApi } from './crud-routes.ts';
import {
  domainEntity,
  endpointEntity,
  groupEntity,
  projectEntity,
  regionEntity,
  roleEntity,
  serviceEntity,
  userEntity,
  type AnyRow,
  type Columns,
  type Entity,
} from './entity.ts';
import { findEntity, getEntity, insertEntity } from './entity-table.ts';
import { badRequest, notFound, refused } from './identity-error.ts';
import { textAt, type JsonObject } from './json-value.ts';
import { hashPassword } from './password.ts';
import type { IdentityDb } from './tables.ts';
import type { TokenFacts } from './token-facts.ts';

/** A new user, group or project that names no domain is in that of the token. */
function inTokenDomain(object: JsonObject, caller: TokenFacts): JsonObject {
  return { ...object, domain_id: object['domain_id'] ?? tokenDomainId(caller) };
}

function tokenDomainId({ scope, user }: TokenFacts): string {
  switch (scope.kind) {
    case 'domain':
      return scope.domain.id;
    case 'project':
      return scope.project.domain.id;
    case 'system':
    case 'unscoped':
      return user.domain.id;
  }
}

const domainExists = async (db: IdentityDb, row: AnyRow): Promise<void> => {
  await getEntity(db, domainEntity, String(row['domain_id']));
};

export const domainApi: EntityApi = {
  entity: domainEntity,
  isOwn: mentionsDomain,
  async beforeDelete(db, { id, enabled }) {
    if (enabled === 1) {
      throw refused(
        'You are not authorized to perform the requested action: Cannot delete a domain that is enabled, please disable it first..',
      );
    }
    const projects = await idsInDomain(db, 'identity_projects', id);
    const users = await idsInDomain(db, 'identity_users', id);
    const groups = await idsInDomain(db, 'identity_groups', id);
    await removeAssignments(db, [id, ...projects, ...users, ...groups]);
    // A parent cannot go before what is below it; the rows themselves go with the domain's.
    await db.updateTable('identity_projects').set({ parent_id: null }).where('domain_id', '=', id).execute();
  },
};

export const projectApi: EntityApi = {
  entity: projectEntity,
  // In Keystone a domain is the parent of its topmost projects.
  completed(object, caller) {
    const completed = inTokenDomain(object, caller);
    return completed['parent_id'] === completed['domain_id'] ? { ...completed, parent_id: null } : completed;
  },
  isOwn: ({ scope }, id) => scope.kind === 'project' && scope.project.id === id,
  async settleReferences(db, row) {
    await domainExists(db, row);
    const parentId = row['parent_id'];
    if (typeof parentId !== 'string') return;
    const parent = await getEntity(db, projectEntity, parentId);
    if (parent['domain_id'] !== row['domain_id']) throw badRequest('A project is in the domain of its parent.');
  },
  async beforeDelete(db, { id }) {
    const child = await db.selectFrom('identity_projects').select('id').where('parent_id', '=', id).executeTakeFirst();
    if (child !== undefined) {
      throw refused(
        `You are not authorized to perform the requested action: Cannot delete the project ${id} since it is not a leaf in the hierarchy..`,
      );
    }
    await removeAssignments(db, [id]);
    await db
      .updateTable('identity_users')
      .set({ default_project_id: null })
      .where('default_project_id', '=', id)
      .execute();
  },
  show: (shown) => ({ ...shown, parent_id: shown['parent_id'] ?? shown['domain_id'] }),
};

export const userApi: EntityApi = {
  entity: userEntity,
  completed: inTokenDomain,
  isOwn: ({ user }, id) => user.id === id,
  hiddenColumns: passwordColumns,
  settleReferences: domainExists,
  beforeDelete: (db, { id }) => removeAssignments(db, [id]),
  show: (shown) =>
    Object.fromEntries(Object.entries(shown).filter(([name, value]) => !(mayBeAbsent.has(name) && value === null))),
};

/** Keystone leaves these out where they are not set. */
const mayBeAbsent = new Set(['default_project_id', 'description', 'email']);

/** A new password makes every token of the user worthless, by the number that tokens carry. */
async function passwordColumns(
  object: Readonly<Record<string, unknown>>,
  operation: 'create' | 'update',
  current?: AnyRow,
): Promise<Columns> {
  const password = textAt(object, 'password');
  const version = Number(current?.['credential_version'] ?? 0);
  if (password !== undefined) return { password_hash: await hashPassword(password), credential_version: version + 1 };
  return operation === 'create' ? { password_hash: null, credential_version: 1 } : {};
}

export const groupApi: EntityApi = {
  entity: groupEntity,
  completed: inTokenDomain,
  settleReferences: domainExists,
  beforeDelete: (db, { id }) => removeAssignments(db, [id]),
};

export const roleApi: EntityApi = { entity: roleEntity };

export const regionApi: EntityApi = {
  entity: regionEntity,
  ownIds: true,
  everyoneReads: true,
  settleReferences: (db, row) => referenceExists(db, regionEntity, row['parent_region_id']),
  async beforeDelete(db, { id }) {
    const used = await db.selectFrom('identity_endpoints').select('id').where('region_id', '=', id).executeTakeFirst();
    const below = await db
      .selectFrom('identity_regions')
      .select('id')
      .where('parent_region_id', '=', id)
      .executeTakeFirst();
    if (used !== undefined || below !== undefined) {
      throw refused(`Unable to delete region ${id} because it or its child regions have associated endpoints.`);
    }
  },
};

export const serviceApi: EntityApi = { entity: serviceEntity };

export const endpointApi: EntityApi = {
  entity: endpointEntity,
  // `region` is the older name of region_id.
  translated: ({ region, ...object }) => (region === undefined ? object : { region_id: region, ...object }),
  async settleReferences(db, row) {
    if (!['public', 'internal', 'admin'].includes(String(row['interface']))) {
      throw badRequest("Invalid input for field 'interface': it is none of public, internal, admin");
    }
    await referenceExists(db, serviceEntity, row['service_id']);
    const regionId = row['region_id'];
    // Keystone, too, makes a region that it hears of for the first time.
    if (typeof regionId !== 'string' || (await findEntity(db, regionEntity, regionId)) !== undefined) return;
    await insertEntity(db, regionEntity, { id: regionId, description: '', parent_region_id: null, extra: '{}' });
  },
  show: (shown, { origin }) => ({ ...shown, region: shown['region_id'], url: fillUrl(String(shown['url']), origin) }),
};

async function referenceExists(db: IdentityDb, entity: Entity, id: unknown): Promise<void> {
  if (typeof id === 'string' && (await findEntity(db, entity, id)) === undefined) throw notFound(entity.singular, id);
}
