// Kysely over one better-sqlite3 connection. Statements are prepared once and kept: preparing costs more than running
// most of ours. The store (sqlite-store.ts) opens its transactions itself; those of the driver serve the migrations.

import Sqlite from 'better-sqlite3';
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
} from 'kysely';
import { sqliteFailure } from './failures.ts';

/** Statements kept per connection; beyond it the one unused for longest is dropped. */
const statementCacheSize = 500;

/** Text of one statement to the prepared statement. */
class StatementCache {
  readonly #database: Sqlite.Database;
  readonly #statements = new Map<string, Sqlite.Statement>();

  constructor(database: Sqlite.Database) {
    this.#database = database;
  }

  prepare(sql: string): Sqlite.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) {
      // A map keeps the order of insertion: what was just used goes to its end.
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > statementCacheSize) {
      const oldest = this.#statements.keys().next();
      if (!oldest.done) this.#statements.delete(oldest.value);
    }
    return statement;
  }
}

/** One connection. Its calls block the thread; those that change data are only made by the store's writer. */
export class SqliteConnection implements DatabaseConnection {
  readonly #database: Sqlite.Database;
  readonly #statements: StatementCache;
  #constraints: ReadonlyMap<string, string> | undefined;

  constructor(database: Sqlite.Database) {
    this.#database = database;
    this.#statements = new StatementCache(database);
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** Runs a statement that has neither parameters nor rows. */
  run(sql: string): void {
    try {
      this.#statements.prepare(sql).run();
    } catch (error) {
      throw this.#failure(error, sql);
    }
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const statement = this.#statements.prepare(sql);
      if (statement.reader) {
        // Kysely's builder knows what the rows are; the driver cannot.
        return { rows: statement.all(...parameters.map(bindable)) as Row[] };
      }
      const { changes, lastInsertRowid } = statement.run(...parameters.map(bindable));
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      throw this.#failure(error, sql);
    }
  }

  // oxlint-disable-next-line require-yield -- Kysely's interface asks for a generator; nothing here streams.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('this connection does not stream');
  }

  close(): void {
    this.#database.close();
  }

  #failure(error: unknown, sql: string): Error {
    return sqliteFailure(error, sql, (columns) => this.#constraintOf(columns));
  }

  /**
   * SQLite names the columns of a violated constraint, PostgreSQL its name: `table.a, table.b` becomes the name of the
   * unique index over them, and a primary key `<table>_pkey` as PostgreSQL calls it.
   */
  #constraintOf(columns: string): string {
    const indexName = /^index '(.+)'$/.exec(columns)?.[1];
    if (indexName !== undefined) return indexName;
    const name = this.#constraintNames().get(columns);
    if (name !== undefined) return name;
    // The schema may have grown since the names were read.
    this.#constraints = undefined;
    return this.#constraintNames().get(columns) ?? columns;
  }

  #constraintNames(): ReadonlyMap<string, string> {
    return (this.#constraints ??= readConstraintNames(this.#database));
  }
}

function readConstraintNames(database: Sqlite.Database): ReadonlyMap<string, string> {
  const rows = database
    .prepare<[], { table: string; name: string; origin: string; columns: string }>(
      `select m.name as "table", i.name as name, i.origin as origin,
              (select group_concat(m.name || '.' || c.name, ', ') from
                (select name from pragma_index_info(i.name) order by seqno) c) as columns
         from sqlite_master m, pragma_index_list(m.name) i
        where m.type = 'table' and i."unique" = 1`,
    )
    .all();
  const names = new Map(rows.map((row) => [row.columns, row.origin === 'pk' ? `${row.table}_pkey` : row.name]));
  const rowids = database
    .prepare<[], { columns: string; table: string }>(
      `select m.name as "table", m.name || '.' || c.name as columns
         from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.pk = 1`,
    )
    .all();
  // An INTEGER PRIMARY KEY is the row id and has no index of its own.
  for (const row of rowids) if (!names.has(row.columns)) names.set(row.columns, `${row.table}_pkey`);
  return names;
}

/** SQLite binds neither booleans nor undefined; everything else reaches it as it is. */
function bindable(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === undefined ? null : value;
}

/**
 * Opens `path` for writing, creating it when there is none: write-ahead log, every commit synced to the disk. `busyTimeoutMs` is how long a statement waits for another process that holds the write lock before the store is
 * called unavailable.
 */
export function openSqliteWriter(path: string, busyTimeoutMs: number): SqliteConnection {
  const database = openDatabase(path, { timeout: busyTimeoutMs });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  // Pages of 4 KiB: the log is copied into the database file, which is a sync more, each 16 MB instead of each 4.
  database.pragma('wal_autocheckpoint = 4000');
  // KiB. Random ids touch pages all over the indexes; the default of 2 MB does not hold those of a few thousand ports.
  database.pragma('cache_size = -16000');
  return new SqliteConnection(database);
}

/** Opens `path`, which must exist, for reading. */
export function openSqliteReader(path: string): SqliteConnection {
  return new SqliteConnection(openDatabase(path, { readonly: true, fileMustExist: true }));
}

function openDatabase(path: string, options: Sqlite.Options): Sqlite.Database {
  try {
    return new Sqlite(path, options);
  } catch (error) {
    throw new Error(`opening the database ${path}`, { cause: error });
  }
}

/** Every query runs on the one connection, inside whatever transaction its owner has opened on it. */
export class SqliteConnectionDialect implements Dialect {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  createDriver(): Driver {
    return new SingleConnectionDriver(this.#connection);
  }

  createQueryCompiler(): SqliteQueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new MigratingAdapter();
  }

  // Kysely's own signature is invariant in the database type, which an introspector never looks at.
  // oxlint-disable-next-line typescript/no-explicit-any
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** SQLite changes schemas within transactions, though Kysely's adapter says otherwise: a migration is all or nothing. */
class MigratingAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SingleConnectionDriver implements Driver {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async beginTransaction(): Promise<void> {
    this.#connection.run('begin immediate');
  }

  async commitTransaction(): Promise<void> {
    this.#connection.run('commit');
  }

  async rollbackTransaction(): Promise<void> {
    this.#connection.run('rollback');
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#connection.close();
  }
}
