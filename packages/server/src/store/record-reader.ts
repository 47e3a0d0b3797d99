// Reading records: rows by id or by query, with the rows of their child tables fetched for all of them at once.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Condition } from '@neutronium/model/read-query';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import { sql, type Kysely } from 'kysely';
import type { ChildTableCodec } from './child-tables.ts';
import type { Database } from './database.ts';
import { isOneOf, type DatabaseKind } from './dialect.ts';
import { conditionSql, onlySql, whereSql } from './conditions.ts';
import { afterMarkerSql, orderSql, reversed } from './paging.ts';
import { decodeRow, recordTable, selectFrom, selectOne, type AnyRecord, type RecordTable } from './record-table.ts';
import { RecordMissing, type Reader, type RecordQuery } from './store.ts';
import { visibleToSql } from './visibility.ts';

/** So many take a statement some milliseconds. */
const manyRecords = 1_000;

export class RecordReader implements Reader {
  readonly db: Kysely<Database>;
  protected readonly kind: DatabaseKind;

  constructor(db: Kysely<Database>, kind: DatabaseKind) {
    this.db = db;
    this.kind = kind;
  }

  async get<R extends AnyResource>(resource: R, id: string): Promise<Stored<R> | undefined> {
    return typed<R>(await this.fetchOne(recordTable(resource), id, false));
  }

  async getMany<R extends AnyResource>(resource: R, ids: readonly string[]): Promise<readonly Stored<R>[]> {
    if (ids.length === 0) return [];
    const table = recordTable(resource);
    const key = sql.ref(`${table.name}.${table.primaryKey}`);
    const rows = await sql<Record<string, unknown>>`${selectFrom(table)} where ${isOneOf(this.kind, key, ids)}`.execute(
      this.db,
    );
    const byId = new Map(
      (await this.#withChildren(table, rows.rows)).map((record) => [record[table.primaryKey], record]),
    );
    return ids.flatMap((id) => {
      const record = byId.get(id);
      return record === undefined ? [] : [typed<R>(record)];
    });
  }

  async list<R extends AnyResource>(resource: R, query: RecordQuery): Promise<readonly Stored<R>[]> {
    const table = recordTable(resource);
    const sort = query.pageReverse === true ? reversed(query.sort ?? []) : (query.sort ?? []);
    const conditions = (query.where ?? []).map((condition) =>
      conditionSql({ kind: this.kind, table, seenBy: query.seenBy }, condition),
    );
    if (query.visibleTo !== undefined) conditions.push(visibleToSql(table, query.visibleTo));
    if (query.marker !== undefined) {
      const marker = await this.fetchOne(table, query.marker, false);
      if (marker === undefined) throw new RecordMissing(resource.name, query.marker);
      conditions.push(afterMarkerSql(table, sort, marker));
    }
    const limit = query.limit === undefined ? sql`` : sql` limit ${query.limit}`;
    const statement = sql<
      Record<string, unknown>
    >`${selectFrom(table)}${whereSql(conditions)}${orderSql(table, sort)}${limit}`;
    const records = await this.#withChildren(table, (await statement.execute(this.db)).rows);
    if (query.pageReverse === true) records.reverse();
    return records.map((record) => typed<R>(record));
  }

  async count(resource: AnyResource, where: readonly Condition[]): Promise<number> {
    const table = recordTable(resource);
    const conditions = where.map((condition) => conditionSql({ kind: this.kind, table }, condition));
    const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table.name)}${whereSql(
      conditions,
    )}`.execute(this.db);
    return rows[0]?.count ?? 0;
  }

  /** The record of `id`; with `lock`, nobody else changes it before this transaction ends. */
  protected async fetchOne(
    table: RecordTable,
    id: string,
    lock: boolean,
  ): Promise<Record<string, unknown> | undefined> {
    const { rows } = await this.db.executeQuery(selectOne(this.kind, table, id, lock));
    return (await this.#withChildren(table, rows))[0];
  }

  async #withChildren(
    table: RecordTable,
    rows: readonly Record<string, unknown>[],
  ): Promise<Record<string, unknown>[]> {
    const records = rows.map((row) => decodeRow(table, row));
    if (records.length === 0) return records;
    const ids = records.map((record) => String(record[table.primaryKey]));
    for (const { attribute, codec } of table.children) {
      // SQLite answers on this thread: what else waits for it gets its turn between two statements.
      if (records.length > manyRecords) await nextTurn();
      const rows = await this.#loadRows(codec, ids);
      records.forEach((record, index) => {
        record[attribute] = codec.valueOf(rows.get(ids[index] ?? '') ?? []);
      });
    }
    return records;
  }

  /** The rows of each owner that has any. */
  async #loadRows(codec: ChildTableCodec, owners: readonly string[]): Promise<ReadonlyMap<string, AnyRecord[]>> {
    const columns = sql.join(codec.columns.map((name) => sql.ref(name)));
    const owner = sql.ref(codec.owner);
    const { rows } = await sql<AnyRecord>`select ${columns} from ${sql.table(codec.table)}${whereSql([
      isOneOf(this.kind, owner, owners),
      ...onlySql(codec),
    ])} order by ${owner}, ${sql.ref(codec.order)}`.execute(this.db);
    const byOwner = new Map<string, AnyRecord[]>();
    for (const row of rows) {
      const id = String(row[codec.owner]);
      const list = byOwner.get(id);
      if (list === undefined) byOwner.set(id, [row]);
      else list.push(row);
    }
    return byOwner;
  }
}

/** The declaration, from which both the table and the type follow, is what makes a decoded row a Stored record. */
export function typed<R extends AnyResource>(record: AnyRecord): Stored<R>;
export function typed<R extends AnyResource>(record: AnyRecord | undefined): Stored<R> | undefined;
export function typed<R extends AnyResource>(record: AnyRecord | undefined): Stored<R> | undefined {
  return record as Stored<R> | undefined;
}
