// What a database driver threw, in the words that the rest of the server knows: UniqueViolation with the same name of
// the constraint on both databases, and StoreUnavailable for what a later try may cure.

import { StoreUnavailable, UniqueViolation } from './store.ts';

/**
 * SQLite result codes (sqlite.org/rescode.html) after which the request may be sent again later: the disk is full or
 * unreadable, or another process has held the lock for longer than the busy timeout.
 */
const sqliteUnavailable = /^SQLITE_(FULL|BUSY|LOCKED|IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL)/;

/**
 * SQLSTATE classes (PostgreSQL documentation, appendix A): 08 connection, 53 resources (53100 disk full, 53300 too many
 * connections), 55P03 lock timeout, 57P operator's intervention, 58 system error; 25006 is a standby that cannot write.
 */
const postgresUnavailable = /^(08|53|57P|58|55P03|25006)/;

/** Errors of the socket below `pg`, which have no SQLSTATE. */
const socketLost = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT|ENOTFOUND|EAI_AGAIN)/;

/**
 * The transaction lost against another one and may run again from its start: SQLSTATE 40001 (serialization), 40P01
 * (deadlock), and 23503, where the other one removed what a row refers to, or added what refers to a removed row.
 */
export function isLostRace(error: unknown): boolean {
  return error instanceof DatabaseFailure && ['40001', '40P01', '23503'].includes(error.code ?? '');
}

/** A statement that failed for a reason which is neither the caller's nor passing: our own mistake, or a broken file. */
export class DatabaseFailure extends Error {
  override readonly name = 'DatabaseFailure';
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined, options: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** `constraintOf` gives the name of the unique constraint over these `table.column, …`, in SQLite's own spelling. */
export function sqliteFailure(error: unknown, sql: string, constraintOf: (columns: string) => string): Error {
  const code = codeOf(error) ?? '';
  const message = messageOf(error);
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') {
    return new UniqueViolation(constraintOf(message.replace('UNIQUE constraint failed: ', '')), { cause: error });
  }
  if (sqliteUnavailable.test(code)) return unavailable(error);
  return new DatabaseFailure(`${message} in: ${sql}`, code, { cause: error });
}

export function postgresFailure(error: unknown, sql: string): Error {
  const code = codeOf(error) ?? '';
  const message = messageOf(error);
  if (code === '23505') {
    return new UniqueViolation(stringProperty(error, 'constraint') ?? message, { cause: error });
  }
  if (postgresUnavailable.test(code) || socketLost.test(code) || (code === '' && /connect|terminat/i.test(message))) {
    return unavailable(error);
  }
  return new DatabaseFailure(`${message} in: ${sql}`, code, { cause: error });
}

export function unavailable(cause: unknown): StoreUnavailable {
  return new StoreUnavailable(`the database cannot take the request now: ${messageOf(cause)}`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return stringProperty(error, 'code');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stringProperty(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}
