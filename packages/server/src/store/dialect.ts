// The few places where the SQL of the two databases differs, each as a fragment for Kysely's `sql` template.

import { PostgresAdapter, sql, type Kysely, type RawBuilder } from 'kysely';

export type DatabaseKind = 'sqlite' | 'postgres';

/** Which database is below `db`. */
// Nothing about the tables matters here, and Kysely is invariant in them.
// oxlint-disable-next-line typescript/no-explicit-any
export function databaseKind(db: Kysely<any>): DatabaseKind {
  return db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite';
}

/**
 * `column in (values)` for texts, as one parameter: the statement's text, and with it its plan, does not depend on how
 * many there are.
 */
export function isOneOf(
  kind: DatabaseKind,
  column: RawBuilder<unknown>,
  values: readonly string[],
): RawBuilder<boolean> {
  switch (kind) {
    case 'sqlite':
      return sql`${column} in (select value from json_each(${JSON.stringify(values)}))`;
    case 'postgres':
      return sql`${column} = any(${values}::text[])`;
  }
}

/** `column` holds `part` somewhere. Spares the pattern language of LIKE, whose case rules differ. */
export function contains(kind: DatabaseKind, column: RawBuilder<unknown>, part: string): RawBuilder<boolean> {
  switch (kind) {
    case 'sqlite':
      return sql`instr(${column}, ${part}) > 0`;
    case 'postgres':
      return sql`strpos(${column}, ${part}) > 0`;
  }
}

/** Triples of texts as a table with the columns a, b and c, as one parameter. */
export function jsonRows(kind: DatabaseKind, rows: readonly (readonly string[])[]): RawBuilder<unknown> {
  const json = JSON.stringify(rows);
  switch (kind) {
    case 'sqlite':
      return sql`(select value ->> 0 as a, value ->> 1 as b, value ->> 2 as c from json_each(${json}))`;
    case 'postgres':
      return sql`(select item ->> 0 as a, item ->> 1 as b, item ->> 2 as c from jsonb_array_elements(${json}::jsonb) as item)`;
  }
}
