// What hangs on users and groups: a user's password, projects and groups, a group's users.

import { requireAdmin, requireReader } from './caller.ts';
import { show } from './crud-routes.ts';
import { groupEntity, userEntity } from './entity.ts';
import { groupApi, projectApi, userApi } from './entity-apis.ts';
import { getEntity, listEntities } from './entity-table.ts';
import { collection, noContent, param, type Exchange, type IdentityAnswer, type IdentityHandler } from './exchange.ts';
import { badRequest, notFound, unauthorized } from './identity-error.ts';
import { isObject, objectAt, textAt } from './json-value.ts';
import { hashPassword, passwordMatches } from './password.ts';
import { groupsOf, targetsOf } from './role-assignments.ts';
import { nextGeneration } from './tokens.ts';

/** Needs no token: whoever knows the old password may set a new one, which ends all tokens of the user. */
export async function changePassword(exchange: Omit<Exchange, 'caller'>): Promise<IdentityAnswer> {
  const { store } = exchange.identity;
  const id = param(exchange, 'id');
  const object = isObject(exchange.body) ? objectAt(exchange.body, 'user') : {};
  const [password, original] = [textAt(object, 'password'), textAt(object, 'original_password')];
  if (password === undefined || original === undefined)
    throw badRequest("'original_password' and 'password' are required properties");
  const stored = await store.read((db) =>
    db
      .selectFrom('identity_users')
      .select('password_hash')
      .where('id', '=', id)
      .where('enabled', '=', 1)
      .executeTakeFirst(),
  );
  if (!(await passwordMatches(original, stored?.password_hash ?? null))) throw unauthorized();
  const hash = await hashPassword(password);
  await store.write(async (db) => {
    await db
      .updateTable('identity_users')
      .set(({ eb }) => ({ password_hash: hash, credential_version: eb('credential_version', '+', 1) }))
      .where('id', '=', id)
      .execute();
    await nextGeneration(db);
  });
  return noContent;
}

export const listProjectsOfUser: IdentityHandler = async (exchange) => {
  const id = param(exchange, 'id');
  requireReader(exchange.caller, 'list_user_projects', exchange.caller.user.id === id);
  const rows = await exchange.identity.store.read(async (db) => {
    await getEntity(db, userEntity, id);
    return listEntities(db, projectApi.entity, { id: await targetsOf(db, id, 'project') });
  });
  const items = rows.map((row) => show(projectApi, row, exchange));
  return collection(exchange, { name: 'projects', items, path: `/users/${id}/projects` });
};

export const listGroupsOfUser: IdentityHandler = async (exchange) => {
  const id = param(exchange, 'id');
  requireReader(exchange.caller, 'list_groups_for_user', exchange.caller.user.id === id);
  const rows = await exchange.identity.store.read(async (db) => {
    await getEntity(db, userEntity, id);
    return listEntities(db, groupApi.entity, { id: await groupsOf(db, id) });
  });
  const items = rows.map((row) => show(groupApi, row, exchange));
  return collection(exchange, { name: 'groups', items, path: `/users/${id}/groups` });
};

export const listUsersOfGroup: IdentityHandler = async (exchange) => {
  const id = param(exchange, 'id');
  requireReader(exchange.caller, 'list_users_in_group');
  const rows = await exchange.identity.store.read(async (db) => {
    await getEntity(db, groupEntity, id);
    const members = await db.selectFrom('identity_memberships').select('user_id').where('group_id', '=', id).execute();
    return listEntities(db, userEntity, { id: members.map(({ user_id }) => user_id) });
  });
  const items = rows.map((row) => show(userApi, row, exchange));
  return collection(exchange, { name: 'users', items, path: `/groups/${id}/users` });
};

export const addUserToGroup: IdentityHandler = async (exchange) => {
  requireAdmin(exchange.caller, 'add_user_to_group');
  const [group_id, user_id] = [param(exchange, 'id'), param(exchange, 'userId')];
  await exchange.identity.store.write(async (db) => {
    await getEntity(db, groupEntity, group_id);
    await getEntity(db, userEntity, user_id);
    await db
      .insertInto('identity_memberships')
      .values({ user_id, group_id })
      .onConflict((c) => c.doNothing())
      .execute();
    await nextGeneration(db);
  });
  return noContent;
};

export const checkUserInGroup: IdentityHandler = async (exchange) => {
  const [groupId, userId] = [param(exchange, 'id'), param(exchange, 'userId')];
  requireReader(exchange.caller, 'check_user_in_group', exchange.caller.user.id === userId);
  const groups = await exchange.identity.store.read((db) => groupsOf(db, userId));
  if (!groups.includes(groupId)) throw notFound('user in group', userId);
  return noContent;
};

export const removeUserFromGroup: IdentityHandler = async (exchange) => {
  requireAdmin(exchange.caller, 'remove_user_from_group');
  const [groupId, userId] = [param(exchange, 'id'), param(exchange, 'userId')];
  await exchange.identity.store.write(async (db) => {
    const removed = await db
      .deleteFrom('identity_memberships')
      .where('group_id', '=', groupId)
      .where('user_id', '=', userId)
      .returning('user_id')
      .execute();
    if (removed.length === 0) throw notFound('user in group', userId);
    await nextGeneration(db);
  });
  return noContent;
};
