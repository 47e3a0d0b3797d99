import type { FastifyReply } from 'fastify';
import type { Answer } from './answer.ts';

/** Sends an answer. Big lists are the common case that costs: they are rendered here, by the fastest means there is. */
export function send(reply: FastifyReply, { status, body, stream, headers }: Answer): FastifyReply {
  reply.code(status);
  if (headers !== undefined) reply.headers(headers);
  if (stream !== undefined) return reply.send(stream);
  if (body === undefined) return reply.send();
  return reply.header('content-type', 'application/json').send(JSON.stringify(body));
}
