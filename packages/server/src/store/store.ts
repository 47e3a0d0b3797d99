// What the rest of the server sees of the database: records of declared resources inside transactions, and the change
// log that every write leaves behind. SQL lives below this interface and nowhere else.

import type { Condition, Sort } from '@neutronium/model/read-query';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import type { Kysely } from 'kysely';
import type { RequestContext } from '../context.ts';
import type { LoggedChange } from './change-log.ts';
import type { Database } from './database.ts';

/** Which records to read. Conditions are AND-ed; the values within one are OR-ed. */
export interface RecordQuery {
  readonly where?: readonly Condition[];
  /**
   * Only what this project may see: its own records and those that an RBAC entry shares with it (and, for ports, those
   * on its networks). Absent for administrators.
   */
  readonly visibleTo?: string;
  /** For whom conditions on `shared` hold of what is shared with single projects; absent, only what everyone shares counts. */
  readonly seenBy?: string;
  readonly sort?: readonly Sort[];
  readonly limit?: number;
  /** Id of the record before the page (after it, with pageReverse). An unknown one throws RecordMissing. */
  readonly marker?: string;
  readonly pageReverse?: boolean;
}

/** A consistent reading of the database. */
export interface Reader {
  get<R extends AnyResource>(resource: R, id: string): Promise<Stored<R> | undefined>;
  /** In the order of `ids`; unknown ids are left out. One statement, whatever their number. */
  getMany<R extends AnyResource>(resource: R, ids: readonly string[]): Promise<readonly Stored<R>[]>;
  list<R extends AnyResource>(resource: R, query: RecordQuery): Promise<readonly Stored<R>[]>;
  count(resource: AnyResource, where: readonly Condition[]): Promise<number>;
  /** Typed queries for what is no declared record: allocations, quotas, bindings of agents to networks. */
  readonly db: Kysely<Database>;
}

/**
 * One transaction. Each write of a record appends its change, with before and after, to the change log; an update or
 * removal of an unknown id throws RecordMissing. What a unique constraint refuses is thrown as UniqueViolation, which
 * names the constraint and ends the transaction: catch it to say it in the API's words, not to go on. To try one
 * candidate after another, claim them (allocations.ts).
 */
export interface Writer extends Reader {
  /** As a reader's; and no other transaction changes the record before this one ends. */
  get<R extends AnyResource>(resource: R, id: string): Promise<Stored<R> | undefined>;
  /** All or nothing. Sets created_at, updated_at and revision_number. */
  insert<R extends AnyResource>(resource: R, records: readonly NewRecord<R>[]): Promise<readonly Stored<R>[]>;
  /**
   * Replaces the named attributes, bumps revision_number and updated_at when anything differs, and gives the record
   * as it now is. A difference of nothing writes nothing.
   */
  update<R extends AnyResource>(resource: R, id: string, changes: Partial<NewRecord<R>>): Promise<Stored<R>>;
  /** Logs a change of something that is no declared record (a binding of an agent to a network) with this transaction. */
  log(change: LoggedChange): void;
  /**
   * Waits until no other transaction holds the lock called `name`, and holds it to the end of this one. For what no
   * unique constraint can guard: counting against a quota, comparing the subnets of a network.
   */
  lock(name: string): Promise<void>;
  /** Bumps revision_number and updated_at though no attribute of the record's own changed (a network whose subnet came). */
  touch(resource: AnyResource, id: string): Promise<void>;
  remove(resource: AnyResource, id: string): Promise<void>;
}

/** A stored record without what the store itself sets. */
export type NewRecord<R extends AnyResource> = Omit<Stored<R>, 'created_at' | 'updated_at' | 'revision_number'>;

/** One entry of the change log. */
export interface ChangeEntry {
  /** Handed out in commit order without gaps that could fill later: a reader never has to look back. */
  readonly revision: number;
  readonly kind: string;
  readonly id: string;
  readonly project_id: string | null;
  readonly op: 'create' | 'update' | 'delete';
  /** User id of the caller; null for the server itself. */
  readonly actor: string | null;
  readonly request_id: string;
  readonly at: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface Store {
  /** A read transaction: sees one state throughout, waits for no writer. */
  read<T>(work: (reader: Reader) => Promise<T>): Promise<T>;
  /**
   * A write transaction for `context`. Runs `work` again from the start, a bounded number of times, when it lost a race
   * against another transaction (a serialization failure, a deadlock, a constraint that the other's commit made it
   * violate); so `work` must have no effect but on the writer. Resolves only after the commit is durable.
   */
  write<T>(context: RequestContext, work: (writer: Writer) => Promise<T>): Promise<T>;
  /**
   * As `read`, of everything as it was at `revision`: what has been written since, the reader does not see. Costs as much
   * as has changed since. Throws PastNotKnown where the log has been cut behind it.
   */
  readPast<T>(revision: number, work: (reader: Reader) => Promise<T>): Promise<T>;
  /** The last revision at `time` (RFC 3339, UTC, whole seconds). Throws PastNotKnown where the log does not go back so far. */
  revisionAt(time: string): Promise<number>;
  /** The last revision that readers may see. */
  revision(): Promise<number>;
  /** The same, once everything that is committed by now may be seen. */
  settledRevision(): Promise<number>;
  /** Entries after `revision`, oldest first, at most `limit`. */
  changesAfter(revision: number, limit: number): Promise<readonly ChangeEntry[]>;
  /** Entries about one object, the newest first. */
  changesOf(query: ObjectChanges): Promise<readonly ChangeEntry[]>;
  /** Calls back, on the next turn and debounced, when entries may have been added by this or another server. */
  onChanges(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface ObjectChanges {
  readonly kind: string;
  readonly id: string;
  /** Only older entries than this revision. */
  readonly before?: number;
  readonly limit: number;
}

/** A unique constraint refused a write. */
export class UniqueViolation extends Error {
  override readonly name = 'UniqueViolation';
  readonly constraint: string;
  constructor(constraint: string, options?: ErrorOptions) {
    super(`unique constraint ${constraint} refused a write`, options);
    this.constraint = constraint;
  }
}

/** What there was before the first change that is kept is not known. */
export class PastNotKnown extends Error {
  override readonly name = 'PastNotKnown';
  /** The first revision that is known. */
  readonly first: number;
  constructor(first: number) {
    super(`nothing is known of what there was before revision ${first}`);
    this.first = first;
  }
}

/** No record has the id that an update, a removal or a marker named. */
export class RecordMissing extends Error {
  override readonly name = 'RecordMissing';
  readonly kind: string;
  readonly id: string;
  constructor(kind: string, id: string) {
    super(`no ${kind} has the id ${id}`);
    this.kind = kind;
    this.id = id;
  }
}

/** The database cannot take the request now: disk full, locked too long, connection lost. Answered with 503. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}
