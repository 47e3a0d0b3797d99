// One request to the identity API as its routes see it, and the answers they give.

import type { FastifyReply, FastifyRequest } from 'fastify';
import { badRequest, unauthorized } from './identity-error.ts';
import type { IdentityService } from './identity-service.ts';
import type { TokenFacts } from './token-facts.ts';

export interface Exchange {
  readonly identity: IdentityService;
  readonly caller: TokenFacts;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON; undefined when the request has no body. */
  readonly body: unknown;
  /** `scheme://host` as the client sees this server. */
  readonly origin: string;
  /** URL of this API as the client sees it, up to and including /v3. */
  readonly base: string;
  readonly headers: FastifyRequest['headers'];
}

export interface IdentityAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type IdentityHandler = (exchange: Exchange) => Promise<IdentityAnswer>;

/** A path parameter. Where the pattern has none, an empty id, which nothing has. */
export function param({ params }: Pick<Exchange, 'params'>, name: string): string {
  return params[name] ?? '';
}

export const noContent: IdentityAnswer = { status: 204 };

/** A list as Keystone wraps it. There are no pages: everything is in it. */
export function collection(
  { base, query }: Exchange,
  {
    name,
    items,
    path = `/${name}`,
  }: { readonly name: string; readonly items: readonly unknown[]; readonly path?: string },
): IdentityAnswer {
  const search = query.size === 0 ? '' : `?${query.toString()}`;
  return {
    status: 200,
    body: { [name]: items, links: { next: null, self: `${base}${path}${search}`, previous: null } },
  };
}

/** The caller that the request's token names; throws the 401. */
export async function authenticatedCaller(identity: IdentityService, request: FastifyRequest): Promise<TokenFacts> {
  const token = request.headers['x-auth-token'];
  const caller = typeof token === 'string' ? await identity.tokens.validate(token) : undefined;
  if (caller === undefined) throw unauthorized();
  return caller;
}

export function send(reply: FastifyReply, { status, body, headers = {} }: IdentityAnswer): FastifyReply {
  reply.code(status).headers({ vary: 'X-Auth-Token', ...headers });
  return body === undefined
    ? reply.send()
    : reply.header('content-type', 'application/json').send(JSON.stringify(body));
}

export function parseJsonBody(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw Object.assign(badRequest('The request body is not JSON.'), { cause });
  }
}
