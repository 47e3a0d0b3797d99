// How the records of one resource lie in tables, taken from its declaration: a column for each scalar, JSON text for
// lists and objects that no query looks into, and child tables (child-tables.ts) for the lists that queries do look
// into. Statements are texts made once per shape, since building them costs more than running them.

import { childTablesOf, columnsOf, type Column } from '@neutronium/model/columns';
import type { AnyResource } from '@neutronium/model/resource';
import { CompiledQuery, sql, type RawBuilder } from 'kysely';
import { childTables, type ChildTableCodec } from './child-tables.ts';
import type { DatabaseKind } from './dialect.ts';

/** A record whose type the declaration knows and this file does not. */
export type AnyRecord = Readonly<Record<string, unknown>>;

/** Below what either database takes as parameters of one statement (SQLite 32,766, PostgreSQL 65,535). */
const maxParameters = 30_000;

export interface RecordTable {
  readonly resource: AnyResource;
  /** The table has the name of the resource's plural. */
  readonly name: string;
  readonly primaryKey: string;
  readonly columns: readonly Column[];
  /** Those of the columns whose values are not the record's as they are. */
  readonly encoded: readonly Column[];
  readonly children: readonly { readonly attribute: string; readonly codec: ChildTableCodec }[];
  has(column: string): boolean;
}

const tables = new WeakMap<AnyResource, RecordTable>();

export function recordTable(resource: AnyResource): RecordTable {
  let table = tables.get(resource);
  if (table === undefined) {
    table = makeTable(resource);
    tables.set(resource, table);
  }
  return table;
}

function makeTable(resource: AnyResource): RecordTable {
  const columns = columnsOf(resource);
  const names = new Set(columns.map((column) => column.name));
  const children = childTablesOf(resource).map(({ attribute, table }) => {
    const codec = childTables.get(table)?.(resource, attribute);
    if (codec === undefined)
      throw new Error(`${resource.name}.${attribute} is kept in ${table}, which the store lacks`);
    return { attribute, codec };
  });
  return {
    resource,
    name: resource.plural,
    primaryKey: resource.primaryKey,
    columns,
    encoded: columns.filter(({ type }) => type === 'boolean' || type === 'json'),
    children,
    has: (column) => names.has(column),
  };
}

/** A record's value as the column's: JSON as text, flags as 0 and 1. */
export function encode(column: Column, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  switch (column.type) {
    case 'text':
    case 'timestamp':
    case 'integer':
      return value;
    case 'boolean':
      return value === true ? 1 : 0;
    case 'json':
      return JSON.stringify(value);
  }
}

/** Most lists are empty; one that is shared costs nothing, and nobody can change it. */
const emptyList: readonly never[] = Object.freeze([]);

function decode(type: Column['type'], value: unknown): unknown {
  if (value === null) return null;
  switch (type) {
    case 'text':
    case 'timestamp':
    case 'integer':
      return value;
    case 'boolean':
      return value === 1;
    case 'json':
      if (value === '[]') return emptyList;
      return typeof value === 'string' ? JSON.parse(value) : value;
  }
}

/**
 * Makes a row that was just read the record that it holds; the attributes of child tables are still missing. The row
 * itself is changed: long lists are made of so many that a copy of each is felt.
 */
export function decodeRow(table: RecordTable, row: Record<string, unknown>): Record<string, unknown> {
  for (const { name, type } of table.encoded) row[name] = decode(type, row[name]);
  return row;
}

/** `select <all columns> from <table>`, to be continued. */
export function selectFrom(table: RecordTable): RawBuilder<Record<string, unknown>> {
  return sql<
    Record<string, unknown>
  >`select ${sql.join(table.columns.map(({ name }) => sql.ref(`${table.name}.${name}`)))} from ${sql.table(table.name)}`;
}

const selectTexts = new Map<string, string>();

/** Selects the row of one id; `lock` holds other writers of it until the transaction ends. */
export function selectOne(
  kind: DatabaseKind,
  table: RecordTable,
  id: string,
  lock: boolean,
): CompiledQuery<Record<string, unknown>> {
  const suffix = lock && kind === 'postgres' ? ' for no key update' : '';
  const key = `${kind}${table.name}${suffix}`;
  let text = selectTexts.get(key);
  if (text === undefined) {
    const names = table.columns.map(({ name }) => quote(name)).join(', ');
    const placeholder = kind === 'postgres' ? '$1' : '?';
    text = `select ${names} from ${quote(table.name)} where ${quote(table.primaryKey)} = ${placeholder}${suffix}`;
    selectTexts.set(key, text);
  }
  return CompiledQuery.raw(text, [id]);
}

/** Inserts `records` into the resource's own table, in as few statements as the databases allow. */
export function insertRows(
  kind: DatabaseKind,
  table: RecordTable,
  records: readonly AnyRecord[],
): readonly CompiledQuery[] {
  const rows = records.map((record) => table.columns.map((column) => encode(column, record[column.name])));
  return insertStatements(kind, { table: table.name, columns: table.columns.map(({ name }) => name), rows });
}

/** Inserts rows of values in the order of `columns`; `suffix` ends the statement (ON CONFLICT …). */
export function insertStatements(
  kind: DatabaseKind,
  {
    table,
    columns,
    rows,
    suffix = '',
  }: {
    readonly table: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
    readonly suffix?: string;
  },
): readonly CompiledQuery[] {
  const statements: CompiledQuery[] = [];
  const perStatement = Math.floor(maxParameters / columns.length);
  for (let from = 0; from < rows.length; from += perStatement) {
    const chunk = rows.slice(from, from + perStatement);
    statements.push(CompiledQuery.raw(insertText(kind, table, columns, chunk.length) + suffix, chunk.flat()));
  }
  return statements;
}

const insertTexts = new Map<string, string>();

function insertText(kind: DatabaseKind, table: string, columns: readonly string[], count: number): string {
  const key = `${kind}/${table}/${count}/${columns.join()}`;
  const known = insertTexts.get(key);
  if (known !== undefined) return known;
  let parameter = 0;
  const placeholder = (): string => (kind === 'postgres' ? `$${++parameter}` : '?');
  const tuples = Array.from({ length: count }, () => `(${columns.map(placeholder).join(', ')})`);
  const text = `insert into ${quote(table)} (${columns.map(quote).join(', ')}) values ${tuples.join(', ')}`;
  // Bulk inserts of every size would fill the memory with texts that are hardly used again.
  if (count <= 4) insertTexts.set(key, text);
  return text;
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
