// The HTTP server: everything between a socket and the resources. Requests below /v2.0 are authenticated, given an id
// and handed to the route that answers their path; all answers are JSON. Other parts of the server (identity, the
// agents' stream) add themselves to the same application in main.ts.

import { catalogue } from '@neutronium/model/catalogue';
import { HTTPBadRequest, HTTPMethodNotAllowed, HTTPNotFound } from '@neutronium/model/errors';
import { openApiDocument } from '@neutronium/model/openapi';
import fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import serverPackage from '../../package.json' with { type: 'json' };
import type { Authenticator } from '../auth/authenticator.ts';
import type { Answer, ApiRequest, Method } from './answer.ts';
import { errorAnswer, neutronError } from './error-answer.ts';
import { originOf } from './origin.ts';
import { newRequestId, requestIdHeader } from './request-id.ts';
import type { Routes } from './routes.ts';
import { versionsDocument } from './versions.ts';

export interface ApiParts {
  readonly authenticator: Authenticator;
  /** What is answered below /v2.0. */
  readonly routes: Routes;
  readonly logger: FastifyBaseLogger;
  /** URL under which clients reach this server, if the operator gave one. */
  readonly publicUrl: string | null;
  readonly maxBodyBytes: number;
}

const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
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
  app.route({
    method: allMethods,
    url: '/',
    handler: (request, reply) =>
      send(
        reply,
        request.method === 'GET'
          ? { status: 200, body: versionsDocument(originOf(request.headers, parts.publicUrl)) }
          : neutronError(405, 'HTTPMethodNotAllowed', `The method ${request.method} is not allowed for this resource.`),
      ),
  });
  const openApi = openApiDocument(catalogue, serverPackage.version);
  app.get('/openapi.json', (_request, reply) => send(reply, { status: 200, body: openApi }));
  app.get('/healthcheck', (_request, reply) => send(reply, { status: 200, body: { detailed: false, reasons: [] } }));
  void app.register(async (scope) => networkingApi(scope, parts));
  return app;
}

function networkingApi(scope: FastifyInstance, parts: ApiParts): void {
  // Neutron reads every body as JSON, whatever its Content-Type says, and so do its clients' habits demand.
  scope.addHook('onRequest', async (request) => {
    request.headers['content-type'] = 'application/json';
  });
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  scope.addHook('onSend', async (request, reply) => {
    reply.header(requestIdHeader, request.id);
  });
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    send(reply, await answer(request, parts));
  for (const url of ['/v2.0', '/v2.0/*']) scope.route({ method: allMethods, url, handler });
}

async function answer(request: FastifyRequest, parts: ApiParts): Promise<Answer> {
  const context = await parts.authenticator.authenticate(request.headers, request.id);
  const [path, query] = splitOnce(request.url, '?');
  if (query.includes('%00')) throw new HTTPBadRequest({ message: 'The query holds the character U+0000.' });
  // Only with its slash is the root of the API a document.
  const match = path === '/v2.0' ? undefined : parts.routes.find(path.slice('/v2.0'.length));
  if (match === undefined) return notFound;
  const answerer = isAnswered(request.method) ? match.methods[request.method] : undefined;
  if (answerer === undefined) {
    throw new HTTPMethodNotAllowed({
      message: 'The server could not comply with the request since it is either malformed or otherwise incorrect.',
    });
  }
  const ifMatch = request.headers['if-match'];
  const apiRequest: ApiRequest = {
    context,
    params: match.params,
    query: new URLSearchParams(query),
    body: typeof request.body === 'string' ? request.body : undefined,
    ifMatch,
    origin: originOf(request.headers, parts.publicUrl),
    path,
  };
  return answerer(apiRequest);
}

function isAnswered(method: string): method is Method {
  return answeredMethods.includes(method);
}

const notFound: Answer = {
  status: 404,
  body: new HTTPNotFound({ message: 'The resource could not be found.' }).body(),
};

function failure(error: unknown, request: FastifyRequest): Answer {
  return errorAnswer(error, (cause) => {
    // The path without its query: names and values of filters are the caller's own business.
    const [path] = splitOnce(request.url, '?');
    request.log.error({ err: cause, requestId: request.id, method: request.method, path }, 'request failed');
  });
}

/** Big lists are the common case that costs: they are rendered here, by the fastest means there is. */
function send(reply: FastifyReply, { status, body, headers }: Answer): FastifyReply {
  reply.code(status);
  if (headers !== undefined) reply.headers(headers);
  if (body === undefined) return reply.send();
  return reply.header('content-type', 'application/json').send(JSON.stringify(body));
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
