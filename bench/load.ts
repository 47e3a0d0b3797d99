// HTTP load from clients that each keep one connection and send their next request when the last is answered.

import { Agent, request } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One client: one connection, one request at a time. Headers stand for a token (`auth.mode = noauth`). */
export class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #origin: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(origin: string, headers: Readonly<Record<string, string>>) {
    this.#origin = new URL(origin);
    this.#headers = headers;
  }

  send(method: string, path: string, body?: unknown): Promise<Answer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.#agent,
          host: this.#origin.hostname,
          port: this.#origin.port,
          method,
          path,
          headers: {
            ...this.#headers,
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }),
          );
          incoming.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  /** The answer's JSON; throws unless it is a success. */
  async json(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const answer = await this.send(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    // Every answer of the Networking API is an object, or empty.
    return answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Requests per second of `clients` that together perform `total` calls of `work`. */
export async function rate({
  clients,
  total,
  work,
}: {
  clients: readonly Client[];
  total: number;
  work: (client: Client) => Promise<void>;
}): Promise<number> {
  let left = total;
  const startedAt = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (left-- > 0) await work(client);
    }),
  );
  return (total * 1000) / (performance.now() - startedAt);
}
