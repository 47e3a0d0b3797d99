// The API server alone, as a process of its own, asked over loopback by clients in this process.

import { join } from 'node:path';
import { ServerProcess } from '@neutronium/testkit/server-process';
import { Client, rate } from './load.ts';
import { rawPortRate } from './raw-sqlite.ts';
import { type Benchmark, judged, percentile, type Result } from './result.ts';

const settings = { 'auth.mode': 'noauth', 'quotas.port': '-1', 'log.level': 'error' };
const project = '5f2d9a3b1c4e4f6f8a7b6c5d4e3f2a1b';
const headers = { 'x-user-id': 'bench', 'x-project-id': project, 'x-roles': 'member,reader' };

const startUp: Benchmark = {
  ids: ['api.start.first-answer'],
  async run() {
    const times: number[] = [];
    await using server = await ServerProcess.start({ settings });
    for (let round = 0; round < 5; round += 1) {
      await server.stop();
      await server.resume();
      times.push(server.firstAnswerMs);
    }
    return [judged({ id: 'api.start.first-answer', value: percentile(times, 0.5), unit: 'ms', atMost: 1000 })];
  },
};

const clientCounts = [1, 8, 32] as const;

const createPorts: Benchmark = {
  ids: [...clientCounts.map((n) => `api.port-create.rate.${n}-clients`), 'api.port-create.raw-sqlite.rate'],
  async run(wanted) {
    const results: Result[] = [];
    await using server = await ServerProcess.start({ settings });
    const first = new Client(server.url, headers);
    const network = await networkWithSubnet(first, '10.64.0.0/12');
    const created: string[] = [];
    for (const count of clientCounts) {
      const id = `api.port-create.rate.${count}-clients`;
      const clients = Array.from({ length: count }, () => new Client(server.url, headers));
      const createOne = async (client: Client) => {
        created.push(await createPort(client, network));
      };
      await rate({ clients, total: 200, work: createOne });
      const value = await rate({ clients, total: 2000, work: createOne });
      for (const client of clients) client.close();
      results.push(count === 8 ? judged({ id, value, unit: '/s', atLeast: 500 }) : judged({ id, value, unit: '/s' }));
    }
    first.close();
    const raw = 'api.port-create.raw-sqlite.rate';
    if (wanted(raw)) {
      await server.stop();
      const value = rawPortRate(join(server.folder, 'neutronium.db'), created.slice(0, 2000));
      results.push(judged({ id: raw, value, unit: '/s' }));
    }
    return results;
  },
};

const listPorts: Benchmark = {
  ids: [
    'api.port-list.1000',
    'api.port-list.10000',
    'api.port-list.10000.others.p50',
    'api.port-list.10000.others.max',
    'api.memory.10000-ports',
  ],
  async run() {
    await using server = await ServerProcess.start({ settings });
    const client = new Client(server.url, headers);
    const network = await networkWithSubnet(client, '10.64.0.0/12');
    const results: Result[] = [];
    let existing = 0;
    for (const [count, goal] of [
      [1000, 25],
      [10_000, 250],
    ] as const) {
      for (; existing < count; existing += 500) await createPortsAtOnce(client, network, 500);
      const times: number[] = [];
      // The median of this many is that of a server which has answered such a list before.
      for (let round = 0; round < 30; round += 1) {
        const startedAt = performance.now();
        const { body, status } = await client.send('GET', '/v2.0/ports');
        times.push(performance.now() - startedAt);
        if (status !== 200 || body.length < count * 100)
          throw new Error(`listing ports: ${status}, ${body.length} bytes`);
      }
      results.push(judged({ id: `api.port-list.${count}`, value: percentile(times, 0.5), unit: 'ms', atMost: goal }));
    }
    const waits = await waitsOfOthers(client, new Client(server.url, headers));
    results.push(
      judged({ id: 'api.port-list.10000.others.p50', value: percentile(waits, 0.5), unit: 'ms' }),
      judged({ id: 'api.port-list.10000.others.max', value: Math.max(...waits), unit: 'ms' }),
    );
    results.push(judged({ id: 'api.memory.10000-ports', value: await server.memoryMb(), unit: 'MB' }));
    client.close();
    return results;
  },
};

/** Milliseconds that small requests take, one after the other, while somebody lists all ports. */
async function waitsOfOthers(lister: Client, other: Client): Promise<readonly number[]> {
  const waits: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const listed = new AbortController();
    const list = lister.send('GET', '/v2.0/ports').finally(() => listed.abort());
    while (!listed.signal.aborted) {
      const startedAt = performance.now();
      await other.json('GET', '/v2.0/networks?fields=id');
      waits.push(performance.now() - startedAt);
    }
    await list;
  }
  other.close();
  return waits;
}

export const apiBenchmarks: readonly Benchmark[] = [startUp, createPorts, listPorts];

/** Id of a new network with one subnet. */
async function networkWithSubnet(client: Client, cidr: string): Promise<string> {
  const { network } = (await client.json('POST', '/v2.0/networks', { network: {} })) as { network: { id: string } };
  await client.json('POST', '/v2.0/subnets', { subnet: { network_id: network.id, ip_version: 4, cidr } });
  return network.id;
}

async function createPort(client: Client, network_id: string): Promise<string> {
  const { port } = (await client.json('POST', '/v2.0/ports', { port: { network_id } })) as { port: { id: string } };
  return port.id;
}

async function createPortsAtOnce(client: Client, network_id: string, count: number): Promise<void> {
  await client.json('POST', '/v2.0/ports', { ports: Array.from({ length: count }, () => ({ network_id })) });
}
