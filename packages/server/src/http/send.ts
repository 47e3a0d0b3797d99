import type { FastifyReply } from 'fastify';
import type { Answer } from './answer.ts';
import { renderBody } from './render-body.ts';

/** As `send`, for an answer that may be a long list. */
export async function sendLong(reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
  const { status, body, headers } = answer;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return send(reply, answer);
  const rendered = await renderBody(body);
  reply.code(status);
  if (headers !== undefined) reply.headers(headers);
  return reply.header('content-type', 'application/json').send(rendered);
}

/** Sends an answer. */
export function send(reply: FastifyReply, { status, body, stream, headers }: Answer): FastifyReply {
  reply.code(status);
  if (headers !== undefined) reply.headers(headers);
  if (stream !== undefined) return reply.send(stream);
  if (body === undefined) return reply.send();
  return reply.header('content-type', 'application/json').send(JSON.stringify(body));
}
