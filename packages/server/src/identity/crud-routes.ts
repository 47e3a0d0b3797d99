// The five operations that every kind of entity has: list, create, show, change, delete. What is particular to a kind
// is in its EntityApi (entity-apis.ts).

import { requireAdmin, requireReader } from './caller.ts';
import {
  readCreate,
  readUpdate,
  renderEntity,
  requestedObject,
  type AnyRow,
  type ColumnValue,
  type Columns,
  type Entity,
} from './entity.ts';
import { deleteEntity, getEntity, insertEntity, listEntities, updateEntity, type RowFilter } from './entity-table.ts';
import { collection, noContent, param, type Exchange, type IdentityHandler } from './exchange.ts';
import { badRequest } from './identity-error.ts';
import type { JsonObject } from './json-value.ts';
import type { IdentityDb, IdentityTables } from './tables.ts';
import { newId } from './new-id.ts';
import type { TokenFacts } from './token-facts.ts';
import { nextGeneration } from './tokens.ts';

export interface EntityApi {
  readonly entity: Entity;
  /** The request in the words of the declaration: older names of attributes replaced. */
  readonly translated?: (object: JsonObject) => JsonObject;
  /** The request for a new one with what it leaves out. */
  readonly completed?: (object: JsonObject, caller: TokenFacts) => JsonObject;
  /** Columns that no attribute shows: made before the transaction, for what takes long. */
  readonly hiddenColumns?: (object: JsonObject, operation: 'create' | 'update', current?: AnyRow) => Promise<Columns>;
  /** Throws when a reference of the row leads nowhere; or makes what it refers to. */
  readonly settleReferences?: (db: IdentityDb, row: AnyRow) => Promise<void>;
  /** Throws when the row must stay; removes what hangs on it. */
  readonly beforeDelete?: (db: IdentityDb, row: AnyRow) => Promise<void>;
  /** Whether a caller who may not see all may see this one. */
  readonly isOwn?: (caller: TokenFacts, id: string) => boolean;
  /** Changes how a row is shown. */
  readonly show?: (shown: JsonObject, exchange: Exchange) => JsonObject;
  /** Clients may choose the id. */
  readonly ownIds?: boolean;
  readonly everyoneReads?: boolean;
}

export interface CrudHandlers {
  readonly list: IdentityHandler;
  readonly create: IdentityHandler;
  readonly get: IdentityHandler;
  readonly update: IdentityHandler;
  readonly remove: IdentityHandler;
}

export function crudHandlers(api: EntityApi): CrudHandlers {
  const { entity } = api;
  const { singular, plural } = entity;

  return {
    async list(exchange) {
      requireReader(exchange.caller, `list_${plural}`, api.everyoneReads);
      const filter = readFilter(entity, exchange.query);
      const rows = await exchange.identity.store.read((db) => listEntities(db, entity, filter));
      return collection(exchange, { name: plural, items: rows.map((row) => show(api, row, exchange)) });
    },

    async create(exchange) {
      requireAdmin(exchange.caller, `create_${singular}`);
      const requested = read(api, exchange);
      const object = api.completed?.(requested, exchange.caller) ?? requested;
      const { columns, extra } = readCreate(entity, object);
      const hidden = (await api.hiddenColumns?.(object, 'create')) ?? {};
      const id = api.ownIds === true && typeof object['id'] === 'string' ? readOwnId(object['id']) : newId();
      const row: AnyRow = { ...columns, ...hidden, id, extra: JSON.stringify(extra) };
      await exchange.identity.store.write(async (db) => {
        await api.settleReferences?.(db, row);
        await insertEntity(db, entity, row);
      });
      return { status: 201, body: { [singular]: show(api, row, exchange) } };
    },

    async get(exchange) {
      const id = param(exchange, 'id');
      requireReader(exchange.caller, `get_${singular}`, api.everyoneReads === true || api.isOwn?.(exchange.caller, id));
      const row = await exchange.identity.store.read((db) => getEntity(db, entity, id));
      return { status: 200, body: { [singular]: show(api, row, exchange) } };
    },

    async update(exchange) {
      requireAdmin(exchange.caller, `update_${singular}`);
      const { store } = exchange.identity;
      const id = param(exchange, 'id');
      const object = read(api, exchange);
      const before = await store.read((db) => getEntity(db, entity, id));
      const hidden = (await api.hiddenColumns?.(object, 'update', before)) ?? {};
      const row = await store.write(async (db) => {
        const current = await getEntity(db, entity, id);
        const { columns, extra } = readUpdate(entity, object, current);
        const written = { ...columns, ...hidden, extra: JSON.stringify(extra) };
        await api.settleReferences?.(db, { ...current, ...written });
        const changed = await updateEntity(db, entity, { current, columns: written });
        await nextGeneration(db);
        return changed;
      });
      return { status: 200, body: { [singular]: show(api, row, exchange) } };
    },

    async remove(exchange) {
      requireAdmin(exchange.caller, `delete_${singular}`);
      const id = param(exchange, 'id');
      await exchange.identity.store.write(async (db) => {
        const row = await getEntity(db, entity, id);
        await api.beforeDelete?.(db, row);
        await deleteEntity(db, entity, id);
        await nextGeneration(db);
      });
      return noContent;
    },
  };
}

function read({ entity, translated }: EntityApi, { body }: Exchange): JsonObject {
  const object = requestedObject(entity, body);
  return translated?.(object) ?? object;
}

export function show({ entity, show: adapt }: EntityApi, row: AnyRow, exchange: Exchange): JsonObject {
  const shown = renderEntity(entity, row, exchange.base);
  return adapt === undefined ? shown : adapt(shown, exchange);
}

function readFilter({ fields, filters }: Entity, query: URLSearchParams): RowFilter {
  const wanted = filters.filter((name) => query.has(name));
  return Object.fromEntries(
    wanted.map((name) => [
      name,
      query.getAll(name).map((value) => (fields[name]?.kind === 'flag' ? readFlag(value) : value)),
    ]),
  );
}

/** Clients write True and False; like Keystone, a flag that is merely named counts as set. */
function readFlag(value: string): ColumnValue {
  return ['0', 'false', 'no', 'off'].includes(value.toLowerCase()) ? 0 : 1;
}

function readOwnId(id: string): string {
  if (id === '' || id.length > 255 || id.includes('\0')) throw badRequest("Invalid input for field 'id'");
  return id;
}

/** Removes everything that was assigned to, or on, the given users, groups, projects or domains. */
export async function removeAssignments(db: IdentityDb, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .deleteFrom('identity_assignments')
    .where((where) => where.or([where('actor_id', 'in', ids), where('target_id', 'in', ids)]))
    .execute();
}

export async function idsInDomain(
  db: IdentityDb,
  table: 'identity_users' | 'identity_groups' | 'identity_projects',
  domainId: string,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom(table satisfies keyof IdentityTables)
    .select('id')
    .where('domain_id', '=', domainId)
    .execute();
  return rows.map(({ id }) => id);
}
