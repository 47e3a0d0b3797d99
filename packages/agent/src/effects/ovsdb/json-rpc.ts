import type { Socket } from 'node:net';
import type { Json } from './column.ts';
import { record } from './cache.ts';
import { JsonSplitter } from './framing.ts';
import { OvsdbUnreachable } from './ovsdb.ts';

interface Call {
  readonly resolve: (result: Json) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One JSON-RPC 1.0 connection to an OVSDB server (RFC 7047 section 4). Answers the server's `echo`, by which the server
 * finds out whether we live. An answer is handed over before the message that follows it is looked at, so that what a
 * caller does with it synchronously comes before any later notification.
 */
export class JsonRpcConnection {
  readonly #socket: Socket;
  readonly #splitter = new JsonSplitter();
  readonly #calls = new Map<number, Call>();
  readonly #onNotification: (method: string, params: readonly Json[]) => void;
  #lastId = 0;

  constructor(
    socket: Socket,
    events: {
      readonly onNotification: (method: string, params: readonly Json[]) => void;
      /** With what went wrong, if anything did. */
      readonly onClose: (reason: unknown) => void;
    },
  ) {
    this.#socket = socket;
    this.#onNotification = events.onNotification;
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of this.#splitter.push(chunk)) this.#receive(record(message));
      } catch (cause) {
        // Whatever the other side is, it does not speak OVSDB to us; a new connection starts from nothing.
        socket.destroy(new OvsdbUnreachable('an unreadable message', { cause }));
      }
    });
    // 'close' follows and ends the calls; the reason is of use to those only.
    let reason: unknown;
    socket.on('error', (cause) => (reason = cause));
    socket.once('close', () => {
      for (const call of this.#calls.values()) {
        call.reject(new OvsdbUnreachable('the connection was lost before the answer came', { cause: reason }));
      }
      this.#calls.clear();
      events.onClose(reason);
    });
  }

  /** Sends a request; `onResult` is called synchronously with its result. */
  call(method: string, params: readonly Json[], onResult: (result: Json) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) throw new OvsdbUnreachable('there is no connection');
      const id = ++this.#lastId;
      this.#calls.set(id, {
        resolve(result) {
          try {
            onResult(result);
            resolve();
          } catch (error) {
            reject(error);
          }
        },
        reject,
      });
      this.#send({ method, params, id });
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(message: Readonly<Record<string, Json>>): void {
    const { method, params, id } = message;
    if (typeof method !== 'string') return this.#answered(message);
    const parameters = Array.isArray(params) ? params : [];
    if (method === 'echo') this.#send({ result: parameters, error: null, id: id ?? null });
    else this.#onNotification(method, parameters);
    return undefined;
  }

  #answered({ id, result, error }: Readonly<Record<string, Json>>): void {
    const call = typeof id === 'number' ? this.#calls.get(id) : undefined;
    if (call === undefined || typeof id !== 'number') return;
    this.#calls.delete(id);
    if (error !== null && error !== undefined) call.reject(new Error(`OVSDB refused a call: ${JSON.stringify(error)}`));
    else call.resolve(result ?? null);
  }

  #send(message: Json): void {
    this.#socket.write(JSON.stringify(message));
  }
}
