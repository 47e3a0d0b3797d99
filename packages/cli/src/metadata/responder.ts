// The metadata service for machines without Nova, as the metadata agents expect it: a request says which instance asks,
// and is believed when its signature is made with the secret that we share with the agents.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerTo, listVersions, notFound, plain } from './answer.ts';
import type { Answer } from './answer.ts';
import type { InstanceRecord } from './instance-record.ts';

export interface ResponderParts {
  readonly secret: string;
  readonly record: (uuid: string) => Promise<InstanceRecord | null>;
}

/** Answers requests of metadata agents. */
export function responder(parts: ResponderParts): RequestListener {
  return (request, response) => {
    answer(parts, request).then(
      (found) => send(response, found, request.method),
      (error: unknown) => {
        console.error('a request for metadata could not be answered:', error);
        send(response, plain(500, '500 Internal Server Error\n'), request.method);
      },
    );
  };
}

async function answer({ secret, record }: ResponderParts, request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, '405 Method Not Allowed\n');
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  if (path.split('/').every((word) => word === '')) return listVersions();
  const [instance, project] = [header(request, 'x-instance-id'), header(request, 'x-tenant-id')];
  if (instance === null || project === null) return plain(400, 'X-Instance-ID or X-Tenant-ID is missing\n');
  if (!isSigned(instance, header(request, 'x-instance-id-signature') ?? '', secret)) {
    return plain(403, 'the signature is not that of the instance\n');
  }
  const found = await record(instance);
  // A tenant may give a port any device_id, also that of another's instance.
  return found?.project_id === project ? answerTo(found, path) : notFound();
}

function header({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

function isSigned(instance: string, signature: string, secret: string): boolean {
  const expected = Buffer.from(createHmac('sha256', secret).update(instance).digest('hex'));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function send(response: ServerResponse, { status, type, body }: Answer, method: string | undefined): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
  response.end(method === 'HEAD' ? undefined : body);
}
