// The embedded store: one file, one writer, and readers that never wait for it. Revisions are the row ids of the change
// log, which one writer hands out in the order of its commits.

import { open } from 'node:fs/promises';
import { Kysely } from 'kysely';
import type { RequestContext } from '../context.ts';
import { entryOf } from './change-log.ts';
import type { Database } from './database.ts';
import { Listeners } from './listeners.ts';
import { migrate } from './migrate.ts';
import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';
import {
  openSqliteReader,
  openSqliteWriter,
  SqliteConnectionDialect,
  type SqliteConnection,
} from './sqlite-dialect.ts';
import { firstKept } from './log-retention.ts';
import { lastRevisionAt, undoSince } from './past/undo.ts';
import {
  PastNotKnown,
  StoreUnavailable,
  type ChangeEntry,
  type ObjectChanges,
  type Reader,
  type Store,
  type Writer,
} from './store.ts';
import { WriteQueue } from './write-queue.ts';

/** Reads that can be open at once; one more waits for one of them to end. */
const maxReaders = 8;

export interface SqliteOptions {
  readonly path: string;
  readonly now?: () => Date;
  /** How long a write waits for another process that holds the lock. The thread waits with it. */
  readonly busyTimeoutMs?: number;
}

/** Opens the database at `path`, creating it or bringing it to the newest schema first. */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { path, now = () => new Date(), busyTimeoutMs = 5_000 } = options;
  await createPrivately(path);
  const connection = openSqliteWriter(path, busyTimeoutMs);
  const db = new Kysely<Database>({ dialect: new SqliteConnectionDialect(connection) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return new SqliteStore({ path, connection, db, now });
}

/**
 * The database holds the digests of passwords and the key of tokens, so nobody else on the machine may read it. SQLite
 * gives its log the mode of the database.
 */
async function createPrivately(path: string): Promise<void> {
  try {
    const file = await open(path, 'a', 0o600);
    await file.close();
  } catch (error) {
    throw new Error(`creating the database ${path}`, { cause: error });
  }
}

/** The sequence remembers the last number even when the log has been emptied. */
async function headOf({ db }: Reader): Promise<number> {
  const row = await db.selectFrom('sqlite_sequence').select('seq').where('name', '=', 'change_log').executeTakeFirst();
  return row?.seq ?? 0;
}

interface OpenReader {
  readonly connection: SqliteConnection;
  readonly db: Kysely<Database>;
}

class SqliteStore implements Store {
  readonly #path: string;
  readonly #now: () => Date;
  readonly #db: Kysely<Database>;
  readonly #queue: WriteQueue;
  readonly #listeners = new Listeners();
  readonly #idle: OpenReader[] = [];
  readonly #waiting: ((reader: OpenReader) => void)[] = [];
  #opened = 0;
  #closed = false;

  constructor(parts: {
    readonly path: string;
    readonly connection: SqliteConnection;
    readonly db: Kysely<Database>;
    readonly now: () => Date;
  }) {
    this.#path = parts.path;
    this.#now = parts.now;
    this.#db = parts.db;
    this.#queue = new WriteQueue(parts.connection, () => this.#listeners.callSoon());
  }

  read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#read(work);
  }

  readPast<T>(revision: number, work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#read(async (reader) => {
      await undoSince(reader.db, revision, await headOf(reader));
      return work(reader);
    });
  }

  revisionAt(time: string): Promise<number> {
    return this.#read(async (reader) => {
      const revision = await lastRevisionAt(reader.db, time, await headOf(reader));
      if (revision === undefined) throw new PastNotKnown(((await firstKept(reader.db)) ?? 1) - 1);
      return revision;
    });
  }

  /** Nothing stays of what was made beside the tables. */
  async #read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    const reader = await this.#acquire();
    try {
      reader.connection.run('begin');
      try {
        return await work(new RecordReader(reader.db, 'sqlite'));
      } finally {
        reader.connection.run('rollback');
      }
    } finally {
      await this.#release(reader);
    }
  }

  write<T>(context: RequestContext, work: (writer: Writer) => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      const writer = new RecordWriter({ db: this.#db, kind: 'sqlite', context, now: this.#now() });
      const value = await work(writer);
      await writer.finish();
      return value;
    });
  }

  revision(): Promise<number> {
    return this.read(headOf);
  }

  /** The log is part of each commit. */
  settledRevision(): Promise<number> {
    return this.revision();
  }

  changesAfter(revision: number, limit: number): Promise<readonly ChangeEntry[]> {
    return this.read(async ({ db }) => {
      const rows = await db
        .selectFrom('change_log')
        .selectAll()
        .where('entry', '>', revision)
        .orderBy('entry')
        .limit(limit)
        .execute();
      return rows.map((row) => entryOf(row, row.entry));
    });
  }

  changesOf({ kind, id, before, limit }: ObjectChanges): Promise<readonly ChangeEntry[]> {
    return this.read(async ({ db }) => {
      const ofObject = db.selectFrom('change_log').selectAll().where('kind', '=', kind).where('object_id', '=', id);
      const older = before === undefined ? ofObject : ofObject.where('entry', '<', before);
      const rows = await older.orderBy('entry', 'desc').limit(limit).execute();
      return rows.map((row) => entryOf(row, row.entry));
    });
  }

  onChanges(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#queue.close();
    this.#closed = true;
    this.#listeners.close();
    for (const reader of this.#idle) reader.connection.close();
    await this.#db.destroy();
  }

  async #acquire(): Promise<OpenReader> {
    if (this.#closed) throw new StoreUnavailable('the store is closed');
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#opened >= maxReaders) {
      return new Promise((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#opened += 1;
    const connection = openSqliteReader(this.#path);
    return { connection, db: new Kysely<Database>({ dialect: new SqliteConnectionDialect(connection) }) };
  }

  async #release(reader: OpenReader): Promise<void> {
    const next = this.#waiting.shift();
    if (next !== undefined) next(reader);
    else if (this.#closed) reader.connection.close();
    else this.#idle.push(reader);
  }
}
