// What must be there before anyone can log in: a key for tokens, the default domain, the roles that OpenStack's
// services expect, an administrator, and the catalog. Safe to repeat; what an administrator has changed stays changed.

import { randomBytes } from 'node:crypto';
import { UniqueViolation } from '../store/store.ts';
import { tokenKeyName } from './identity-service.ts';
import { newId } from './new-id.ts';
import { hashPassword } from './password.ts';
import type { EndpointRow, IdentityDb, IdentityStore } from './tables.ts';
import { nextGeneration } from './tokens.ts';

export interface Bootstrap {
  /** For the user admin when it is first made; null makes one who cannot log in. */
  readonly adminPassword: string | null;
  /** The same for the user demo with its project; null makes neither. */
  readonly demoPassword: string | null;
}

/** Keystone's own: who logs in without naming a domain's id means this one. */
const defaultDomain = { id: 'default', name: 'Default' };

/** Each role implies the next (Keystone: "Default roles"); service stands beside them. */
const roleLadder = ['admin', 'manager', 'member', 'reader'] as const;
const region = 'RegionOne';

export async function bootstrapIdentity(
  store: IdentityStore,
  { adminPassword, demoPassword }: Bootstrap,
): Promise<void> {
  const adminHash = adminPassword === null ? null : await hashPassword(adminPassword);
  const demoHash = demoPassword === null ? null : await hashPassword(demoPassword);
  const prepare = async (db: IdentityDb): Promise<void> => {
    await ensureTokenKey(db);
    await ensureDomain(db);
    const roleIds = await ensureRoles(db);
    await ensureUser(db, { name: 'admin', passwordHash: adminHash, roleId: roleIds.admin, system: true });
    if (demoHash !== null) {
      await ensureUser(db, { name: 'demo', passwordHash: demoHash, roleId: roleIds.member, system: false });
    }
    await ensureCatalog(db);
    await nextGeneration(db);
  };
  try {
    await store.write(prepare);
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    // Another server, started at the same moment, was quicker; now its rows are seen.
    await store.write(prepare);
  }
}

async function ensureTokenKey(db: IdentityDb): Promise<void> {
  await db
    .insertInto('identity_secrets')
    .values({ name: tokenKeyName, value: randomBytes(32).toString('base64') })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

async function ensureDomain(db: IdentityDb): Promise<void> {
  await db
    .insertInto('identity_domains')
    .values({ ...defaultDomain, description: 'The default domain', enabled: 1, extra: '{}' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function ensureRoles(db: IdentityDb): Promise<Readonly<Record<(typeof roleLadder)[number], string>>> {
  const [admin, manager, member, reader] = [
    await ensureRole(db, 'admin'),
    await ensureRole(db, 'manager'),
    await ensureRole(db, 'member'),
    await ensureRole(db, 'reader'),
  ];
  await ensureRole(db, 'service');
  const ladder = [admin, manager, member, reader];
  const implications = ladder.slice(1).map((implied, index) => ({
    prior_role_id: ladder[index] ?? '',
    implied_role_id: implied,
  }));
  await db
    .insertInto('identity_implied_roles')
    .values(implications)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return { admin, manager, member, reader };
}

async function ensureRole(db: IdentityDb, name: string): Promise<string> {
  const found = await db.selectFrom('identity_roles').select('id').where('name', '=', name).executeTakeFirst();
  if (found !== undefined) return found.id;
  const id = newId();
  await db.insertInto('identity_roles').values({ id, name, description: null, extra: '{}' }).execute();
  return id;
}

/** A user with a project of the same name, and the role there. */
async function ensureUser(
  db: IdentityDb,
  {
    name,
    passwordHash,
    roleId,
    system,
  }: { name: string; passwordHash: string | null; roleId: string; system: boolean },
): Promise<void> {
  const found = await db
    .selectFrom('identity_users')
    .select('id')
    .where('name', '=', name)
    .where('domain_id', '=', defaultDomain.id)
    .executeTakeFirst();
  if (found !== undefined) return;
  const projectId = await ensureProject(db, name);
  const userId = newId();
  await db
    .insertInto('identity_users')
    .values({
      id: userId,
      name,
      domain_id: defaultDomain.id,
      default_project_id: null,
      description: null,
      email: null,
      enabled: 1,
      password_hash: passwordHash,
      credential_version: 1,
      extra: '{}',
    })
    .execute();
  const assignment = { actor_type: 'user', actor_id: userId, role_id: roleId, inherited: 0 } as const;
  await db
    .insertInto('identity_assignments')
    .values([
      { ...assignment, target_type: 'project', target_id: projectId },
      ...(system ? [{ ...assignment, target_type: 'system', target_id: 'all' } as const] : []),
    ])
    .execute();
}

async function ensureProject(db: IdentityDb, name: string): Promise<string> {
  const found = await db
    .selectFrom('identity_projects')
    .select('id')
    .where('name', '=', name)
    .where('domain_id', '=', defaultDomain.id)
    .executeTakeFirst();
  if (found !== undefined) return found.id;
  const id = newId();
  await db
    .insertInto('identity_projects')
    .values({ id, name, domain_id: defaultDomain.id, parent_id: null, description: '', enabled: 1, extra: '{}' })
    .execute();
  return id;
}

async function ensureCatalog(db: IdentityDb): Promise<void> {
  await db
    .insertInto('identity_regions')
    .values({ id: region, description: '', parent_region_id: null, extra: '{}' })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await ensureService(db, { type: 'identity', name: 'keystone', url: '$(origin)s/identity' });
  await ensureService(db, { type: 'network', name: 'neutron', url: '$(origin)s' });
}

async function ensureService(
  db: IdentityDb,
  { type, name, url }: { readonly type: string; readonly name: string; readonly url: string },
): Promise<void> {
  const found = await db.selectFrom('identity_services').select('id').where('type', '=', type).executeTakeFirst();
  if (found !== undefined) return;
  const id = newId();
  await db
    .insertInto('identity_services')
    .values({ id, type, name, description: '', enabled: 1, extra: '{}' })
    .execute();
  const endpoints = ['public', 'internal', 'admin'].map((each): EndpointRow => ({
    id: newId(),
    service_id: id,
    interface: each,
    region_id: region,
    url,
    enabled: 1,
    extra: '{}',
  }));
  await db.insertInto('identity_endpoints').values(endpoints).execute();
}
