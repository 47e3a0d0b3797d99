// What single requests cost on a cloud of some size: how many of each kind the server answers in a second, from one
// client, eight, and as many as a busy Nova keeps open; on SQLite, and on PostgreSQL where it is installed.

import { ServerProcess } from '@neutronium/testkit/server-process';
import { findPostgres, startPostgres } from '../tools/postgres.ts';
import { Client, rate } from './load.ts';
import { type Benchmark, judged, type Result } from './result.ts';

const project = '5f2d9a3b1c4e4f6f8a7b6c5d4e3f2a1b';
const headers = { 'x-user-id': 'bench', 'x-project-id': project, 'x-roles': 'member,reader' };
const settings = {
  'auth.mode': 'noauth',
  'log.level': 'error',
  'quotas.port': '-1',
  'quotas.network': '-1',
  'quotas.subnet': '-1',
  'quotas.router': '-1',
  'quotas.security_group': '-1',
  'quotas.security_group_rule': '-1',
};

const clientCounts = [1, 8, 32] as const;
const presentPorts = 1000;
const bulkSize = 100;

/** What a request of one kind is sent to. */
interface Cloud {
  readonly networkId: string;
  readonly groupId: string;
  readonly portIds: readonly string[];
}

interface Kind {
  readonly name: string;
  /** Requests that one figure is made of. */
  readonly total: number;
  /** Answers one request or the few that belong together; `number` is different each time. */
  readonly work: (client: Client, cloud: Cloud, number: number) => Promise<void>;
}

const kinds: readonly Kind[] = [
  {
    // As Nova asks for the ports of an instance, and Horizon for a page.
    name: 'list-filtered',
    total: 400,
    work: async (client, { networkId }, number) => {
      const filter = `network_id=${networkId}&name=port-${number % presentPorts}&fields=id&fields=fixed_ips`;
      await client.json('GET', `/v2.0/ports?${filter}`);
    },
  },
  {
    name: 'list-page-of-100',
    total: 100,
    work: async (client, { networkId }) => {
      await client.json('GET', `/v2.0/ports?network_id=${networkId}&fields=id&fields=status&limit=100`);
    },
  },
  {
    name: 'show',
    total: 800,
    work: async (client, { portIds }, number) => {
      await client.json('GET', `/v2.0/ports/${portIds[number % portIds.length]}`);
    },
  },
  {
    name: 'update',
    total: 400,
    work: async (client, { portIds }, number) => {
      const port = { description: `changed ${number}` };
      await client.json('PUT', `/v2.0/ports/${portIds[number % portIds.length]}`, { port });
    },
  },
  {
    name: 'create-and-delete',
    total: 200,
    work: async (client, { networkId }) => {
      const port = await created(client, 'ports', { port: { network_id: networkId } });
      await client.json('DELETE', `/v2.0/ports/${port}`);
    },
  },
  {
    name: `bulk-of-${bulkSize}`,
    total: 16,
    work: async (client, { networkId: network_id }) => {
      await client.json('POST', '/v2.0/ports', { ports: Array.from({ length: bulkSize }, () => ({ network_id })) });
    },
  },
  {
    name: 'security-group-rule',
    total: 400,
    work: async (client, { groupId: security_group_id }, number) => {
      // No two rules of a group may be alike.
      const range = { port_range_min: 1 + (number % 60_000), port_range_max: 60_001 + Math.floor(number / 60_000) };
      const security_group_rule = { security_group_id, direction: 'ingress', protocol: 'tcp', ...range };
      await client.json('POST', '/v2.0/security-group-rules', { security_group_rule });
    },
  },
  {
    name: 'router-with-interface',
    total: 80,
    work: async (client) => {
      const network_id = await created(client, 'networks', { network: {} });
      const subnet = { network_id, ip_version: 4, cidr: '10.0.0.0/24', enable_dhcp: false };
      const subnet_id = await created(client, 'subnets', { subnet });
      const router = await created(client, 'routers', { router: {} });
      await client.json('PUT', `/v2.0/routers/${router}/add_router_interface`, { subnet_id });
    },
  },
];

const idsOf = (database: string): readonly string[] =>
  kinds.flatMap(({ name }) => clientCounts.map((count) => `requests.${database}.${name}.${count}-clients`));

async function measure(
  database: string,
  url: string | undefined,
  wanted: (id: string) => boolean,
): Promise<readonly Result[]> {
  await using server = await ServerProcess.start({
    settings: { ...settings, ...(url === undefined ? {} : { 'database.url': url }) },
  });
  const clients = Array.from({ length: Math.max(...clientCounts) }, () => new Client(server.url, headers));
  const [first] = clients;
  if (first === undefined) throw new Error('there are no clients');
  const cloud = await fill(first);
  const results: Result[] = [];
  let number = 0;
  for (const { name, total, work } of kinds) {
    for (const count of clientCounts) {
      const id = `requests.${database}.${name}.${count}-clients`;
      if (!wanted(id)) continue;
      const run = (requests: number): Promise<number> =>
        rate({
          clients: clients.slice(0, count),
          total: requests,
          work: (client) => {
            number += 1;
            return work(client, cloud, number);
          },
        });
      await run(Math.ceil(total / 10));
      results.push(judged({ id, value: await run(total), unit: '/s' }));
    }
  }
  for (const client of clients) client.close();
  return results;
}

async function fill(client: Client): Promise<Cloud> {
  const networkId = await created(client, 'networks', { network: {} });
  const subnet = { network_id: networkId, ip_version: 4, cidr: '10.64.0.0/12', enable_dhcp: false };
  await created(client, 'subnets', { subnet });
  const groupId = await created(client, 'security-groups', { security_group: { name: 'bench' } });
  const portIds: string[] = [];
  for (let from = 0; from < presentPorts; from += bulkSize) {
    const ports = Array.from({ length: bulkSize }, (_, index) => ({
      network_id: networkId,
      name: `port-${from + index}`,
    }));
    const answer = await client.json('POST', '/v2.0/ports', { ports });
    // What the API promises of a bulk request.
    for (const { id } of answer['ports'] as readonly { readonly id: string }[]) portIds.push(id);
  }
  return { networkId, groupId, portIds };
}

/** The id of a new object; `body` names its kind. */
async function created(client: Client, collection: string, body: Readonly<Record<string, object>>): Promise<string> {
  const answer = await client.json('POST', `/v2.0/${collection}`, body);
  // One object of the kind that was asked for, as the API promises.
  return (answer[Object.keys(body)[0] ?? ''] as { readonly id: string }).id;
}

const onSqlite: Benchmark = { ids: idsOf('sqlite'), run: (wanted) => measure('sqlite', undefined, wanted) };

const onPostgres: Benchmark = {
  ids: idsOf('postgres'),
  async run(wanted) {
    const bin = findPostgres();
    if (bin === undefined) throw new Error('the figures on PostgreSQL need Debian’s PostgreSQL server');
    const postgres = await startPostgres(bin);
    try {
      return await measure('postgres', postgres.url, wanted);
    } finally {
      await postgres.stop();
    }
  },
};

export const requestBenchmarks: readonly Benchmark[] = [onSqlite, onPostgres];
