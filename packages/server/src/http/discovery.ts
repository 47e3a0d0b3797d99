// What is answered without a token: the versions, the description of the API, whether the server works, and, to the
// machine's own monitoring, how it has been doing.

import { isLoopback, parseIp } from '@neutronium/net/ip';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { neutronError, notFound } from './error-answer.ts';
import { originOf } from './origin.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { send } from './send.ts';
import { versionsDocument } from './versions.ts';

export interface DiscoveryParts {
  /** URL under which clients reach this server, if the operator gave one. */
  readonly publicUrl: string | null;
  /** Describes the API (OpenAPI 3.1). Called when somebody first asks, and never again. */
  readonly describe: () => object;
  readonly metrics: RequestMetrics;
}

export const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

export function discovery(app: FastifyInstance, { publicUrl, describe, metrics }: DiscoveryParts): void {
  app.route({
    method: allMethods,
    url: '/',
    handler: (request, reply) =>
      send(
        reply,
        request.method === 'GET'
          ? { status: 200, body: versionsDocument(originOf(request.headers, publicUrl)) }
          : neutronError(405, 'HTTPMethodNotAllowed', `The method ${request.method} is not allowed for this resource.`),
      ),
  });
  app.get('/healthcheck', (_request, reply) => send(reply, { status: 200, body: { detailed: false, reasons: [] } }));
  let description: object | undefined;
  app.get('/openapi.json', (_request, reply) => {
    description ??= describe();
    return send(reply, { status: 200, body: description });
  });
  app.get('/metrics', async (request, reply) => {
    if (!isFromThisMachine(request)) return send(reply, notFound);
    return reply.header('content-type', metrics.contentType).send(await metrics.render());
  });
}

/** A proxy on this machine speaks for others, and says so. */
function isFromThisMachine({ socket, headers }: FastifyRequest): boolean {
  const proxied = headers['x-forwarded-for'] ?? headers['x-forwarded-host'] ?? headers['forwarded'];
  // IPv4 on a socket for both families (RFC 4291 section 2.5.5.2).
  const peer = parseIp((socket.remoteAddress ?? '').replace(/^::ffff:/, ''));
  return proxied === undefined && peer.ok && isLoopback(peer.value);
}
