// Kysely over a pool of `pg` connections. Statements are prepared by name, so that the server plans each once per
// connection, and failures are translated where they arise, inside the transaction that they end.

import { createHash } from 'node:crypto';
import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { Pool, types, type PoolClient } from 'pg';
import { postgresFailure } from './failures.ts';

/** Statements with more parameters than this are of varying length (bulk inserts): a plan for each would pile up. */
const longestPreparedParameterList = 64;

/** A pool whose 64-bit integers arrive as numbers: ours are counters and identifiers far below 2^53. */
export function openPool(connectionString: string, maxConnections: number): Pool {
  const pool = new Pool({
    connectionString,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    types: {
      getTypeParser: (oid, format) =>
        oid === types.builtins.INT8 || oid === types.builtins.NUMERIC
          ? (text: string) => Number(text)
          : types.getTypeParser(oid, format),
    },
  });
  // An idle connection that breaks is dropped from the pool; the next statement opens another or fails by itself.
  pool.on('error', () => undefined);
  return pool;
}

export class PostgresPoolDialect implements Dialect {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  createDriver(): Driver {
    return new PoolDriver(this.#pool);
  }

  createQueryCompiler(): PostgresQueryCompiler {
    return new PostgresQueryCompiler();
  }

  createAdapter(): PostgresAdapter {
    return new PostgresAdapter();
  }

  // Kysely's own signature is invariant in the database type, which an introspector never looks at.
  // oxlint-disable-next-line typescript/no-explicit-any
  createIntrospector(db: Kysely<any>): DatabaseIntrospector {
    return new PostgresIntrospector(db);
  }
}

class PoolDriver implements Driver {
  readonly #pool: Pool;
  readonly #connections = new WeakMap<PoolClient, PostgresConnection>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<PostgresConnection> {
    let client: PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw postgresFailure(error, 'connect');
    }
    const known = this.#connections.get(client);
    if (known !== undefined) return known;
    const connection = new PostgresConnection(client);
    this.#connections.set(client, connection);
    return connection;
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const level = settings.isolationLevel === undefined ? '' : ` isolation level ${settings.isolationLevel}`;
    const mode = settings.accessMode === undefined ? '' : ` ${settings.accessMode}`;
    await own(connection).run(`start transaction${level}${mode}`);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    // A transaction that a failed statement has doomed answers COMMIT with ROLLBACK.
    if ((await own(connection).run('commit')) !== 'COMMIT') {
      throw new Error('a failed statement had ended the transaction before its commit');
    }
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await own(connection).run('rollback');
    } catch {
      // The connection is gone, and its transaction with it: the server rolls back by itself.
      own(connection).broken = true;
    }
  }

  async releaseConnection(connection: DatabaseConnection): Promise<void> {
    own(connection).release();
  }

  async destroy(): Promise<void> {
    await this.#pool.end();
  }
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: PoolClient;
  broken = false;

  constructor(client: PoolClient) {
    this.#client = client;
    client.on('error', () => {
      this.broken = true;
    });
  }

  /** Runs a statement without parameters; gives the command that the server says it completed. */
  async run(sql: string): Promise<string> {
    try {
      return (await this.#client.query(sql)).command;
    } catch (error) {
      throw postgresFailure(error, sql);
    }
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      const result = await this.#client.query({
        text: sql,
        values: parameters.map(bindable),
        ...(parameters.length <= longestPreparedParameterList ? { name: statementName(sql) } : {}),
      });
      // Kysely's builder knows what the rows are; the driver cannot.
      return { rows: result.rows as Row[], numAffectedRows: BigInt(result.rowCount ?? 0) };
    } catch (error) {
      throw postgresFailure(error, sql);
    }
  }

  // oxlint-disable-next-line require-yield -- Kysely's interface asks for a generator; nothing here streams.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('this connection does not stream');
  }

  release(): void {
    this.#client.release(this.broken);
  }
}

/** Every connection that Kysely hands back to the driver is one that the driver made. */
function own(connection: DatabaseConnection): PostgresConnection {
  if (connection instanceof PostgresConnection) return connection;
  throw new Error('a connection of another driver');
}

const statementNames = new Map<string, string>();

/** Equal on every connection for equal text; at most 63 bytes count (NAMEDATALEN). */
function statementName(sql: string): string {
  let name = statementNames.get(sql);
  if (name === undefined) {
    name = createHash('sha1').update(sql).digest('base64url');
    // Texts are few but for bulk statements, which are not prepared; a bound all the same.
    if (statementNames.size > 5_000) statementNames.clear();
    statementNames.set(sql, name);
  }
  return name;
}

/** Flags are integers on both databases. */
function bindable(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value;
}
