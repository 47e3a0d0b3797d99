// The store for many servers. Transactions run side by side at READ COMMITTED; unique constraints, row locks and named
// locks keep them apart where it matters, and one that loses a race runs again. Revisions are given after the commit
// (sequencer.ts).

import { setTimeout as delay } from 'node:timers/promises';
import { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { RequestContext } from '../context.ts';
import { entryOf } from './change-log.ts';
import type { Database } from './database.ts';
import { isLostRace } from './failures.ts';
import { Listeners } from './listeners.ts';
import { migrate } from './migrate.ts';
import { openPool, PostgresPoolDialect } from './postgres-dialect.ts';
import { RecordReader } from './record-reader.ts';
import { RecordWriter } from './record-writer.ts';
import { Sequencer } from './sequencer.ts';
import { firstKept } from './log-retention.ts';
import { lastRevisionAt, undoSince } from './past/undo.ts';
import {
  PastNotKnown,
  StoreUnavailable,
  UniqueViolation,
  type ChangeEntry,
  type ObjectChanges,
  type Reader,
  type Store,
  type Writer,
} from './store.ts';

/** Times that one write runs before its conflict is given to the caller. */
const maxAttempts = 8;

/** Pause before another attempt, on average, grown by each attempt: the winner needs time to commit. */
const retryPauseMs = 2;

export interface PostgresOptions {
  /** A libpq URL. */
  readonly url: string;
  readonly maxConnections?: number;
  readonly now?: () => Date;
  /** How often the log is looked at for what other servers wrote, when no hint of theirs arrives. */
  readonly pollMs?: number;
}

/** Connects to the database and brings it to the newest schema. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const { url, maxConnections = 16, now = () => new Date(), pollMs = 250 } = options;
  const pool = openPool(url, maxConnections);
  const db = new Kysely<Database>({ dialect: new PostgresPoolDialect(pool) });
  try {
    await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return new PostgresStore({ pool, db, now, pollMs });
}

async function headOf(db: Kysely<Database>): Promise<number> {
  const row = await db.selectFrom('change_log_head').select('revision').executeTakeFirstOrThrow();
  return row.revision;
}

class PostgresStore implements Store {
  readonly #db: Kysely<Database>;
  readonly #now: () => Date;
  readonly #listeners = new Listeners();
  readonly #sequencer: Sequencer;
  #closed = false;

  constructor(parts: {
    readonly pool: Pool;
    readonly db: Kysely<Database>;
    readonly now: () => Date;
    readonly pollMs: number;
  }) {
    this.#db = parts.db;
    this.#now = parts.now;
    this.#sequencer = new Sequencer({
      db: parts.db,
      pool: parts.pool,
      pollMs: parts.pollMs,
      onNumbered: () => this.#listeners.callSoon(),
    });
    this.#sequencer.start();
  }

  read<T>(work: (reader: Reader) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    return this.#db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute((transaction) => work(new RecordReader(transaction, 'postgres')));
  }

  async readPast<T>(revision: number, work: (reader: Reader) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    const transaction = await this.#db.startTransaction().setIsolationLevel('repeatable read').execute();
    try {
      await undoSince(transaction, revision, await headOf(transaction));
      return await work(new RecordReader(transaction, 'postgres'));
    } finally {
      // Nothing stays of what was made beside the tables.
      await transaction.rollback().execute();
    }
  }

  revisionAt(time: string): Promise<number> {
    return this.read(async ({ db }) => {
      const revision = await lastRevisionAt(db, time, await headOf(db));
      if (revision === undefined) throw new PastNotKnown(((await firstKept(db)) ?? 1) - 1);
      return revision;
    });
  }

  async write<T>(context: RequestContext, work: (writer: Writer) => Promise<T>): Promise<T> {
    this.#mustBeOpen();
    for (let attempt = 1; ; attempt += 1) {
      try {
        const value = await this.#attempt(context, work);
        this.#sequencer.wanted();
        return value;
      } catch (error) {
        const mayRunAgain = isLostRace(error) || error instanceof UniqueViolation;
        if (!mayRunAgain || attempt >= maxAttempts) throw error;
        await delay(Math.random() * 2 * attempt * retryPauseMs);
      }
    }
  }

  #attempt<T>(context: RequestContext, work: (writer: Writer) => Promise<T>): Promise<T> {
    return this.#db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (transaction) => {
        const writer = new RecordWriter({ db: transaction, kind: 'postgres', context, now: this.#now() });
        const value = await work(writer);
        await writer.finish();
        return value;
      });
  }

  async revision(): Promise<number> {
    this.#mustBeOpen();
    return headOf(this.#db);
  }

  settledRevision(): Promise<number> {
    this.#mustBeOpen();
    return this.#sequencer.settle();
  }

  async changesAfter(revision: number, limit: number): Promise<readonly ChangeEntry[]> {
    this.#mustBeOpen();
    const rows = await this.#db
      .selectFrom('change_log')
      .selectAll()
      .where('revision', '>', revision)
      .orderBy('revision')
      .limit(limit)
      .execute();
    return rows.flatMap((row) => (row.revision === null ? [] : [entryOf(row, row.revision)]));
  }

  async changesOf({ kind, id, before, limit }: ObjectChanges): Promise<readonly ChangeEntry[]> {
    this.#mustBeOpen();
    const ofObject = this.#db
      .selectFrom('change_log')
      .selectAll()
      .where('kind', '=', kind)
      .where('object_id', '=', id)
      .where('revision', 'is not', null);
    const older = before === undefined ? ofObject : ofObject.where('revision', '<', before);
    const rows = await older.orderBy('revision', 'desc').limit(limit).execute();
    return rows.flatMap((row) => (row.revision === null ? [] : [entryOf(row, row.revision)]));
  }

  onChanges(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.close();
    await this.#sequencer.stop();
    await this.#db.destroy();
  }

  #mustBeOpen(): void {
    if (this.#closed) throw new StoreUnavailable('the store is closed');
  }
}
