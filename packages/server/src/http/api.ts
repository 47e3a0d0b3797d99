// The HTTP server: everything between a socket and the resources. Requests below /v2.0 are authenticated, given an id
// and handed to the route that answers their path; all answers are JSON. Other parts of the server (identity, the
// agents' stream) add themselves to the same application in main.ts.

import { HTTPBadRequest, HTTPMethodNotAllowed } from '@neutronium/model/errors';
import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Answer, ApiRequest, Method } from './answer.ts';
import { allMethods, discovery } from './discovery.ts';
import { errorAnswer, notFound } from './error-answer.ts';
import { originOf } from './origin.ts';
import { newRequestId, requestIdHeader } from './request-id.ts';
import { RequestMetrics } from './request-metrics.ts';
import type { Match, Routes } from './routes.ts';
import { send, sendLong } from './send.ts';

export interface ApiParts {
  readonly authenticator: Authenticator;
  /** What is answered below /v2.0. */
  readonly routes: Routes;
  /** Describes the API (OpenAPI 3.1). */
  readonly describe: () => object;
  readonly logger: FastifyBaseLogger;
  /** URL under which clients reach this server, if the operator gave one. */
  readonly publicUrl: string | null;
  readonly maxBodyBytes: number;
}

const answeredMethods: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE'] satisfies readonly Method[];

export function buildApi(parts: ApiParts): FastifyInstance {
  const app = fastify({
    loggerInstance: parts.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: parts.maxBodyBytes,
    genReqId: newRequestId,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void send(reply, failure(error, request)),
  });
  app.setErrorHandler((error, request, reply) => send(reply, failure(error, request)));
  app.setNotFoundHandler((_request, reply) => send(reply, notFound));
  const metrics = new RequestMetrics();
  discovery(app, { publicUrl: parts.publicUrl, describe: parts.describe, metrics });
  void app.register(async (scope) => networkingApi(scope, parts, metrics));
  return app;
}

function networkingApi(scope: FastifyInstance, parts: ApiParts, metrics: RequestMetrics): void {
  // Neutron reads every body as JSON, whatever its Content-Type says, and so do its clients' habits demand.
  scope.addHook('onRequest', async (request) => {
    request.headers['content-type'] = 'application/json';
  });
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  scope.addHook('onSend', async (request, reply) => {
    reply.header(requestIdHeader, request.id);
  });
  scope.addHook('onResponse', async (request, reply) => {
    const answered = { method: request.method, status: reply.statusCode };
    const route = findRoute(request, parts.routes)?.pattern ?? '(none)';
    metrics.observe({ ...answered, route, seconds: reply.elapsedTime / 1000 });
    request.log.debug({ ...answered, requestId: request.id, path: pathOf(request), ms: reply.elapsedTime }, 'answered');
  });
  for (const url of ['/v2.0', '/v2.0/*']) {
    scope.route({
      method: allMethods,
      url,
      handler: async (request, reply) => sendLong(reply, await answer(request, parts)),
    });
  }
}

async function answer(request: FastifyRequest, parts: ApiParts): Promise<Answer> {
  const context = await parts.authenticator.authenticate(request.headers, request.id);
  const query = request.url.slice(pathOf(request).length + 1);
  if (query.includes('%00')) throw new HTTPBadRequest({ message: 'The query holds the character U+0000.' });
  const match = findRoute(request, parts.routes);
  if (match === undefined) return notFound;
  const answerer = isAnswered(request.method) ? match.methods[request.method] : undefined;
  if (answerer === undefined) {
    throw new HTTPMethodNotAllowed({
      message: 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
    });
  }
  const apiRequest: ApiRequest = {
    context,
    params: match.params,
    query: new URLSearchParams(query),
    body: typeof request.body === 'string' ? request.body : undefined,
    ifMatch: request.headers['if-match'],
    lastEventId: lastEventIdOf(request),
    origin: originOf(request.headers, parts.publicUrl),
    path: pathOf(request),
  };
  return answerer(apiRequest);
}

function lastEventIdOf({ headers }: FastifyRequest): string | undefined {
  const value = headers['last-event-id'];
  return typeof value === 'string' ? value : undefined;
}

/** Only with its slash is the root of the API a document. */
function findRoute(request: FastifyRequest, routes: Routes): Match | undefined {
  const path = pathOf(request);
  return path === '/v2.0' ? undefined : routes.find(path.slice('/v2.0'.length));
}

/** The path without its query: names and values of filters are the caller's own business. */
function pathOf({ url }: FastifyRequest): string {
  const mark = url.indexOf('?');
  return mark === -1 ? url : url.slice(0, mark);
}

function isAnswered(method: string): method is Method {
  return answeredMethods.includes(method);
}

function failure(error: unknown, request: FastifyRequest): Answer {
  return errorAnswer(error, (cause) => {
    const { id: requestId, method } = request;
    request.log.error({ err: cause, requestId, method, path: pathOf(request) }, 'request failed');
  });
}
