// Relays an instance's request to Nova's metadata service, with the headers by which Nova knows the instance and trusts
// us: the instance's id is signed with a secret that the two share (Nova: service_metadata_proxy). Bodies stream through
// in both directions.

import { createHmac } from 'node:crypto';
import { request as requestInTheClear } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { Agent, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { InstanceDirectory } from './instance-directory.ts';
import type { NovaEndpoint } from './nova.ts';
import { whoAsks } from './who-asks.ts';
import type { WhoAsks } from './who-asks.ts';

export interface RelayParts {
  readonly directory: Pick<InstanceDirectory, 'find'>;
  /** Nova's metadata_proxy_shared_secret. */
  readonly secret: string;
  readonly nova: NovaEndpoint;
  /** Makes the connections to Nova, see `connectionsTo`. */
  readonly connections: Agent;
  /** How long Nova may be silent. */
  readonly timeoutMs: number;
  readonly events: RelayEvents;
}

/** What is worth a line in the log, in words that hold no secret. */
export interface RelayEvents {
  /** A request that is no known instance's; guests can send as many as they like. */
  readonly onRefused: (why: string) => void;
  readonly onTrouble: (trouble: Trouble) => void;
}

interface Trouble {
  readonly instanceId: string;
  readonly why: string;
  readonly error?: unknown;
}

type Instance = Extract<WhoAsks, { kind: 'instance' }>;

/** What a guest's request says that Nova may want to know. Everything else is between the guest and the proxy. */
const passedOn = ['accept', 'content-type', 'content-length', 'transfer-encoding'] as const;
const passedBack = ['content-type', 'content-length'] as const;

/** Of Nova's refusals those that mean the same to the guest; another is no business of its. */
const understood: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Answers one request that a proxy has sent. Never rejects. */
export async function relay(parts: RelayParts, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const asking = whoAsks(incoming.headers, parts.directory);
  if (asking.kind === 'refused') {
    parts.events.onRefused(asking.why);
    return refuse(response, asking.status);
  }
  // A target in another form than a path names a host (RFC 9112 section 3.2), which is not for the guest to choose.
  if (incoming.url?.startsWith('/') !== true) return refuse(response, 400);
  const { instanceId } = asking;
  let answer;
  try {
    answer = await ask(parts, asking, incoming);
  } catch (error) {
    // A guest that has gone away needs no answer.
    if (!response.closed) parts.events.onTrouble({ instanceId, why: 'Nova did not answer', error });
    return refuse(response, 503);
  }
  const status = answer.statusCode ?? 500;
  if (status !== 200) {
    answer.destroy();
    if (status === 403) parts.events.onTrouble({ instanceId, why: 'Nova refuses: its shared secret may be another' });
    return refuse(response, status in understood && status !== 503 ? status : 500);
  }
  response.writeHead(200, pick(answer.headers, passedBack));
  await pipeline(answer, response).catch((error: unknown) => {
    // A guest that goes away ends the response by itself; what Nova broke off must not look whole.
    if (!response.closed) parts.events.onTrouble({ instanceId, why: 'the answer broke off', error });
    response.destroy();
  });
  return undefined;
}

/** Nova's answer, of which the body is still to come. Rejects when none comes. */
async function ask(
  { secret, nova, connections, timeoutMs }: RelayParts,
  { instanceId, projectId, address }: Instance,
  incoming: IncomingMessage,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = nova.tls === null ? requestInTheClear : requestOverTls;
  const outgoing = request({
    host: nova.host,
    port: nova.port,
    agent: connections,
    method: incoming.method,
    path: incoming.url,
    timeout: timeoutMs,
    headers: {
      ...pick(incoming.headers, passedOn),
      'X-Forwarded-For': address,
      'X-Instance-ID': instanceId,
      'X-Tenant-ID': projectId,
      'X-Instance-ID-Signature': createHmac('sha256', secret).update(instanceId).digest('hex'),
    },
  });
  outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  outgoing.once('response', resolve);
  outgoing.on('error', reject);
  // The guest may go away before it has sent all; then nobody waits for Nova.
  pipeline(incoming, outgoing).catch(reject);
  return await promise;
}

function refuse(response: ServerResponse, status: number): void {
  const text = `${status} ${understood[status] ?? ''}\n`;
  // Whatever of the request is still to come is not read.
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    Connection: 'close',
  });
  response.end(text);
}

function pick(headers: IncomingMessage['headers'], names: readonly string[]): OutgoingHttpHeaders {
  return Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])));
}
