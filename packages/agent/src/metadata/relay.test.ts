import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { port } from '@neutronium/dataplane/sample-host';
import { viewOf } from '@neutronium/model/host-view';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { InstanceDirectory } from './instance-directory.ts';
import { connectionsTo } from './nova.ts';
import { relay } from './relay.ts';
import type { RelayParts } from './relay.ts';

const secret = 'do not tell';
/** The one instance that there is has this address in this network. */
const address = '10.0.0.5';
const served = { 'X-Neutron-Network-ID': 'net1', 'X-Forwarded-For': address };

const alice = port(5, { network_id: 'net1', device_id: 'the-instance', project_id: 'the-project' });

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('the metadata relay', () => {
  const servers: Server[] = [];
  const told: string[] = [];

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    told.length = 0;
  });

  async function listen(handle: RequestListener): Promise<number> {
    const server = createServer(handle);
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A server that listens on TCP has such an address.
    return (server.address() as AddressInfo).port;
  }

  /** A relay to a Nova at that port. */
  async function relayTo(port: number, timeoutMs = 10_000): Promise<number> {
    const nova = { host: '127.0.0.1', port, tls: null };
    const parts: RelayParts = {
      directory: new InstanceDirectory(() => viewOf(1, [alice])),
      secret,
      nova,
      connections: connectionsTo(nova, 10),
      timeoutMs,
      events: {
        onRefused: (why) => told.push(why),
        onTrouble: ({ error, ...trouble }) => told.push(JSON.stringify(trouble), String(error)),
      },
    };
    return await listen((incoming, response) => void relay(parts, incoming, response));
  }

  interface Answer {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }

  async function ask(
    port: number,
    given: { method?: string; path?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    const { body, ...rest } = { path: '/', headers: served, ...given };
    const outgoing = request({ host: '127.0.0.1', port, agent: false, ...rest });
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    outgoing.once('error', reject).once('response', (response) => {
      text(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: answer }),
        reject,
      );
    });
    outgoing.end(body);
    return await promise;
  }

  async function nova(handle?: RequestListener): Promise<{ readonly port: number; readonly seen: Seen[] }> {
    const seen: Seen[] = [];
    const port = await listen((incoming, response) => {
      void text(incoming).then((body) => {
        seen.push({ method: incoming.method, url: incoming.url, headers: incoming.headers, body });
        if (handle !== undefined) return handle(incoming, response);
        response.setHeader('Content-Type', 'text/x-test');
        response.end('the answer');
        return undefined;
      });
    });
    return { port, seen };
  }

  it('tells Nova who asks, and signs it', async () => {
    const { port, seen } = await nova();
    const answer = await ask(await relayTo(port), { path: '/latest/meta-data/?a=b%20c' });
    expect(answer).toMatchObject({ status: 200, body: 'the answer', headers: { 'content-type': 'text/x-test' } });
    expect(seen).toMatchObject([
      {
        method: 'GET',
        url: '/latest/meta-data/?a=b%20c',
        headers: {
          'x-forwarded-for': address,
          'x-instance-id': 'the-instance',
          'x-tenant-id': 'the-project',
          'x-instance-id-signature': createHmac('sha256', secret).update('the-instance').digest('hex'),
        },
      },
    ]);
    expect(told).toEqual([]);
  });

  it('hands nothing on by which a guest could pass for another', async () => {
    const { port, seen } = await nova();
    const lies = { 'X-Instance-ID': 'b', 'X-Tenant-ID': 'b', 'X-Instance-ID-Signature': 'b', Cookie: 'b', Via: 'b' };
    await ask(await relayTo(port), { headers: { ...served, ...lies } });
    expect(seen[0]?.headers).toMatchObject({ 'x-instance-id': 'the-instance', 'x-tenant-id': 'the-project' });
    expect(JSON.stringify(seen[0]?.headers)).not.toContain('"b"');
  });

  it('hands on what a guest posts', async () => {
    const { port, seen } = await nova();
    const headers = { ...served, 'Content-Type': 'text/plain' };
    await ask(await relayTo(port), { method: 'POST', path: '/openstack/latest/password', headers, body: 'secret' });
    expect(seen).toMatchObject([{ method: 'POST', body: 'secret', headers: { 'content-type': 'text/plain' } }]);
  });

  it.each([
    [400, 400],
    [403, 403],
    [404, 404],
    [409, 409],
    [500, 500],
    [204, 500],
    [301, 500],
    [401, 500],
    [503, 500],
  ])("answers Nova's %i with %i", async (status, expected) => {
    const { port } = await nova((_, response) => response.writeHead(status, { Location: 'elsewhere' }).end('inside'));
    const answer = await ask(await relayTo(port));
    expect(answer.status).toBe(expected);
    expect(answer.body).not.toContain('inside');
  });

  it('says that the service is unavailable where Nova is not there, or says nothing', async () => {
    const silent = await nova(() => undefined);
    expect((await ask(await relayTo(silent.port, 50))).status).toBe(503);
    const closed = await listen(() => undefined);
    const [server] = servers.splice(-1);
    server?.close();
    expect((await ask(await relayTo(closed))).status).toBe(503);
    expect(told.join()).not.toContain(secret);
  });

  it('does not let an answer that broke off look whole', async () => {
    const { port } = await nova((_, response) => {
      response.write('half');
      setImmediate(() => response.destroy());
    });
    await expect(ask(await relayTo(port))).rejects.toThrow();
  });

  it('asks Nova nothing for whom it does not know', async () => {
    const { port, seen } = await nova();
    const relayPort = await relayTo(port);
    expect((await ask(relayPort, { headers: { ...served, 'X-Forwarded-For': '10.0.0.6' } })).status).toBe(404);
    expect((await ask(relayPort, { path: 'http://elsewhere/latest' })).status).toBe(400);
    expect(seen).toEqual([]);
  });

  it('survives rubbish', async () => {
    const { port, seen } = await nova();
    const relayPort = await relayTo(port);
    const line = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'GET / HTTP/1.1',
        'POST / HTTP/1.1',
        'Host: x',
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
        '',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line), async (lines) => {
        const socket = connect(relayPort, '127.0.0.1');
        // Whether it is answered or cut off, it ends.
        socket.on('error', () => undefined);
        socket.end(`${lines.join('\r\n')}\r\n\r\n`);
        socket.resume();
        await once(socket, 'close');
      }),
      { numRuns: 50 },
    );
    expect(seen).toEqual([]);
    expect((await ask(relayPort)).status).toBe(200);
  });
});
