// The change log as rows: what a transaction appends, and how entries are read back. One transaction leaves at most
// one entry for each object, from what it was before to what it is after.

import type { Insertable, Kysely, Selectable } from 'kysely';
import type { RequestContext } from '../context.ts';
import type { ChangeLogTable, Database } from './database.ts';
import type { ChangeEntry } from './store.ts';

type Snapshot = Readonly<Record<string, unknown>>;

/** One change of one object. */
export interface LoggedChange {
  readonly kind: string;
  readonly id: string;
  readonly before: Snapshot | null;
  readonly after: Snapshot | null;
}

/** Rows of one insert: ten columns each, far below the 32,766 parameters that SQLite takes. */
const rowsPerInsert = 500;

/** Collects the changes of one transaction and writes them at its end. */
export class ChangeLogBuffer {
  readonly #changes = new Map<string, LoggedChange>();

  add(change: LoggedChange): void {
    const key = `${change.kind}/${change.id}`;
    const earlier = this.#changes.get(key);
    if (earlier === undefined) {
      this.#changes.set(key, change);
    } else if (earlier.before === null && change.after === null) {
      this.#changes.delete(key);
    } else {
      this.#changes.set(key, { ...change, before: earlier.before });
    }
  }

  async flush(db: Kysely<Database>, context: RequestContext, at: string): Promise<void> {
    const rows = [...this.#changes.values()].map((change) => rowOf(change, context, at));
    this.#changes.clear();
    for (let from = 0; from < rows.length; from += rowsPerInsert) {
      await db
        .insertInto('change_log')
        .values(rows.slice(from, from + rowsPerInsert))
        .execute();
    }
  }
}

function rowOf(change: LoggedChange, context: RequestContext, at: string): Insertable<ChangeLogTable> {
  const { kind, id, before, after } = change;
  const project = (after ?? before)?.['project_id'];
  return {
    kind,
    object_id: id,
    project_id: typeof project === 'string' ? project : null,
    op: before === null ? 'create' : after === null ? 'delete' : 'update',
    actor: context.userId,
    request_id: context.requestId,
    at,
    before: before === null ? null : JSON.stringify(before),
    after: after === null ? null : JSON.stringify(after),
  };
}

/** A row that has its number, as the entry that readers see. */
export function entryOf(row: Selectable<ChangeLogTable>, revision: number): ChangeEntry {
  return {
    revision,
    kind: row.kind,
    id: row.object_id,
    project_id: row.project_id,
    op: row.op,
    actor: row.actor,
    request_id: row.request_id,
    at: row.at,
    before: parseSnapshot(row.before),
    after: parseSnapshot(row.after),
  };
}

function parseSnapshot(text: string | null): Snapshot | null {
  // Written by rowOf from an object of this type.
  return text === null ? null : (JSON.parse(text) as Snapshot);
}
