import type { Operation } from './operation.ts';
import type { SwitchDatabase } from './schema.ts';

/** Open vSwitch's configuration database: a live copy to read, and transactions to change it. */
export interface Ovsdb {
  /** The copy; null while there is no connection. Each change makes new row objects, the maps are updated in place. */
  readonly database: SwitchDatabase | null;
  /** Calls back after the copy has changed, and when the connection is lost or there again; once for a burst. */
  onChange(listener: () => void): Disposable;
  /**
   * All operations, or none. Gives the UUID of each insertion, null for other operations. Rejects with OvsdbRefused
   * when the server refuses. A rejection for any other reason leaves open whether the transaction took place.
   */
  transact(operations: readonly Operation[], signal?: AbortSignal): Promise<readonly (string | null)[]>;
  /** The same, and resolves when ovs-vswitchd has carried it out and the copy shows it. Not later than in 10 s. */
  apply(operations: readonly Operation[], signal?: AbortSignal): Promise<readonly (string | null)[]>;
}

/** The server's own refusal, in its words (RFC 7047 section 3.1: <error>). */
export class OvsdbRefused extends Error {
  readonly error: string;
  readonly operation: Operation | null;

  constructor(parts: { readonly error: string; readonly details: string; readonly operation: Operation | null }) {
    const what = parts.operation === null ? 'the transaction' : `${parts.operation.op} of ${parts.operation.table}`;
    super(`OVSDB refused ${what}: ${parts.error}${parts.details === '' ? '' : `: ${parts.details}`}`);
    this.name = 'OvsdbRefused';
    this.error = parts.error;
    this.operation = parts.operation;
  }
}

/** There is no connection to the database, or it was lost before the answer came. */
export class OvsdbUnreachable extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`OVSDB: ${what}`, options);
    this.name = 'OvsdbUnreachable';
  }
}
