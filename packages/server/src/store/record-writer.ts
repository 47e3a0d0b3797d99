// Writing records within one transaction. Each change of a record is kept for the change log with what was before and
// what is after, and written with the others at the end.

import { isDeepStrictEqual } from 'node:util';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import { sql, type CompiledQuery, type Kysely, type RawBuilder } from 'kysely';
import type { RequestContext } from '../context.ts';
import { ChangeLogBuffer, type LoggedChange } from './change-log.ts';
import type { ChildTableCodec } from './child-tables.ts';
import type { Database } from './database.ts';
import type { DatabaseKind } from './dialect.ts';
import { whereSql } from './conditions.ts';
import { RecordReader, typed } from './record-reader.ts';
import {
  encode,
  insertRows,
  insertStatements,
  quote,
  recordTable,
  type AnyRecord,
  type RecordTable,
} from './record-table.ts';
import { RecordMissing, UniqueViolation, type NewRecord, type Writer } from './store.ts';

interface WriterParts {
  readonly db: Kysely<Database>;
  readonly kind: DatabaseKind;
  readonly context: RequestContext;
  /** The time that every record of this transaction carries. */
  readonly now: Date;
}

export class RecordWriter extends RecordReader implements Writer {
  readonly #context: RequestContext;
  readonly #at: string;
  readonly #log = new ChangeLogBuffer();
  #finished = false;

  constructor({ db, kind, context, now }: WriterParts) {
    super(db, kind);
    this.#context = context;
    this.#at = now.toISOString().replace(/\.\d+Z$/, 'Z');
  }

  /** Holds the record too: what is decided on it is still true when it is written. */
  override async get<R extends AnyResource>(resource: R, id: string): Promise<Stored<R> | undefined> {
    return typed<R>(await this.fetchOne(recordTable(resource), id, true));
  }

  async insert<R extends AnyResource>(resource: R, records: readonly NewRecord<R>[]): Promise<readonly Stored<R>[]> {
    this.#mustBeOpen();
    if (records.length === 0) return [];
    const table = recordTable(resource);
    const stored = records.map((record) => this.#withStandardAttributes(table, record));
    await this.#executeAll(insertRows(this.kind, table, stored));
    for (const { attribute, codec } of table.children) await this.#insertMembers(codec, attribute, stored);
    for (const record of stored)
      this.log({ kind: resource.name, id: idOf(table, record), before: null, after: record });
    return stored.map((record) => typed<R>(record));
  }

  async update<R extends AnyResource>(resource: R, id: string, changes: Partial<NewRecord<R>>): Promise<Stored<R>> {
    this.#mustBeOpen();
    const table = recordTable(resource);
    const before = await this.#mustFind(table, id);
    const different = Object.entries(changes).filter(
      ([name, value]) => value !== undefined && !isDeepStrictEqual(value, before[name]),
    );
    if (different.length === 0) return typed<R>(before);
    const after = this.#bumped(table, { ...before, ...Object.fromEntries(different) });
    await this.#writeRow(table, before, after);
    for (const { attribute, codec } of table.children) {
      if (after[attribute] !== before[attribute]) await this.#replaceMembers(codec, attribute, { id, before, after });
    }
    this.log({ kind: resource.name, id, before, after });
    return typed<R>(after);
  }

  async touch(resource: AnyResource, id: string): Promise<void> {
    this.#mustBeOpen();
    const table = recordTable(resource);
    const before = await this.#mustFind(table, id);
    const after = this.#bumped(table, before);
    await this.#writeRow(table, before, after);
    this.log({ kind: resource.name, id, before, after });
  }

  async remove(resource: AnyResource, id: string): Promise<void> {
    this.#mustBeOpen();
    const table = recordTable(resource);
    const before = await this.#mustFind(table, id);
    for (const { codec } of table.children)
      await this.#deleteMembers(codec, [sql<boolean>`${sql.ref(codec.owner)} = ${id}`]);
    await sql`delete from ${sql.table(table.name)} where ${sql.ref(table.primaryKey)} = ${id}`.execute(this.db);
    this.log({ kind: resource.name, id, before, after: null });
  }

  log(change: LoggedChange): void {
    this.#mustBeOpen();
    this.#log.add(change);
  }

  async lock(name: string): Promise<void> {
    this.#mustBeOpen();
    // SQLite has one writer at a time, so the transaction itself is the lock.
    if (this.kind === 'postgres') {
      await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(this.db);
    }
  }

  /** Writes the change log; nothing can be written through this writer afterwards. */
  async finish(): Promise<void> {
    await this.#log.flush(this.db, this.#context, this.#at);
    this.#finished = true;
  }

  /** A promise that nobody waited for must not write into the transaction of someone else. */
  #mustBeOpen(): void {
    if (this.#finished) throw new Error('a write came after the end of its transaction');
  }

  #withStandardAttributes(table: RecordTable, record: object): Record<string, unknown> {
    const standard = { created_at: this.#at, updated_at: this.#at, revision_number: 1 };
    const complete: Record<string, unknown> = { ...record };
    for (const [name, value] of Object.entries(standard)) if (table.has(name)) complete[name] = value;
    return complete;
  }

  #bumped(table: RecordTable, record: AnyRecord): Record<string, unknown> {
    return {
      ...record,
      ...(table.has('updated_at') ? { updated_at: this.#at } : {}),
      ...(table.has('revision_number') ? { revision_number: Number(record['revision_number']) + 1 } : {}),
    };
  }

  async #mustFind(table: RecordTable, id: string): Promise<Record<string, unknown>> {
    const record = await this.fetchOne(table, id, true);
    if (record === undefined) throw new RecordMissing(table.resource.name, id);
    return record;
  }

  async #writeRow(table: RecordTable, before: AnyRecord, after: AnyRecord): Promise<void> {
    const changed = table.columns.filter(({ name }) => after[name] !== before[name]);
    if (changed.length === 0) return;
    const assignments = changed.map((column) => sql`${sql.ref(column.name)} = ${encode(column, after[column.name])}`);
    await sql`update ${sql.table(table.name)} set ${sql.join(assignments)} where ${sql.ref(table.primaryKey)} = ${idOf(
      table,
      before,
    )}`.execute(this.db);
  }

  async #insertMembers(codec: ChildTableCodec, attribute: string, owners: readonly AnyRecord[]): Promise<void> {
    const rows = owners.flatMap((owner) => codec.rowsOf(owner, owner[attribute]));
    if (rows.length === 0) return;
    const { table, columns, constraint } = codec;
    // A row that its owner has already is only put in order; another owner's stays.
    const suffix =
      ` on conflict (${constraint.columns.map(quote).join(', ')}) do update set ${quote(codec.order)} = excluded.${quote(codec.order)}` +
      ` where ${quote(table)}.${quote(codec.owner)} = excluded.${quote(codec.owner)}`;
    const written = await this.#executeAll(insertStatements(this.kind, { table, columns, rows, suffix }));
    if (written < rows.length) throw new UniqueViolation(constraint.name);
    if (codec.kind === undefined) return;
    for (const values of rows) {
      const after = Object.fromEntries(columns.map((name, index) => [name, values[index]]));
      this.log({ kind: codec.kind, id: String(after['id']), before: null, after });
    }
  }

  async #replaceMembers(
    codec: ChildTableCodec,
    attribute: string,
    { id, before, after }: { readonly id: string; readonly before: AnyRecord; readonly after: AnyRecord },
  ): Promise<void> {
    // Its place in the list is no part of a row's identity, unless the place is what the row says (a tag among tags in
    // their order): the insert below puts the rows in order.
    const isPlace = (column: string | undefined): boolean =>
      column === codec.order && !codec.constraint.columns.includes(codec.order);
    const identity = (row: readonly unknown[]): string =>
      JSON.stringify(row.filter((_, index) => !isPlace(codec.columns[index])));
    const wanted = new Set(codec.rowsOf(after, after[attribute]).map(identity));
    const unwanted = codec.rowsOf(before, before[attribute]).filter((row) => !wanted.has(identity(row)));
    for (const row of unwanted) {
      const same = codec.constraint.columns.map(
        (column) => sql<boolean>`${sql.ref(column)} = ${row[codec.columns.indexOf(column)]}`,
      );
      const own = sql<boolean>`${sql.ref(codec.owner)} = ${id}`;
      await this.#deleteMembers(codec, [own, ...same]);
    }
    await this.#insertMembers(codec, attribute, [after]);
  }

  async #deleteMembers(codec: ChildTableCodec, which: readonly RawBuilder<boolean>[]): Promise<void> {
    const { kind, table, columns } = codec;
    const deletion = sql<AnyRecord>`delete from ${sql.table(table)}${whereSql(which)}`;
    if (kind === undefined) {
      await deletion.execute(this.db);
      return;
    }
    const names = sql.join(columns.map((name) => sql.ref(name)));
    const { rows } = await sql<AnyRecord>`${deletion} returning ${names}`.execute(this.db);
    for (const before of rows) this.log({ kind, id: String(before['id']), before, after: null });
  }

  /** The number of rows that the statements wrote. */
  async #executeAll(statements: readonly CompiledQuery[]): Promise<number> {
    let written = 0;
    for (const statement of statements) {
      const { numAffectedRows = 0n } = await this.db.executeQuery(statement);
      written += Number(numAffectedRows);
    }
    return written;
  }
}

function idOf(table: RecordTable, record: AnyRecord): string {
  return String(record[table.primaryKey]);
}
