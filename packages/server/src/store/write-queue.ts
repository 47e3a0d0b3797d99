// The one writer of an SQLite database. Transactions wait here in the order of their arrival; those that wait together
// share one commit, since a commit costs a disk sync and the work in it does not. Each has a savepoint of its own, so
// that one which fails takes nothing of the others with it, and each learns its outcome only after the commit.

import { StoreUnavailable } from './store.ts';
import { unavailable } from './failures.ts';

/** What the queue needs of a connection. */
export interface TransactionConnection {
  /** False after the database has rolled a transaction back by itself, as SQLite does when the disk is full. */
  readonly inTransaction: boolean;
  run(sql: string): void;
}

interface Job {
  readonly work: () => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Bounds of one group: a caller that came first does not wait for an endless stream of others. */
const groupLimits = { jobs: 64, ms: 20 };

export class WriteQueue {
  readonly #connection: TransactionConnection;
  readonly #afterCommit: () => void;
  #waiting: Job[] = [];
  #closed = false;
  #running: Promise<void> | undefined;

  /** `afterCommit` is told of each commit, before its callers are. */
  constructor(connection: TransactionConnection, afterCommit: () => void) {
    this.#connection = connection;
    this.#afterCommit = afterCommit;
  }

  /** Runs `work` in a transaction; resolves with its value after the commit, rejects with its error after a rollback. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new StoreUnavailable('the store is closed'));
    return new Promise<T>((resolve, reject) => {
      // What `resolve` gets is what `work` gave: the queue carries it through without looking.
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      this.#running ??= this.#drain();
    });
  }

  /** Resolves when everything that waits is done; what comes after is refused. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Lets all requests that have arrived by now into the group.
      await nextTurn();
      await this.#group();
    }
    this.#running = undefined;
  }

  async #group(): Promise<void> {
    const outcomes: { readonly job: Job; readonly tell: () => void }[] = [];
    const failAll = (error: unknown): void => {
      for (const { job } of outcomes) job.reject(error);
    };
    try {
      this.#connection.run('begin immediate');
    } catch (error) {
      this.#waiting.shift()?.reject(error);
      return;
    }
    const end = performance.now() + groupLimits.ms;
    try {
      do {
        const job = this.#waiting.shift();
        if (job === undefined) break;
        outcomes.push({ job, tell: await this.#inSavepoint(job) });
      } while (this.#connection.inTransaction && outcomes.length < groupLimits.jobs && performance.now() < end);
      if (!this.#connection.inTransaction) throw new StoreUnavailable('the database ended the transaction by itself');
      this.#connection.run('commit');
    } catch (error) {
      this.#rollBack();
      failAll(error instanceof StoreUnavailable ? error : unavailable(error));
      return;
    }
    this.#afterCommit();
    for (const { tell } of outcomes) tell();
  }

  async #inSavepoint({ work, resolve, reject }: Job): Promise<() => void> {
    this.#connection.run('savepoint job');
    try {
      const value = await work();
      this.#connection.run('release job');
      return () => resolve(value);
    } catch (error) {
      if (this.#connection.inTransaction) {
        this.#connection.run('rollback to job');
        this.#connection.run('release job');
      }
      return () => reject(error);
    }
  }

  #rollBack(): void {
    if (!this.#connection.inTransaction) return;
    try {
      this.#connection.run('rollback');
    } catch {
      // The database has rolled back already, which is what was wanted.
    }
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
