// Giving roles to users and groups on projects, domains and the system, and taking them away; roles that imply others.

import { requireAdmin, requireReader } from './caller.ts';
import { show } from './crud-routes.ts';
import { domainEntity, groupEntity, projectEntity, roleEntity, userEntity, type Entity } from './entity.ts';
import { roleApi } from './entity-apis.ts';
import { getEntity, listEntities } from './entity-table.ts';
import { collection, noContent, param, type Exchange, type IdentityHandler } from './exchange.ts';
import { notFound } from './identity-error.ts';
import type { AssignmentRow, IdentityDb } from './tables.ts';
import { nextGeneration } from './tokens.ts';

type ActorType = AssignmentRow['actor_type'];
type TargetType = AssignmentRow['target_type'];

const actorEntities: Readonly<Record<ActorType, Entity>> = { user: userEntity, group: groupEntity };
const targetEntities: Readonly<Record<Exclude<TargetType, 'system'>, Entity>> = {
  project: projectEntity,
  domain: domainEntity,
};

export interface GrantKind {
  readonly actor: ActorType;
  readonly target: TargetType;
  /** The role is on everything below the target instead of on the target. */
  readonly inherited: boolean;
}

export interface GrantHandlers {
  readonly list: IdentityHandler;
  readonly grant: IdentityHandler;
  readonly check: IdentityHandler;
  readonly revoke: IdentityHandler;
}

/** The handlers below e.g. /projects/{targetId}/users/{actorId}/roles[/{roleId}]. */
export function grantHandlers(kind: GrantKind): GrantHandlers {
  return {
    async list(exchange) {
      requireReader(exchange.caller, 'list_grants');
      const { role_id: _, ...place } = grantOf(kind, exchange);
      const rows = await exchange.identity.store.read(async (db) => {
        await requireEnds(db, kind, place);
        const granted = await matching(db, place).select('role_id').execute();
        return listEntities(db, roleEntity, { id: granted.map(({ role_id }) => role_id) });
      });
      return collection(exchange, { name: 'roles', items: rows.map((row) => show(roleApi, row, exchange)) });
    },

    async grant(exchange) {
      requireAdmin(exchange.caller, 'create_grant');
      const grant = grantOf(kind, exchange);
      await exchange.identity.store.write(async (db) => {
        await getEntity(db, roleEntity, grant.role_id);
        await requireEnds(db, kind, grant);
        await db
          .insertInto('identity_assignments')
          .values(grant)
          .onConflict((c) => c.doNothing())
          .execute();
        await nextGeneration(db);
      });
      return noContent;
    },

    async check(exchange) {
      requireReader(exchange.caller, 'check_grant');
      const grant = grantOf(kind, exchange);
      const found = await exchange.identity.store.read((db) =>
        matching(db, grant).select('role_id').where('role_id', '=', grant.role_id).executeTakeFirst(),
      );
      if (found === undefined) throw notFound('role assignment', describeGrant(grant));
      return noContent;
    },

    async revoke(exchange) {
      requireAdmin(exchange.caller, 'revoke_grant');
      const grant = grantOf(kind, exchange);
      await exchange.identity.store.write(async (db) => {
        const removed = await db
          .deleteFrom('identity_assignments')
          .where((where) => where.and(grant))
          .returning('role_id')
          .execute();
        if (removed.length === 0) throw notFound('role assignment', describeGrant(grant));
        await nextGeneration(db);
      });
      return noContent;
    },
  };
}

function grantOf({ actor, target, inherited }: GrantKind, { params }: Exchange): AssignmentRow {
  return {
    actor_type: actor,
    actor_id: params['actorId'] ?? '',
    target_type: target,
    target_id: target === 'system' ? 'all' : (params['targetId'] ?? ''),
    role_id: params['roleId'] ?? '',
    inherited: inherited ? 1 : 0,
  };
}

type GrantPlace = Omit<AssignmentRow, 'role_id'>;

function matching(db: IdentityDb, { actor_type, actor_id, target_type, target_id, inherited }: GrantPlace) {
  return db
    .selectFrom('identity_assignments')
    .where((where) => where.and({ actor_type, actor_id, target_type, target_id, inherited }));
}

async function requireEnds(db: IdentityDb, { actor, target }: GrantKind, place: GrantPlace): Promise<void> {
  await getEntity(db, actorEntities[actor], place.actor_id);
  if (target !== 'system') await getEntity(db, targetEntities[target], place.target_id);
}

function describeGrant({ role_id, actor_type, actor_id, target_type, target_id }: AssignmentRow): string {
  return `role ${role_id} of ${actor_type} ${actor_id} on ${target_type} ${target_id}`;
}

// Roles that imply others.

export const listImpliedRoles: IdentityHandler = async (exchange) => {
  requireReader(exchange.caller, 'list_implied_roles');
  const priorId = param(exchange, 'id');
  const { prior, implied } = await exchange.identity.store.read(async (db) => {
    const rows = await db
      .selectFrom('identity_implied_roles')
      .select('implied_role_id')
      .where('prior_role_id', '=', priorId)
      .execute();
    return {
      prior: await getEntity(db, roleEntity, priorId),
      implied: await listEntities(db, roleEntity, { id: rows.map(({ implied_role_id }) => implied_role_id) }),
    };
  });
  const inference = {
    prior_role: show(roleApi, prior, exchange),
    implies: implied.map((row) => show(roleApi, row, exchange)),
  };
  return {
    status: 200,
    body: { role_inference: inference, links: { self: `${exchange.base}/roles/${priorId}/implies` } },
  };
};

export const listRoleInferences: IdentityHandler = async (exchange) => {
  requireReader(exchange.caller, 'list_role_inference_rules');
  const { roles, implications } = await exchange.identity.store.read(async (db) => ({
    roles: await listEntities(db, roleEntity, {}),
    implications: await db.selectFrom('identity_implied_roles').selectAll().execute(),
  }));
  const inferences = roles.flatMap((prior) => {
    const implied = implications
      .filter(({ prior_role_id }) => prior_role_id === prior.id)
      .map((row) => row.implied_role_id);
    const implies = roles.filter(({ id }) => implied.includes(id)).map((row) => show(roleApi, row, exchange));
    return implies.length === 0 ? [] : [{ prior_role: show(roleApi, prior, exchange), implies }];
  });
  return { status: 200, body: { role_inferences: inferences, links: { self: `${exchange.base}/role_inferences` } } };
};

export const showImpliedRole: IdentityHandler = async (exchange) => {
  requireReader(exchange.caller, 'get_implied_role');
  const [priorId, impliedId] = [param(exchange, 'id'), param(exchange, 'impliedId')];
  const { prior, implied } = await exchange.identity.store.read(async (db) => {
    const found = await db
      .selectFrom('identity_implied_roles')
      .select('implied_role_id')
      .where('prior_role_id', '=', priorId)
      .where('implied_role_id', '=', impliedId)
      .executeTakeFirst();
    if (found === undefined) throw notFound('implied role', `${priorId} implies ${impliedId}`);
    return { prior: await getEntity(db, roleEntity, priorId), implied: await getEntity(db, roleEntity, impliedId) };
  });
  const inference = { prior_role: show(roleApi, prior, exchange), implies: show(roleApi, implied, exchange) };
  return { status: 200, body: { role_inference: inference } };
};

export const addImpliedRole: IdentityHandler = async (exchange) => {
  requireAdmin(exchange.caller, 'create_implied_role');
  const [priorId, impliedId] = [param(exchange, 'id'), param(exchange, 'impliedId')];
  const { prior, implied } = await exchange.identity.store.write(async (db) => {
    const found = {
      prior: await getEntity(db, roleEntity, priorId),
      implied: await getEntity(db, roleEntity, impliedId),
    };
    await db
      .insertInto('identity_implied_roles')
      .values({ prior_role_id: priorId, implied_role_id: impliedId })
      .onConflict((c) => c.doNothing())
      .execute();
    await nextGeneration(db);
    return found;
  });
  const inference = { prior_role: show(roleApi, prior, exchange), implies: show(roleApi, implied, exchange) };
  return { status: 201, body: { role_inference: inference } };
};

export const removeImpliedRole: IdentityHandler = async (exchange) => {
  requireAdmin(exchange.caller, 'delete_implied_role');
  const [priorId, impliedId] = [param(exchange, 'id'), param(exchange, 'impliedId')];
  await exchange.identity.store.write(async (db) => {
    const removed = await db
      .deleteFrom('identity_implied_roles')
      .where('prior_role_id', '=', priorId)
      .where('implied_role_id', '=', impliedId)
      .returning('implied_role_id')
      .execute();
    if (removed.length === 0) throw notFound('implied role', `${priorId} implies ${impliedId}`);
    await nextGeneration(db);
  });
  return noContent;
};
