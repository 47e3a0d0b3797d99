// The API server inside the test's own process, on a free port with an empty database, asked over real HTTP. Callers
// say who they are in headers (auth.mode = noauth).

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSettings } from '@neutronium/model/settings';
import { serverSettings } from '@neutronium/server/config/server-settings';
import { startServer } from '@neutronium/server/server';
import type { Store } from '@neutronium/server/store/store';
import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { withStores } from './store.ts';

/** Someone who asks. */
export interface Caller {
  readonly project: string;
  readonly roles: readonly string[];
}

export const admin: Caller = { project: 'admin-project', roles: ['admin', 'manager', 'member', 'reader'] };
export const alice: Caller = { project: 'alice-project', roles: ['member', 'reader'] };
export const bob: Caller = { project: 'bob-project', roles: ['member', 'reader'] };
export const onlooker: Caller = { project: 'alice-project', roles: ['reader'] };

/** Another service of the cloud, such as Nova. */
export const service: Caller = { project: 'service-project', roles: ['service'] };

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed JSON; undefined when the answer has no body. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects by looking.
  readonly body: any;
}

export interface RequestOptions {
  readonly as?: Caller | null;
  readonly body?: unknown;
  /** Sent as it is, instead of `body` as JSON. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Requests {
  request(method: string, path: string, options?: RequestOptions): Promise<ApiAnswer>;
  get(path: string, as?: Caller): Promise<ApiAnswer>;
  post(path: string, body: unknown, as?: Caller): Promise<ApiAnswer>;
  put(path: string, body: unknown, as?: Caller): Promise<ApiAnswer>;
  remove(path: string, as?: Caller): Promise<ApiAnswer>;
}

export interface TestApi extends Requests, AsyncDisposable {
  readonly url: string;
}

export interface TestApiOptions {
  /** `section.key` to text, over the defaults of a test. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A database of the caller's; without it, a new SQLite file. */
  readonly database?: string;
  /** How the server opens it, for a test that looks at what the server asks of it. */
  readonly open?: (url: string) => Promise<Store>;
}

/** Requests are the administrator's unless they say otherwise; `as: null` says nothing about the caller. */
export async function startApi({ settings = {}, database, open }: TestApiOptions = {}): Promise<TestApi> {
  const folder = await mkdtemp(path.join(tmpdir(), 'neutronium-api-'));
  const read = readSettings(serverSettings, {
    overrides: {
      'api.port': '0',
      'auth.mode': 'noauth',
      'database.url': database ?? `sqlite:${path.join(folder, 'api.sqlite')}`,
      ...settings,
    },
  });
  if (!read.ok) throw new Error(`settings of a test: ${read.problems.join('; ')}`);
  const server = await startServer(read.values, pino({ level: process.env['NEUTRONIUM_TEST_LOG'] ?? 'silent' }), open);

  return {
    url: server.url,
    ...requests((method, target, init) => fetch(`${server.url}${target}`, { method, ...init })),
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `suite` against a server on each kind of database that is at hand, fresh for the suite. */
export function withApi(
  suite: (api: Requests & { readonly url: () => string }) => void,
  options: Pick<TestApiOptions, 'settings'> = {},
): void {
  withStores((fixture) => {
    let started: TestApi | undefined;
    beforeAll(async () => {
      started = await startApi({ ...options, database: await fixture.newDatabase() });
    });
    afterAll(async () => started?.[Symbol.asyncDispose]());
    const url = (): string => {
      if (started === undefined) throw new Error('the server starts before the tests of the suite, not earlier');
      return started.url;
    };
    suite({ url, ...requests((method, target, init) => fetch(`${url()}${target}`, { method, ...init })) });
  });
}

type Send = (
  method: string,
  target: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly body?: string },
) => Promise<Response>;

function requests(send: Send): Requests {
  const request = async (method: string, target: string, options: RequestOptions = {}): Promise<ApiAnswer> => {
    const { as = admin, body, text = body === undefined ? undefined : JSON.stringify(body), headers = {} } = options;
    const answer = await send(method, target, {
      headers: { ...(as === null ? {} : headersOf(as)), ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const received = await answer.text();
    return { status: answer.status, headers: answer.headers, body: received === '' ? undefined : parse(received) };
  };
  return {
    request,
    get: (target, as = admin) => request('GET', target, { as }),
    post: (target, body, as = admin) => request('POST', target, { as, body }),
    put: (target, body, as = admin) => request('PUT', target, { as, body }),
    remove: (target, as = admin) => request('DELETE', target, { as }),
  };
}

function headersOf({ project, roles }: Caller): Record<string, string> {
  return { 'x-user-id': 'a-user', 'x-project-id': project, 'x-roles': roles.join(',') };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
