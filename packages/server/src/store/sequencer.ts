// Gives committed entries of the change log their revisions, on PostgreSQL. A transaction writes its entries without
// a number, since the order in which transactions take numbers is not the order in which they commit: a reader that has
// seen number 8 would never look back for a 7 that commits later. So numbers are given afterwards, densely, to what has
// been committed, by one server at a time, and readers see only numbered entries.

import { sql, type Kysely } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { Database } from './database.ts';

/** The channel of the hint that new numbers exist. Its loss costs a polling interval, nothing else. */
const channel = 'neutronium_change_log';

/** Between two hints of one server: NOTIFY takes a lock on the whole database at commit, so it must be rare. */
const hintIntervalMs = 20;

interface SequencerParts {
  readonly db: Kysely<Database>;
  readonly pool: Pool;
  readonly pollMs: number;
  /** Told when there may be entries with new numbers, whoever numbered them. */
  readonly onNumbered: () => void;
}

export class Sequencer {
  readonly #db: Kysely<Database>;
  readonly #pool: Pool;
  readonly #pollMs: number;
  readonly #onNumbered: () => void;
  #poll: NodeJS.Timeout | undefined;
  #hint: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #seen = 0;
  #listening: PoolClient | undefined;
  #connecting = false;

  constructor({ db, pool, pollMs, onNumbered }: SequencerParts) {
    this.#db = db;
    this.#pool = pool;
    this.#pollMs = pollMs;
    this.#onNumbered = onNumbered;
  }

  start(): void {
    this.#poll = setInterval(() => {
      this.wanted();
      if (this.#listening === undefined) void this.#listen();
    }, this.#pollMs);
    this.#poll.unref();
    void this.#listen();
  }

  /** Says that entries may wait for their numbers. Calls that come while one round runs share the next. */
  wanted(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#rounds();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#poll);
    clearTimeout(this.#hint);
    await this.#running;
    this.#listening?.release(true);
    this.#listening = undefined;
  }

  async #rounds(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      try {
        await this.#round();
      } catch {
        // The database is away; the next poll tries again, and requests tell their callers.
        break;
      }
    }
    this.#running = undefined;
  }

  /** Numbers what is committed by now, and gives the last number. */
  async settle(): Promise<number> {
    return await this.#round();
  }

  async #round(): Promise<number> {
    const { head, numbered } = await numberCommitted(this.#db);
    if (numbered > 0) this.#hintSoon();
    if (head > this.#seen) {
      this.#seen = head;
      this.#onNumbered();
    }
    return head;
  }

  #hintSoon(): void {
    this.#hint ??= setTimeout(() => {
      this.#hint = undefined;
      sql`select pg_notify(${channel}, '')`.execute(this.#db).catch(() => undefined);
    }, hintIntervalMs);
  }

  /** Keeps one connection that hears the hints of others. Without it, polling alone finds their entries. */
  async #listen(): Promise<void> {
    if (this.#connecting || this.#stopped) return;
    this.#connecting = true;
    const client = await this.#pool.connect().catch(() => undefined);
    client?.on('error', () => {
      if (this.#listening !== client) return;
      this.#listening = undefined;
      client.release(true);
    });
    const listening = await client?.query(`listen ${channel}`).then(
      () => true,
      () => false,
    );
    this.#connecting = false;
    if (client === undefined) return;
    if (this.#stopped || listening !== true) {
      client.release(true);
      return;
    }
    this.#listening = client;
    client.on('notification', () => this.wanted());
  }
}

/**
 * Numbers every entry that is committed by now, in the order in which they were written. The row of the head is the lock
 * by which servers take turns: whoever gets it sees all numbers given before.
 */
async function numberCommitted(db: Kysely<Database>): Promise<{ readonly head: number; readonly numbered: number }> {
  const waiting = await db
    .selectFrom('change_log')
    .select('entry')
    .where('revision', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (waiting === undefined) {
    const { revision } = await db.selectFrom('change_log_head').select('revision').executeTakeFirstOrThrow();
    return { head: revision, numbered: 0 };
  }
  return db.transaction().execute(async (transaction) => {
    const { revision: head } = await transaction
      .selectFrom('change_log_head')
      .select('revision')
      .forUpdate()
      .executeTakeFirstOrThrow();
    const { numAffectedRows = 0n } = await sql`
      update change_log set revision = ${head} + numbers.position
        from (select entry, row_number() over (order by entry) as position from change_log where revision is null) numbers
       where change_log.entry = numbers.entry`.execute(transaction);
    const numbered = Number(numAffectedRows);
    if (numbered > 0)
      await transaction
        .updateTable('change_log_head')
        .set({ revision: head + numbered })
        .execute();
    return { head: head + numbered, numbered };
  });
}
