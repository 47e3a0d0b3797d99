import { connect } from 'node:net';
import { Backoff } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import { DatabaseCache, monitorRequests, record } from './cache.ts';
import type { Json } from './column.ts';
import { JsonRpcConnection } from './json-rpc.ts';
import { askForCompletion, encodeOperation, type Operation } from './operation.ts';
import { type Ovsdb, OvsdbRefused, OvsdbUnreachable } from './ovsdb.ts';
import type { SwitchDatabase } from './schema.ts';

const databaseName = 'Open_vSwitch';
const timeoutMs = 10_000;

export interface OvsdbClientParts {
  readonly socketPath: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Called once for each time that the database cannot be reached, however many attempts it takes to come back. */
  readonly onUnreachable?: (reason: OvsdbUnreachable) => void;
}

/**
 * A client of the OVSDB server behind a Unix socket. It connects, again and again for as long as it is not closed, and
 * keeps a copy of the database while it is connected. After a new connection the copy is read anew.
 */
export class OvsdbClient implements Ovsdb, Disposable {
  readonly #socketPath: string;
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #onUnreachable: (reason: OvsdbUnreachable) => void;
  readonly #listeners = new Set<() => void>();
  #connection: JsonRpcConnection | null = null;
  #cache: DatabaseCache | null = null;
  #retry: Disposable | null = null;
  #closed = false;
  #announced = false;
  /** Why there is no copy; null while there is one, and before the first attempt has failed. */
  #outage: OvsdbUnreachable | null = null;

  constructor(parts: OvsdbClientParts) {
    this.#onUnreachable = parts.onUnreachable ?? (() => undefined);
    this.#socketPath = parts.socketPath;
    this.#clock = parts.clock;
    this.#backoff = new Backoff({ firstMs: 50, lastMs: 1_000, fraction: () => parts.random.fraction() });
    this.#connect();
  }

  get database(): SwitchDatabase | null {
    return this.#cache?.database ?? null;
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async transact(operations: readonly Operation[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    const results = await this.#transact(operations, signal);
    return results.map(({ uuid }) => (Array.isArray(uuid) ? String(uuid[1]) : null));
  }

  async apply(operations: readonly Operation[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    const results = await this.#transact([...operations, ...askForCompletion], signal);
    const rows = results.at(-1)?.['rows'];
    const wanted = Array.isArray(rows) ? Number(record(rows[0])['next_cfg']) : Number.NaN;
    await this.#until(() => currentConfiguration(this.database) >= wanted, signal);
    return results.slice(0, operations.length).map(({ uuid }) => (Array.isArray(uuid) ? String(uuid[1]) : null));
  }

  /** Resolves when there is a copy. */
  async connected(signal?: AbortSignal): Promise<void> {
    while (this.database === null) await this.#nextChange(signal);
  }

  close(): void {
    this.#closed = true;
    this.#retry?.[Symbol.dispose]();
    this.#connection?.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #transact(
    operations: readonly Operation[],
    signal: AbortSignal | undefined,
  ): Promise<readonly Readonly<Record<string, Json>>[]> {
    signal?.throwIfAborted();
    const connection = this.#connection;
    if (connection === null || this.#cache === null) {
      throw this.#outage ?? new OvsdbUnreachable(`there is no connection to ${this.#socketPath} yet`);
    }
    // A server that does not answer is as good as gone: closing the connection ends the call and starts a new attempt.
    const deadline = this.#clock.after(timeoutMs, () => connection.close());
    let results: Json = [];
    try {
      await connection.call('transact', [databaseName, ...operations.map(encodeOperation)], (answer) => {
        results = answer;
      });
    } finally {
      deadline[Symbol.dispose]();
    }
    return readResults(operations, results);
  }

  #connect(): void {
    const cache = new DatabaseCache();
    const socket = connect(this.#socketPath);
    const connection = new JsonRpcConnection(socket, {
      onNotification: (method, params) => {
        if (method !== 'update') return;
        cache.fold(params[1] ?? null);
        this.#announce();
      },
      onClose: (reason) => {
        this.#connection = null;
        this.#noteOutage(reason);
        if (this.#cache !== null) {
          this.#cache = null;
          this.#announce();
        }
        if (!this.#closed) this.#retry = this.#clock.after(this.#backoff.nextMs(), () => this.#connect());
      },
    });
    this.#connection = connection;
    socket.once('connect', () => {
      connection
        .call('monitor', [databaseName, null, monitorRequests()], (initial) => {
          cache.fold(initial);
          this.#cache = cache;
          this.#outage = null;
          this.#backoff.reset();
          this.#announce();
        })
        // The server lacks what we ask of it, or the connection is gone; the next attempt finds out anew.
        .catch((cause: unknown) => {
          this.#noteOutage(cause);
          connection.close();
        });
    });
  }

  #noteOutage(cause: unknown): void {
    if (this.#closed || this.#outage !== null) return;
    this.#outage = new OvsdbUnreachable(`there is no connection to ${this.#socketPath}`, { cause });
    this.#onUnreachable(this.#outage);
  }

  /** Tells the listeners once for all that is read from the socket at a time. */
  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    queueMicrotask(() => {
      this.#announced = false;
      for (const listener of this.#listeners) listener();
    });
  }

  async #until(holds: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    const late = new AbortController();
    const deadline = this.#clock.after(timeoutMs, () =>
      late.abort(new OvsdbUnreachable(`ovs-vswitchd did not carry a change out within ${timeoutMs} ms`)),
    );
    const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
    try {
      while (!holds()) {
        if (this.database === null)
          throw new OvsdbUnreachable('the connection was lost while a change was carried out');
        await this.#nextChange(either);
      }
    } finally {
      deadline[Symbol.dispose]();
    }
  }

  #nextChange(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const end = (): void => {
        subscription[Symbol.dispose]();
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        reject(signal?.reason);
      };
      const subscription = this.onChange(() => {
        end();
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

function currentConfiguration(database: SwitchDatabase | null): number {
  const [row] = database?.Open_vSwitch.values() ?? [];
  return row?.cur_cfg ?? Number.NaN;
}

/** One result for each operation; a further one, if any, says why the transaction as a whole was refused. */
function readResults(operations: readonly Operation[], results: Json): readonly Readonly<Record<string, Json>>[] {
  if (!Array.isArray(results)) throw new Error(`OVSDB answered a transaction with ${JSON.stringify(results)}`);
  const read: Readonly<Record<string, Json>>[] = [];
  for (const [index, result] of results.entries()) {
    // Null stands for an operation that was not tried because an earlier one failed.
    if (result === null) continue;
    const { error, details } = record(result);
    if (typeof error === 'string') {
      throw new OvsdbRefused({
        error,
        details: typeof details === 'string' ? details : '',
        operation: operations[index] ?? null,
      });
    }
    read.push(record(result));
  }
  return read;
}
