// HTTP on a unix socket that one group of the machine may use and nobody else.

import { once } from 'node:events';
import { chmod, lstat, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { dirname } from 'node:path';
import type { Exec } from './exec.ts';

export interface SocketServerParts {
  /** Absolute. Its folder holds nothing else, and is what keeps others away. */
  readonly path: string;
  /** Name of the group. */
  readonly group: string;
  readonly handle: RequestListener;
  readonly exec: Exec;
}

/** A guest that is slow to send holds a connection for so long. */
const requestTimeoutMs = 30_000;

export class SocketServer implements AsyncDisposable {
  readonly #path: string;
  readonly #inode: number;
  readonly #close: () => Promise<void>;

  private constructor(parts: { readonly path: string; readonly inode: number; readonly close: () => Promise<void> }) {
    this.#path = parts.path;
    this.#inode = parts.inode;
    this.#close = parts.close;
  }

  /** Listens, in place of whoever listened there before. */
  static async listen({ path, group, handle, exec }: SocketServerParts): Promise<SocketServer> {
    // Before the socket is there, so that there is no moment in which others may use it.
    await exec.run(['install', '-d', '-m', '0750', '-g', group, dirname(path)]);
    await rm(path, { force: true });
    const server = createServer({ requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs }, handle);
    server.listen(path);
    await once(server, 'listening');
    await chmod(path, 0o666);
    const { ino: inode } = await lstat(path);
    return new SocketServer({
      path,
      inode,
      async close() {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      },
    });
  }

  /** Whether those who go by its path still find it. */
  async isReachable(): Promise<boolean> {
    const found = await lstat(this.#path).catch(() => null);
    return found?.ino === this.#inode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}
