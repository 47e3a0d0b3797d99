// What a path is asked and what it answers: the only two values between HTTP and everything below it.

import type { Readable } from 'node:stream';
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
  /** The last event that a client has seen which resumes a stream (HTML Living Standard, section 9.2). */
  readonly lastEventId: string | undefined;
  /** `scheme://host` as the client sees this server, without a trailing slash. */
  readonly origin: string;
  /** The path as the client wrote it, without the query. */
  readonly path: string;
}

/** `body` is rendered as JSON; without it and without a stream no body is sent at all. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** Sent as it comes, no faster than the client reads; it is destroyed when the client is gone. */
  readonly stream?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answerer = (request: ApiRequest) => Promise<Answer>;
