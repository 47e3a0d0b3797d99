// The statements that all tables of entities share.

import type { Kysely } from 'kysely';
import { UniqueViolation } from '../store/store.ts';
import type { AnyRow, ColumnValue, Columns, Entity } from './entity.ts';
import { conflict, notFound } from './identity-error.ts';
import type { IdentityDb } from './tables.ts';

/** Values that a column may have, by the column's name. */
export type RowFilter = Readonly<Record<string, readonly ColumnValue[]>>;

/** Every table of entities has an id and columns of texts and numbers; which ones, its declaration says. */
function tables(db: IdentityDb): Kysely<Record<string, AnyRow>> {
  // Kysely is typed by the names of tables, and here the name is a value.
  return db as unknown as Kysely<Record<string, AnyRow>>;
}

export async function findEntity(db: IdentityDb, { table }: Entity, id: string): Promise<AnyRow | undefined> {
  const row = await tables(db).selectFrom(table).selectAll().where('id', '=', id).executeTakeFirst();
  // The columns id and extra, which every such table has, are lost among names that Kysely cannot know.
  return row as AnyRow | undefined;
}

/** The row of `id`; throws the 404 of its kind. */
export async function getEntity(db: IdentityDb, entity: Entity, id: string): Promise<AnyRow> {
  const row = await findEntity(db, entity, id);
  if (row === undefined) throw notFound(entity.singular, id);
  return row;
}

export async function listEntities(db: IdentityDb, { table }: Entity, filter: RowFilter): Promise<readonly AnyRow[]> {
  let query = tables(db).selectFrom(table).selectAll();
  for (const [name, values] of Object.entries(filter)) {
    if (values.length === 0) return [];
    query = values.includes(null)
      ? query.where((where) => where.or([where(name, 'is', null), where(name, 'in', values)]))
      : query.where(name, 'in', values);
  }
  const rows = await query.orderBy('id').execute();
  // As in findEntity.
  return rows as unknown as readonly AnyRow[];
}

/** Writes a new row; throws a 409 when another has its name. */
export async function insertEntity(db: IdentityDb, entity: Entity, row: AnyRow): Promise<void> {
  await refuseTaken(db, entity, row);
  await asConflict(entity, () => tables(db).insertInto(entity.table).values(row).execute());
}

export async function updateEntity(
  db: IdentityDb,
  entity: Entity,
  change: { readonly current: AnyRow; readonly columns: Columns },
): Promise<AnyRow> {
  const changed = { ...change.current, ...change.columns };
  await refuseTaken(db, entity, changed);
  await asConflict(entity, () =>
    tables(db).updateTable(entity.table).set(change.columns).where('id', '=', change.current.id).execute(),
  );
  return changed;
}

export async function deleteEntity(db: IdentityDb, { table }: Entity, id: string): Promise<void> {
  await tables(db).deleteFrom(table).where('id', '=', id).execute();
}

/** Names are unique where the entity lives: within its domain, if it has one. Services may share a name. */
async function refuseTaken(db: IdentityDb, entity: Entity, row: AnyRow): Promise<void> {
  const named = Object.hasOwn(entity.fields, 'name') && !Object.hasOwn(entity.fields, 'type');
  if (!named) return;
  const domainId = row['domain_id'];
  const sameName = tables(db)
    .selectFrom(entity.table)
    .select('id')
    .where('name', '=', row['name'] ?? '')
    .where('id', '!=', row.id);
  const rival = await (
    typeof domainId === 'string' ? sameName.where('domain_id', '=', domainId) : sameName
  ).executeTakeFirst();
  if (rival === undefined) return;
  const place = typeof domainId === 'string' ? ` at domain ID ${domainId}` : '';
  throw conflict(entity.singular, `Duplicate entry found with name ${String(row['name'])}${place}`);
}

/** Another server may have taken the name since it was looked for. */
async function asConflict(entity: Entity, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof UniqueViolation)) throw error;
    throw Object.assign(conflict(entity.singular, 'Duplicate entry'), { cause: error });
  }
}
