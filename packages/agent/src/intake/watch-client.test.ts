import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { cidr } from '@neutronium/net/cidr';
import type { HostView, NetworkView, SubnetView } from '@neutronium/model/host-view';
import { closeCodes } from '@neutronium/model/watch-protocol';
import type { AgentMessage, ServerMessage } from '@neutronium/model/watch-protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { systemClock } from '#effects/clock';
import { WatchClient } from './watch-client.ts';

const network = (id: string, mtu = 1500): NetworkView => ({
  section: 'networks',
  id,
  project_id: 'p',
  mtu,
  admin_state_up: true,
  segments: [],
  dns_domain: '',
});
const subnet: SubnetView = {
  section: 'subnets',
  id: 's',
  network_id: 'a',
  ip_version: 4,
  cidr: cidr('10.0.0.0/24'),
  gateway_ip: null,
  enable_dhcp: true,
  dns_nameservers: [],
  host_routes: [],
  address_scope_id: null,
  ipv6_ra_mode: null,
  ipv6_address_mode: null,
};

/** A queue whose reader waits for what has not come yet. */
class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  push(item: T): void {
    const reader = this.#waiting.shift();
    if (reader === undefined) this.#items.push(item);
    else reader(item);
  }

  next(): Promise<T> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(item);
  }
}

/** A server that accepts agents with the right secret and does what the test says. */
class WatchServer {
  readonly connections = new Queue<Connection>();
  readonly #http: Server = createServer();
  readonly #sockets = new WebSocketServer({ noServer: true });

  async listen(): Promise<string> {
    this.#http.on('upgrade', (request, socket, head) => {
      if (request.url !== '/agent/v1/watch' || request.headers.authorization !== 'Bearer sesame') {
        socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.connections.push(new Connection(accepted)));
    });
    await once(this.#http.listen(0, '127.0.0.1'), 'listening');
    const address = this.#http.address();
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.terminate();
    this.#http.close();
    await once(this.#http, 'close');
  }
}

class Connection {
  readonly socket: WebSocket;
  readonly messages = new Queue<AgentMessage>();

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.messages.push(JSON.parse(data.toString()) as AgentMessage));
  }

  say(message: ServerMessage): void {
    this.socket.send(JSON.stringify(message));
  }
}

interface Running {
  readonly client: WatchClient;
  readonly views: Queue<HostView>;
  readonly ends: Queue<{ readonly reason: string; readonly pauseMs: number }>;
  stop(): Promise<void>;
}

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function startServer(): Promise<{ server: WatchServer; url: string }> {
  const server = new WatchServer();
  const url = await server.listen();
  cleanUps.push(() => server.close());
  return { server, url };
}

function startClient(url: string, { secret = 'sesame', pingEveryMs = 60_000 } = {}): Running {
  const views = new Queue<HostView>();
  const ends = new Queue<{ readonly reason: string; readonly pauseMs: number }>();
  const client = new WatchClient({
    server: url,
    secret,
    host: 'h1',
    agents: () => [],
    events: {
      onView: (view) => views.push(view),
      onQuestion: ({ id }) => client.send({ kind: 'reply', id, answer: { error: 'it is early' } }),
      onConnected: () => undefined,
      onDisconnected: (reason, pauseMs) => ends.push({ reason, pauseMs }),
    },
    clock: systemClock,
    random: () => 0,
    times: { firstPauseMs: 2, lastPauseMs: 20, pingEveryMs, closeMs: 10 },
  });
  const stopping = new AbortController();
  const done = client.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await done;
  };
  cleanUps.push(stop);
  return { client, views, ends, stop };
}

describe('the watch connection', () => {
  it('asks for a snapshot, folds changes in, and resumes from the last after the connection is lost', async () => {
    const { server, url } = await startServer();
    const { client, views } = startClient(url);
    const first = await server.connections.next();
    expect(await first.messages.next()).toMatchObject({ kind: 'hello', host: 'h1', revision: null, agents: [] });
    first.say({ kind: 'snapshot', revision: 5, objects: [network('a'), network('b'), subnet] });
    await views.next();
    first.say({ kind: 'change', revision: 7, set: [network('a', 1400)], remove: [{ section: 'networks', id: 'b' }] });
    await views.next();
    expect([...(client.view?.networks.values() ?? [])]).toEqual([network('a', 1400)]);
    expect([...(client.view?.subnets.values() ?? [])]).toEqual([subnet]);

    first.socket.terminate();
    const second = await server.connections.next();
    expect(await second.messages.next()).toMatchObject({ kind: 'hello', revision: 7 });
    expect(client.view?.revision).toBe(7);
    second.say({ kind: 'snapshot', revision: 3, objects: [] });
    await views.next();
    expect(client.view?.networks.size).toBe(0);
  });

  it('asks for a new snapshot after a frame that it cannot follow, and keeps its view until then', async () => {
    const { server, url } = await startServer();
    const { client, views, ends } = startClient(url);
    const bad = ['{', '[]', '{"kind":"snapshot","revision":-1,"objects":[]}', '{"kind":"order","revision":9}'];
    const worse = [
      { kind: 'change', revision: 9, set: [{ section: 'moons', id: 'x' }], remove: [] },
      { kind: 'change', revision: 2, set: [], remove: [] },
    ];
    for (const frame of [...bad, ...worse.map((message) => JSON.stringify(message))]) {
      const connection = await server.connections.next();
      expect(await connection.messages.next()).toMatchObject({ kind: 'hello' });
      connection.say({ kind: 'snapshot', revision: 5, objects: [network('a')] });
      await views.next();
      connection.socket.send(frame);
      expect((await ends.next()).reason).not.toBe('');
      expect(client.view?.networks.has('a')).toBe(true);
    }
    const last = await server.connections.next();
    expect(await last.messages.next()).toMatchObject({ kind: 'hello', revision: null });
  });

  it('hands questions on, whose answers go back, and keeps its view', async () => {
    const { server, url } = await startServer();
    const { client, views } = startClient(url);
    const connection = await server.connections.next();
    await connection.messages.next();
    connection.say({ kind: 'snapshot', revision: 5, objects: [network('a')] });
    await views.next();
    connection.say({ kind: 'question', id: 7, about: 'drift' });
    expect(await connection.messages.next()).toEqual({ kind: 'reply', id: 7, answer: { error: 'it is early' } });
    expect(client.view?.revision).toBe(5);
  });

  it('does not knock fast at a server that refuses it', async () => {
    const { server, url } = await startServer();
    const stranger = startClient(url, { secret: 'wrong' });
    const end = await stranger.ends.next();
    expect(end.reason).toContain('401');
    expect(end.pauseMs).toBe(20);

    const { ends } = startClient(url);
    const connection = await server.connections.next();
    connection.socket.close(closeCodes.wrongContract, 'contract 2 is spoken here');
    expect(await ends.next()).toEqual({ reason: 'the server closed with 4400 contract 2 is spoken here', pauseMs: 20 });
  });

  it('leaves a server that does not answer pings', async () => {
    const { server, url } = await startServer();
    const { ends } = startClient(url, { pingEveryMs: 5 });
    const connection = await server.connections.next();
    connection.socket.pause();
    expect((await ends.next()).reason).toBe('the connection was lost');
  });

  it('does not wait long for the goodbye of a server when it stops', async () => {
    const { server, url } = await startServer();
    const running = startClient(url);
    const connection = await server.connections.next();
    await connection.messages.next();
    connection.socket.pause();
    await running.stop();
    expect(running.client.send({ kind: 'ack', revision: 1 })).toBe(false);
  });

  it('waits for a server that is not there yet', async () => {
    const { server, url } = await startServer();
    await server.close();
    const { ends } = startClient(url);
    expect((await ends.next()).reason).toContain('ECONNREFUSED');
    cleanUps.splice(0, 1);
  });

  it('says that a message is lost while there is no connection', async () => {
    const { server, url } = await startServer();
    const running = startClient(url);
    const { client, views } = running;
    expect(client.send({ kind: 'ack', revision: 1 })).toBe(false);
    const connection = await server.connections.next();
    await connection.messages.next();
    connection.say({ kind: 'snapshot', revision: 1, objects: [] });
    await views.next();
    expect(client.send({ kind: 'ack', revision: 1 })).toBe(true);
    expect(await connection.messages.next()).toEqual({ kind: 'ack', revision: 1 });
    await running.stop();
    expect(client.send({ kind: 'ack', revision: 2 })).toBe(false);
  });
});
