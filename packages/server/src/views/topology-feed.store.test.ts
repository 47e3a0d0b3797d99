import type { HostObject } from '@neutronium/model/host-view';
import { agent } from '@neutronium/model/resources/agent';
import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { startApi, type TestApi } from '@neutronium/testkit/api';
import { agentRecord } from '@neutronium/testkit/records';
import { settled, withStores } from '@neutronium/testkit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverContext } from '../context.ts';
import type { Store } from '../store/store.ts';
import { Topology } from './topology.ts';

const host = 'h1';

withStores((fixture) => {
  let api: TestApi;
  let store: Store;

  beforeAll(async () => {
    const database = await fixture.newDatabase();
    api = await startApi({ database });
    store = await fixture.open(database);
    // Ports are bound to hosts whose agents live.
    const heartbeat_timestamp = renderTimestamp(new Date());
    await store.write(serverContext('req-agent'), (writer) =>
      writer.insert(agent, [agentRecord({ host, heartbeat_timestamp })]),
    );
  });
  afterAll(async () => api[Symbol.asyncDispose]());

  async function create(collection: string, body: Readonly<Record<string, unknown>>): Promise<string> {
    const word = collection.replace(/s$/, '');
    const answer = await api.post(`/v2.0/${collection.replaceAll('_', '-')}`, { [word]: body });
    expect(answer.body).toMatchObject({ [word]: { id: expect.any(String) } });
    return answer.body[word].id;
  }

  async function loaded(): Promise<Topology> {
    const topology = new Topology('example.org.');
    await store.read((reader) => topology.load(reader));
    return topology;
  }

  /** What the host is told of what ports admit, by name. */
  const security = (topology: Topology) =>
    new Map<string, HostObject>(
      topology
        .objectsOf(host)
        .filter(({ section }) => section === 'security_groups' || section === 'address_set_members')
        .map((object): [string, HostObject] => [`${object.section}/${object.id}`, object])
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    );

  describe('what a host is told of security groups', () => {
    it('is the same, read from the tables or followed through the log, after every request', async () => {
      const followed = await loaded();
      let revision = await settled(store);
      const network = await create('networks', {});
      await create('subnets', { network_id: network, ip_version: 4, cidr: '10.0.0.0/24' });
      const web = await create('security_groups', { name: 'web' });
      const db = await create('security_groups', { name: 'db' });
      const friends = await create('address_groups', { name: 'friends', addresses: ['192.0.2.1/32'] });
      const bound = { network_id: network, 'binding:host_id': host };
      const rule = { security_group_id: web, direction: 'ingress' };
      const ids = new Map<string, string>();
      const steps: readonly (() => Promise<unknown>)[] = [
        async () => ids.set('p1', await create('ports', { ...bound, security_groups: [web] })),
        async () => ids.set('p2', await create('ports', { network_id: network, security_groups: [db, web] })),
        async () => ids.set('r1', await create('security_group_rules', { ...rule, remote_group_id: db })),
        async () =>
          create('security_group_rules', { ...rule, protocol: 'tcp', port_range_min: 22, port_range_max: 22 }),
        async () => ids.set('r2', await create('security_group_rules', { ...rule, remote_address_group_id: friends })),
        async () => api.put(`/v2.0/address-groups/${friends}/add_addresses`, { addresses: ['198.51.100.0/24'] }),
        async () => api.put(`/v2.0/address-groups/${friends}/remove_addresses`, { addresses: ['192.0.2.1/32'] }),
        async () =>
          api.put(`/v2.0/ports/${ids.get('p2')}`, { port: { allowed_address_pairs: [{ ip_address: '10.9.0.0/16' }] } }),
        async () => api.put(`/v2.0/security-groups/${web}`, { security_group: { name: 'www' } }),
        async () => api.put(`/v2.0/ports/${ids.get('p1')}`, { port: { security_groups: [web, db] } }),
        async () => api.remove(`/v2.0/ports/${ids.get('p2')}`),
        async () => api.remove(`/v2.0/security-group-rules/${ids.get('r2')}`),
        async () => api.remove(`/v2.0/address-groups/${friends}`),
        async () => api.put(`/v2.0/ports/${ids.get('p1')}`, { port: { security_groups: [web] } }),
        // The rule that named it goes with it.
        async () => api.remove(`/v2.0/security-groups/${db}`),
      ];
      const sizes: number[] = [];
      for (const step of steps) {
        await step();
        await settled(store);
        const entries = await store.changesAfter(revision, 1000);
        for (const entry of entries) followed.apply(entry);
        revision = entries.at(-1)?.revision ?? revision;
        expect(security(followed)).toEqual(security(await loaded()));
        sizes.push(security(followed).size);
      }
      // web; p2 in db; the address; a second address; only it; p1 in db with its group; without p2; without addresses.
      expect(sizes).toEqual([1, 1, 2, 2, 3, 4, 3, 3, 3, 5, 4, 3, 3, 1, 1]);
    });
  });
});
