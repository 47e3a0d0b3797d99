import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from './store.ts';
import { WriteQueue, type TransactionConnection } from './write-queue.ts';

/** A database of one list, with the transactions of SQLite. */
class FakeDatabase implements TransactionConnection {
  committed: readonly string[] = [];
  commits = 0;
  /** What the disk says to the next commit. */
  commitFails = false;
  #working: string[] | undefined;
  #savepoint: readonly string[] = [];

  get inTransaction(): boolean {
    return this.#working !== undefined;
  }

  write(row: string): void {
    if (this.#working === undefined) throw new Error('no transaction');
    this.#working.push(row);
  }

  /** What SQLite does by itself when the disk is full. */
  rollBackByItself(): void {
    this.#working = undefined;
  }

  run(sql: string): void {
    switch (sql) {
      case 'begin immediate':
        this.#working = [...this.committed];
        return;
      case 'savepoint job':
        this.#savepoint = [...(this.#working ?? [])];
        return;
      case 'rollback to job':
        this.#working = [...this.#savepoint];
        return;
      case 'release job':
        return;
      case 'rollback':
        this.#working = undefined;
        return;
      case 'commit':
        if (this.commitFails) throw new Error('disk I/O error');
        this.committed = this.#working ?? this.committed;
        this.#working = undefined;
        this.commits += 1;
        return;
      default:
        throw new Error(`unexpected ${sql}`);
    }
  }
}

function setUp(): { database: FakeDatabase; queue: WriteQueue } {
  const database = new FakeDatabase();
  return { database, queue: new WriteQueue(database, () => undefined) };
}

describe('the write queue', () => {
  it('keeps exactly what succeeded, in the order of arrival, whoever fails between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 150 }), async (fates) => {
        const { database, queue } = setUp();
        const outcomes = await Promise.allSettled(
          fates.map((succeeds, index) =>
            queue.run(async () => {
              database.write(`row ${index}`);
              await Promise.resolve();
              if (!succeeds) throw new Error('no');
              return index;
            }),
          ),
        );
        expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(fates);
        expect(database.committed).toEqual(fates.flatMap((succeeds, index) => (succeeds ? [`row ${index}`] : [])));
      }),
    );
  });

  it('commits together what waits together', async () => {
    const { database, queue } = setUp();
    await Promise.all(Array.from({ length: 20 }, (_, index) => queue.run(async () => database.write(`${index}`))));
    expect(database.commits).toBe(1);
  });

  it('tells nobody of success before the commit', async () => {
    const { database, queue } = setUp();
    const seen: number[] = [];
    await Promise.all(
      Array.from({ length: 5 }, () =>
        queue.run(async () => database.write('x')).then(() => seen.push(database.committed.length)),
      ),
    );
    expect(seen).toEqual([5, 5, 5, 5, 5]);
  });

  it('calls the store unavailable for everyone whose commit failed, and goes on afterwards', async () => {
    const { database, queue } = setUp();
    database.commitFails = true;
    const outcomes = await Promise.allSettled([1, 2].map(() => queue.run(async () => database.write('lost'))));
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: expect.any(StoreUnavailable) },
      { status: 'rejected', reason: expect.any(StoreUnavailable) },
    ]);
    database.commitFails = false;
    await queue.run(async () => database.write('kept'));
    expect(database.committed).toEqual(['kept']);
  });

  it('calls the store unavailable for everyone in a transaction that the database has rolled back by itself', async () => {
    const { database, queue } = setUp();
    const first = queue.run(async () => database.write('lost'));
    const second = queue.run(async () => {
      database.rollBackByItself();
      throw new Error('database or disk is full');
    });
    const third = queue.run(async () => database.write('kept'));
    await expect(first).rejects.toThrow(StoreUnavailable);
    await expect(second).rejects.toThrow(StoreUnavailable);
    await third;
    expect(database.committed).toEqual(['kept']);
  });

  it('finishes what waits and refuses what comes after its end', async () => {
    const { database, queue } = setUp();
    const write = queue.run(async () => database.write('x'));
    await queue.close();
    await write;
    await expect(queue.run(async () => database.write('y'))).rejects.toThrow(StoreUnavailable);
    expect(database.committed).toEqual(['x']);
  });
});
