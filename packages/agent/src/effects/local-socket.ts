// A UNIX socket on which programs of the same machine ask this one over HTTP, or have it do something.

import { once } from 'node:events';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface LocalAnswer {
  readonly status: number;
  readonly body: unknown;
}

type LocalMethod = 'GET' | 'POST';

/** What is answered on each path, by method. */
export type LocalRoutes = Readonly<Record<string, Readonly<Partial<Record<LocalMethod, () => Promise<LocalAnswer>>>>>>;

export interface LocalSocket {
  /** Answers at `path`, in place of whoever did so before, until it is disposed of. */
  serve(path: string, routes: LocalRoutes): Promise<AsyncDisposable>;
}

export class SystemLocalSocket implements LocalSocket {
  async serve(path: string, routes: LocalRoutes): Promise<AsyncDisposable> {
    const server = createServer((request, response) => void answer(routes, request, response));
    try {
      // The socket of an agent that was killed is still there, and nobody listens.
      await rm(path, { force: true });
      server.listen(path);
      await once(server, 'listening');
      // Until here only the owner can connect: that takes the right to write (unix(7)), which no umask gives to others.
      await chmod(path, 0o600);
    } catch (cause) {
      server.close();
      throw new Error(`listening on ${path}`, { cause });
    }
    return {
      async [Symbol.asyncDispose]() {
        const closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await closed;
      },
    };
  }
}

async function answer(routes: LocalRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await answerTo(routes, request).catch((error: unknown) => ({
    status: 500,
    body: { error: error instanceof Error ? error.message : String(error) },
  }));
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

async function answerTo(routes: LocalRoutes, { method, url = '' }: IncomingMessage): Promise<LocalAnswer> {
  const route = Object.hasOwn(routes, url) ? routes[url] : undefined;
  if (route === undefined) return { status: 404, body: { error: `there is no ${url} here` } };
  const answering = method === 'GET' || method === 'POST' ? route[method] : undefined;
  return answering === undefined ? { status: 405, body: { error: `${url} has no ${method}` } } : await answering();
}
