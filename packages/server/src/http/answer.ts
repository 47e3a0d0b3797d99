// What a path is asked and what it answers: the only two values between HTTP and everything below it.

import type { RequestContext } from '../context.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One authenticated request below /v2.0. */
export interface ApiRequest {
  readonly context: RequestContext;
  /** The parts of the path that stand for ids, by the names in the route's pattern, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The bytes of the body as text; undefined when none was sent. */
  readonly body: string | undefined;
  readonly ifMatch: string | undefined;
  /** `scheme://host` as the client sees this server, without a trailing slash. */
  readonly origin: string;
  /** The path as the client wrote it, without the query. */
  readonly path: string;
}

/** `body` is rendered as JSON; undefined sends no body at all. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answerer = (request: ApiRequest) => Promise<Answer>;
