// How much of the change log is kept. The oldest entries go, so that what is left has no gap: a reader that finds the
// first entry after its revision missing knows that the log has been cut.

import { sql, type Kysely } from 'kysely';
import { serverContext } from '../context.ts';
import type { Database } from './database.ts';
import { databaseKind } from './dialect.ts';
import type { Store } from './store.ts';

export interface LogRetention {
  /** Entries from before it go (RFC 3339, UTC, whole seconds); null keeps them whatever their age. */
  readonly oldest: string | null;
  /** Older entries than the last so many go; null keeps any number. */
  readonly atMost: number | null;
  /** The last so many stay in any case: other servers and hosts may still have to read them. */
  readonly atLeast: number;
}

/** Entries that go in one transaction: requests that write wait for no more than these. */
const entriesPerCut = 1_000;

/** Cuts the log; gives back how many entries have gone. */
export async function cutLog(store: Store, requestId: string, retention: LogRetention): Promise<number> {
  const head = await store.revision();
  const [first, last] = await store.read(
    async ({ db }) => [await firstKept(db), await lastToGo(db, head, retention)] as const,
  );
  let gone = 0;
  if (first === null || first > last) return gone;
  for (;;) {
    const cut = await store.write(serverContext(requestId), ({ db }) => removeOldest(db, last));
    gone += cut;
    if (cut < entriesPerCut) return gone;
  }
}

/** The revision of the first entry that is kept; null of an empty log. */
export async function firstKept(db: Kysely<Database>): Promise<number | null> {
  const { rows } = await sql<{
    first: number | null;
  }>`select min(${revisionColumn(db)}) as first from change_log`.execute(db);
  return rows[0]?.first ?? null;
}

async function lastToGo(
  db: Kysely<Database>,
  head: number,
  { oldest, atMost, atLeast }: LogRetention,
): Promise<number> {
  const tooMany = atMost === null ? 0 : head - atMost;
  const tooOld = oldest === null ? 0 : ((await firstSince(db, oldest)) ?? head + 1) - 1;
  return Math.min(Math.max(tooMany, tooOld), head - atLeast);
}

/** The revision of the first entry that is not older; null where all are. Looks at no more than are older. */
async function firstSince(db: Kysely<Database>, oldest: string): Promise<number | null> {
  const revision = revisionColumn(db);
  const { rows } = await sql<{ first: number }>`select ${revision} as first from change_log
    where ${revision} is not null and at >= ${oldest} order by ${revision} limit 1`.execute(db);
  return rows[0]?.first ?? null;
}

async function removeOldest(db: Kysely<Database>, last: number): Promise<number> {
  const revision = revisionColumn(db);
  const { numAffectedRows = 0n } = await sql`delete from change_log where ${revision} in (
    select ${revision} from change_log where ${revision} <= ${last} order by ${revision} limit ${entriesPerCut})`.execute(
    db,
  );
  return Number(numAffectedRows);
}

/** On SQLite, whose writers take turns, the entry's own number is its revision. */
export function revisionColumn(db: Kysely<Database>) {
  return sql.ref(databaseKind(db) === 'sqlite' ? 'entry' : 'revision');
}
