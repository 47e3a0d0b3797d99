import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { contractVersion, type HostObject } from '@neutronium/model/host-view';
import { network } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { subnet } from '@neutronium/model/resources/subnet';
import { closeCodes, type AgentMessage, type ServerMessage } from '@neutronium/model/watch-protocol';
import { networkRecord, portRecord, subnetRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { serverContext } from '../context.ts';
import type { Store } from '../store/store.ts';
import { TopologyFeed } from '../views/topology-feed.ts';
import { HostQuestions } from './host-questions.ts';
import { LiveRevisions } from './live-revisions.ts';
import { WatchServer } from './watch-server.ts';

const context = serverContext('req-1');
const bound = (host: string) => ({ 'binding:host_id': host, 'binding:vif_type': 'ovs' });

/** An agent's end of the connection, whose frames are waited for one by one. */
class Agent {
  readonly socket: WebSocket;
  readonly #frames: ServerMessage[] = [];
  readonly #waiting: ((frame: ServerMessage) => void)[] = [];

  constructor(url: string, secret = 'sesame') {
    this.socket = new WebSocket(url, { headers: { authorization: `Bearer ${secret}` } });
    // A refused or broken connection ends with an event of its own, which tests look at.
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString('utf8')) as ServerMessage;
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#frames.push(frame);
      else waiting(frame);
    });
  }

  async hello(host: string, revision: number | null = null, contract = contractVersion): Promise<void> {
    if (this.socket.readyState !== this.socket.OPEN) await once(this.socket, 'open');
    this.say({ kind: 'hello', contract, host, revision, agents: [] });
  }

  say(message: AgentMessage): void {
    this.socket.send(JSON.stringify(message));
  }

  next(): Promise<ServerMessage> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async closed(): Promise<number> {
    const [code] = (await once(this.socket, 'close')) as [number];
    return code;
  }
}

withStores((fixture) => {
  let store: Store;
  let feed: TopologyFeed;
  let watch: WatchServer;
  const questions = new HostQuestions({ patienceMs: 60_000 });
  let http: Server;
  let url: string;
  const agents: Agent[] = [];

  const newFeed = () =>
    new TopologyFeed({ store, dnsDomain: 'example.org', onProblem: (error) => expect.fail(String(error)) });
  const serve = async (of: TopologyFeed): Promise<{ watch: WatchServer; http: Server; url: string }> => {
    const reports = {
      hello: () => undefined,
      heartbeat: () => undefined,
      portStatus: () => undefined,
      floatingIpStatus: () => undefined,
      haRouterStatus: () => undefined,
    };
    const server = new WatchServer({
      feed: of,
      reports,
      secret: 'sesame',
      live: new LiveRevisions(),
      questions,
      onProblem: () => undefined,
    });
    const listening = createServer();
    server.attach(listening);
    await once(listening.listen(0, '127.0.0.1'), 'listening');
    const address = listening.address();
    const socketPort = typeof address === 'object' && address !== null ? address.port : 0;
    return { watch: server, http: listening, url: `ws://127.0.0.1:${socketPort}/agent/v1/watch` };
  };

  beforeAll(async () => {
    store = await fixture.open();
    feed = newFeed();
    await feed.start();
    ({ watch, http, url } = await serve(feed));
  });
  afterAll(async () => {
    await watch.close();
    http.close();
    await feed.stop();
  });
  afterEach(() => {
    for (const agent of agents.splice(0)) agent.socket.terminate();
  });

  const connect = (secret?: string, where = url): Agent => {
    const agent = new Agent(where, secret);
    agents.push(agent);
    return agent;
  };

  let hosts = 0;
  let host: string;
  let net: string;
  beforeEach(async () => {
    hosts += 1;
    host = `host-${hosts}`;
    const record = networkRecord({ name: host });
    net = record.id;
    await store.write(context, async (writer) => {
      await writer.insert(network, [record]);
      await writer.insert(subnet, [subnetRecord({ id: `subnet-of-${net}`, network_id: net })]);
    });
  });
  const insertPort = async (more: Partial<PortRecord>): Promise<string> => {
    const [record] = await store.write(context, (writer) =>
      writer.insert(port, [portRecord({ network_id: net, ...more })]),
    );
    return record?.id ?? '';
  };
  const names = (objects: readonly HostObject[]): readonly string[] =>
    objects.map(({ section, id }) => `${section}/${id}`).toSorted();

  describe('an agent', () => {
    it.each(['wrong', '', 'sesame2'])('is not let in with the secret "%s"', async (secret) => {
      const [response] = await once(connect(secret).socket, 'unexpected-response').then(([, answer]) => [answer]);
      expect(response.statusCode).toBe(401);
    });

    it('that comes before the server has read what there is gets all of it', async () => {
      const id = await insertPort(bound(host));
      const early = newFeed();
      const other = await serve(early);
      const agent = connect('sesame', other.url);
      await agent.hello(host);
      await vi.waitFor(() => expect(other.watch.hosts).toContain(host));
      await early.start();
      const snapshot = await agent.next();
      expect(snapshot.kind === 'snapshot' ? names(snapshot.objects) : []).toContain(`ports/${id}`);
      await other.watch.close();
      other.http.close();
      await early.stop();
    });

    it('finds nothing on another path', async () => {
      const [, response] = await once(connect('sesame', url.replace('watch', 'other')).socket, 'unexpected-response');
      expect(response.statusCode).toBe(404);
    });

    it('is turned away when it speaks another contract', async () => {
      const agent = connect();
      await agent.hello(host, null, contractVersion + 1);
      expect(await agent.closed()).toBe(closeCodes.wrongContract);
    });

    it.each(['{', '[]', '{"kind":"ack","revision":1}', '{"kind":"order"}'])('is turned away by %s', async (frame) => {
      const agent = connect();
      await once(agent.socket, 'open');
      agent.socket.send(frame);
      expect(await agent.closed()).toBe(closeCodes.refused);
    });

    it('is replaced by a newer connection of its host', async () => {
      const older = connect();
      await older.hello(host);
      await older.next();
      const newer = connect();
      const end = older.closed();
      await newer.hello(host);
      expect(await end).toBe(closeCodes.replaced);
      expect(await newer.next()).toMatchObject({ kind: 'snapshot' });
    });
  });

  describe('a host', () => {
    it('is sent its own view, and then what changes in it', async () => {
      const agent = connect();
      await agent.hello(host);
      expect(await agent.next()).toMatchObject({ kind: 'snapshot', objects: [] });

      const elsewhere = await insertPort(bound('elsewhere'));
      const mine = await insertPort(bound(host));
      const first = await agent.next();
      expect(first.kind === 'change' && names(first.set)).toEqual(
        [`networks/${net}`, `ports/${mine}`, `subnets/subnet-of-${net}`].toSorted(),
      );
      expect(JSON.stringify(first)).not.toContain(elsewhere);

      await store.write(context, (writer) => writer.update(network, net, { mtu: 1400 }));
      expect(await agent.next()).toMatchObject({ kind: 'change', set: [{ id: net, mtu: 1400 }], remove: [] });

      await store.write(context, (writer) => writer.remove(port, mine));
      const last = await agent.next();
      expect(last.kind === 'change' && last.remove.map(({ section }) => section).toSorted()).toEqual([
        'networks',
        'ports',
        'subnets',
      ]);
    });

    it('knows all ports of a network whose DHCP it serves', async () => {
      const elsewhere = await insertPort(bound('elsewhere'));
      const service = await insertPort({ ...bound(host), device_owner: 'network:dhcp', device_id: 'dhcp-1' });
      const agent = connect();
      await caughtUp();
      await agent.hello(host);
      const snapshot = await agent.next();
      expect(snapshot.kind === 'snapshot' && names(snapshot.objects)).toEqual(
        [
          `dhcp/${net}`,
          `networks/${net}`,
          `ports/${elsewhere}`,
          `ports/${service}`,
          `subnets/subnet-of-${net}`,
        ].toSorted(),
      );
    });

    it('goes on from the revision that it has', async () => {
      const gone = await insertPort(bound(host));
      await caughtUp();
      const revision = feed.revision;
      await store.write(context, (writer) => writer.remove(port, gone));
      const added = await insertPort(bound(host));
      await caughtUp();
      const agent = connect();
      await agent.hello(host, revision);
      const change = await agent.next();
      expect(change).toMatchObject({ kind: 'change', revision: feed.revision });
      if (change.kind !== 'change') throw new Error('not a change');
      expect(names(change.set)).toContain(`ports/${added}`);
      expect(change.remove).toContainEqual({ section: 'ports', id: gone });
    });

    it('begins anew when it has a revision that never was', async () => {
      const agent = connect();
      await agent.hello(host, 1_000_000);
      expect(await agent.next()).toMatchObject({ kind: 'snapshot' });
    });
  });

  /** Resolves when the feed has folded in everything that is written so far. */
  async function caughtUp(): Promise<void> {
    const written = await store.read(({ db }) => db.selectFrom('change_log').select('entry').execute());
    await vi.waitFor(() => expect(feed.revision).toBe(written.length), { interval: 5, timeout: 60_000 });
  }
});
