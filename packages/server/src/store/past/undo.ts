// The database as it was at a revision, for the rest of a transaction that is rolled back afterwards. What has changed
// since is put beside the tables in temporary ones, and views of the tables' own names show the two as one: both databases
// look for a name among what is temporary first. So whoever reads asks what it always asks.
//
// The cost is that of the changes since, whatever the size of the database.

import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Database } from '../database.ts';
import { databaseKind, type DatabaseKind } from '../dialect.ts';
import { firstKept, revisionColumn } from '../log-retention.ts';
import { insertStatements, quote, type AnyRecord } from '../record-table.ts';
import { PastNotKnown } from '../store.ts';
import { keptRows, type Row } from './kept-rows.ts';

/** An object that has changed since, as it was. */
interface Undone {
  readonly kind: string;
  readonly object_id: string;
  readonly before: string | null;
}

/** A table, and the rows that objects of some kinds had there. */
interface PastTable {
  readonly owner: readonly string[];
  readonly kinds: Set<string>;
  readonly rows: Row[];
}

/** `head` is the last revision that this transaction sees. Throws PastNotKnown where the log has been cut behind it. */
export async function undoSince(db: Kysely<Database>, revision: number, head: number): Promise<void> {
  const first = (await firstKept(db)) ?? head + 1;
  if (first > revision + 1) throw new PastNotKnown(first - 1);
  const undone = await firstChangesAfter(db, revision);
  const tables = pastTables(undone);
  if (tables.size === 0) return;
  const kind = databaseKind(db);
  const schema = await schemaOf(db);
  const names = [...tables.keys()];
  await define(db, [
    sql`create temporary table undone (kind text not null, id text not null, primary key (id, kind))`,
    ...names.map((name) => pastTable(schema, name)),
  ]);
  await insert(db, kind, { table: 'undone', rows: undone.map(({ kind: of, object_id: id }) => ({ kind: of, id })) });
  for (const [name, { rows }] of tables) await insert(db, kind, { table: pastName(name), rows });
  await define(
    db,
    [...tables].map(([name, table]) => pastView(schema, name, table)),
  );
}

/** What each object that has changed since was before the first of those changes. */
async function firstChangesAfter(db: Kysely<Database>, revision: number): Promise<readonly Undone[]> {
  const { rows } = await (
    databaseKind(db) === 'sqlite'
      ? sql<Undone>`select kind, object_id, before from change_log where entry in
        (select min(entry) from change_log where entry > ${revision} group by kind, object_id)`
      : // What has no number yet will have one after those that there are.
        sql<Undone>`select distinct on (kind, object_id) kind, object_id, before from change_log
        where revision > ${revision} or revision is null
        order by kind, object_id, revision nulls last, entry`
  ).execute(db);
  return rows;
}

function pastTables(undone: readonly Undone[]): ReadonlyMap<string, PastTable> {
  const tables = new Map<string, PastTable>();
  for (const { kind, object_id, before } of undone) {
    for (const { table, owner, rowsOf } of keptRows(kind)) {
      let past = tables.get(table);
      if (past === undefined) tables.set(table, (past = { owner, kinds: new Set(), rows: [] }));
      past.kinds.add(kind);
      // The log holds objects: the store wrote them.
      if (before !== null) past.rows.push(...rowsOf(JSON.parse(before) as AnyRecord, object_id));
    }
  }
  return tables;
}

const pastName = (table: string): string => `past_${table}`;

function pastTable(schema: string, name: string): RawBuilder<unknown> {
  return sql`create temporary table ${sql.table(pastName(name))} as select * from ${present(schema, name)} where 1 = 0`;
}

/** A view takes no parameters. */
function pastView(schema: string, name: string, { owner, kinds }: PastTable): RawBuilder<unknown> {
  const id = owner.map((column): RawBuilder<unknown> => sql`present.${sql.ref(column)}`);
  const ofKind = [...kinds].map((each): RawBuilder<unknown> => sql`${sql.lit(each)}`);
  return sql`create temporary view ${sql.table(name)} as
    select * from ${present(schema, name)} as present where not exists
      (select 1 from undone where undone.id = ${sql.join(id, sql` || '/' || `)} and undone.kind in (${sql.join(ofKind)}))
    union all select * from ${sql.table(pastName(name))}`;
}

function present(schema: string, name: string): RawBuilder<unknown> {
  return sql.raw(`${schema}.${quote(name)}`);
}

/** One by one: the texts are few, so that the server prepares each once. */
async function define(db: Kysely<Database>, statements: readonly RawBuilder<unknown>[]): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}

async function schemaOf(db: Kysely<Database>): Promise<string> {
  if (databaseKind(db) === 'sqlite') return 'main';
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db);
  return quote(rows[0]?.name ?? 'public');
}

/** Rows of one table have the same columns, whichever object they are of. */
async function insert(
  db: Kysely<Database>,
  kind: DatabaseKind,
  { table, rows }: { readonly table: string; readonly rows: readonly Row[] },
): Promise<void> {
  for (const [names, alike] of Map.groupBy(rows, (row) => Object.keys(row).join('\n'))) {
    const columns = names.split('\n');
    const values = alike.map((row) => columns.map((column) => row[column]));
    for (const statement of insertStatements(kind, { table, columns, rows: values })) await db.executeQuery(statement);
  }
}

/**
 * The last revision at `time` (RFC 3339, UTC, whole seconds), or undefined where the log does not go back so far: as
 * many looks at the log as its length has binary digits.
 */
export async function lastRevisionAt(db: Kysely<Database>, time: string, head: number): Promise<number | undefined> {
  const first = await firstKept(db);
  if (first === null) return undefined;
  let [known, later] = [first - 1, head + 1];
  while (later - known > 1) {
    const middle = Math.floor((known + later) / 2);
    if ((await timeOf(db, middle)) <= time) known = middle;
    else later = middle;
  }
  // Before the first entry of all there was nothing.
  return known >= first || first === 1 ? known : undefined;
}

async function timeOf(db: Kysely<Database>, revision: number): Promise<string> {
  const column = revisionColumn(db);
  const { rows } = await sql<{
    at: string;
  }>`select at from change_log where ${column} >= ${revision} order by ${column} limit 1`.execute(db);
  return rows[0]?.at ?? '';
}
