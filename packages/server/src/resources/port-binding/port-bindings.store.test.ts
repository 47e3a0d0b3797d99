import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { agent } from '@neutronium/model/resources/agent';
import { admin, alice, bob, startApi, type TestApi } from '@neutronium/testkit/api';
import { agentRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serverContext } from '../../context.ts';
import type { Store } from '../../store/store.ts';
import { Topology } from '../../views/topology.ts';

const hosts = ['h1', 'h2', 'h3'];
const nova = { project: admin.project, roles: ['admin', 'service'] };

withStores((fixture) => {
  let api: TestApi;
  let store: Store;
  let network_id: string;

  beforeAll(async () => {
    const database = await fixture.newDatabase();
    api = await startApi({ database });
    store = await fixture.open(database);
    const heartbeat_timestamp = renderTimestamp(new Date());
    await store.write(serverContext('req-agents'), (writer) =>
      writer.insert(
        agent,
        hosts.map((host) => agentRecord({ id: `agent of ${host}`, host, heartbeat_timestamp })),
      ),
    );
    network_id = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
  });
  afterAll(async () => api[Symbol.asyncDispose]());

  /** The path of the bindings of a new port of an instance on h1. */
  async function bindingsPath(more: object = {}): Promise<string> {
    const wanted = { network_id, project_id: alice.project, device_owner: 'compute:nova', 'binding:host_id': 'h1' };
    const { body } = await api.post('/v2.0/ports', { port: { ...wanted, ...more } }, nova);
    return `/v2.0/ports/${body.port.id}/bindings`;
  }
  const bind = (path: string, host: string, more: object = {}) => api.post(path, { binding: { host, ...more } }, nova);
  const list = async (path: string) =>
    (await api.get(`${path}?fields=host&fields=status&fields=vif_type`, nova)).body.bindings;
  const portOf = async (path: string) => (await api.get(path.replace('/bindings', ''), nova)).body.port;

  describe('a binding of a port', () => {
    it('is made beside the active one, and inactive', async () => {
      const path = await bindingsPath();
      const made = await bind(path, 'h2', { profile: { slot: 1 } });
      expect(made.status).toBe(201);
      expect(made.body.binding).toMatchObject({ host: 'h2', status: 'INACTIVE', vif_type: 'ovs', vnic_type: 'normal' });
      expect((await api.get(`${path}/h2`, nova)).body).toEqual(made.body);
      expect(await list(path)).toEqual([
        { host: 'h1', status: 'ACTIVE', vif_type: 'ovs' },
        { host: 'h2', status: 'INACTIVE', vif_type: 'ovs' },
      ]);
      expect((await api.get(`${path}?status=INACTIVE`, nova)).body.bindings).toEqual([made.body.binding]);
      expect(await portOf(path)).toMatchObject({ 'binding:host_id': 'h1', 'binding:profile': {} });
    });

    it('moves the port when it is activated, and back again', async () => {
      const path = await bindingsPath();
      await bind(path, 'h2', { profile: { slot: 1 } });
      const moved = await api.put(`${path}/h2/activate`, undefined, nova);
      expect(moved.status).toBe(200);
      expect(moved.body).toMatchObject({ host: 'h2', status: 'ACTIVE', profile: { slot: 1 } });
      expect(await list(path)).toEqual([
        { host: 'h1', status: 'INACTIVE', vif_type: 'unbound' },
        { host: 'h2', status: 'ACTIVE', vif_type: 'ovs' },
      ]);
      expect(await portOf(path)).toMatchObject({
        status: 'DOWN',
        'binding:host_id': 'h2',
        'binding:profile': { slot: 1 },
      });
      expect((await api.put(`${path}/h2/activate`, undefined, nova)).body.NeutronError.type).toBe(
        'PortBindingAlreadyActive',
      );
      await api.put(`${path}/h1/activate`, undefined, nova);
      expect(await portOf(path)).toMatchObject({ 'binding:host_id': 'h1', 'binding:vif_type': 'ovs' });
    });

    it('tells the host that it takes the port from, the host that it gives the port to, and no other', async () => {
      const path = await bindingsPath();
      const { id } = await portOf(path);
      await bind(path, 'h2');
      const topology = new Topology('example.org.');
      await store.read((reader) => topology.load(reader));
      const revision = await store.revision();
      expect(topology.object('h2', { section: 'ports', id })).toBeUndefined();
      await api.put(`${path}/h2/activate`, undefined, nova);
      // A server that gives its revisions after the commit may not have given this one yet.
      const move = await vi.waitFor(async () => {
        const entries = await store.changesAfter(revision, 100);
        const found = entries.find((entry) => entry.id === id && entry.after?.['binding:host_id'] === 'h2');
        expect(found).toBeDefined();
        return found;
      });
      const affected = move === undefined ? undefined : topology.apply(move);
      const told = hosts.filter((host) => affected?.of(host).some((key) => key.section === 'ports' && key.id === id));
      expect(told).toEqual(['h1', 'h2']);
      expect(topology.object('h1', { section: 'ports', id })).toBeUndefined();
      expect(topology.object('h2', { section: 'ports', id })).toMatchObject({ host: 'h2' });
    });

    it('changes, inactive or active', async () => {
      const path = await bindingsPath();
      await bind(path, 'h2');
      const change = (host: string, binding: object) => api.put(`${path}/${host}`, { binding }, nova);
      expect((await change('h2', { profile: { a: 1 } })).body.binding).toMatchObject({ host: 'h2', profile: { a: 1 } });
      expect((await change('h1', { profile: { b: 1 } })).body.binding).toMatchObject({ host: 'h1', profile: { b: 1 } });
      expect((await portOf(path))['binding:profile']).toEqual({ b: 1 });
      expect((await change('h2', { vnic_type: 'macvtap' })).body.NeutronError.type).toBe('PortBindingError');
      expect((await change('h1', { vnic_type: 'macvtap' })).body.NeutronError.type).toBe('PortBindingError');
      expect(await portOf(path)).toMatchObject({ 'binding:vnic_type': 'normal', 'binding:vif_type': 'ovs' });
    });

    it('goes: an inactive one without the port noticing, the active one with the port unbound', async () => {
      const path = await bindingsPath();
      await bind(path, 'h2');
      const { revision_number } = await portOf(path);
      expect((await api.remove(`${path}/h2`, nova)).status).toBe(204);
      expect((await portOf(path)).revision_number).toBe(revision_number);
      expect((await api.remove(`${path}/h2`, nova)).body.NeutronError.message).toMatch(
        /for host h2 could not be found/,
      );
      expect((await api.remove(`${path}/h1`, nova)).status).toBe(204);
      expect(await portOf(path)).toMatchObject({ 'binding:host_id': '', 'binding:vif_type': 'unbound' });
    });

    it('is the active one once the port is moved there in the older way', async () => {
      const path = await bindingsPath();
      await bind(path, 'h2');
      await api.put(path.replace('/bindings', ''), { port: { 'binding:host_id': 'h2' } }, nova);
      expect(await list(path)).toEqual([{ host: 'h2', status: 'ACTIVE', vif_type: 'ovs' }]);
    });

    it('is refused where there is one already, nothing to wire it, no host, or no instance', async () => {
      const path = await bindingsPath();
      const refused = async (...request: Parameters<typeof bind>) => (await bind(...request)).body.NeutronError.type;
      expect(await refused(path, 'h1')).toBe('PortBindingAlreadyExists');
      expect(await refused(path, 'nowhere')).toBe('PortBindingError');
      expect(await refused(path, '')).toBe('InvalidInput');
      expect(await refused(await bindingsPath({ device_owner: 'network:other' }), 'h2')).toBe('BadRequest');
      expect(await refused('/v2.0/ports/none/bindings', 'h2')).toBe('PortNotFound');
      expect(await list(path)).toHaveLength(1);
    });

    it('is made, moved and removed by services alone, and seen by administrators', async () => {
      const path = await bindingsPath();
      for (const as of [admin, alice]) {
        expect((await api.post(path, { binding: { host: 'h2' } }, as)).status).toBe(403);
        expect([403, 404]).toContain((await api.put(`${path}/h1/activate`, undefined, as)).status);
        expect([403, 404]).toContain((await api.remove(`${path}/h1`, as)).status);
      }
      expect((await api.get(path, admin)).body.bindings).toHaveLength(1);
      expect((await api.get(path, alice)).body).toEqual({ bindings: [] });
      expect((await api.get(path, bob)).body.NeutronError.type).toBe('PortNotFound');
    });

    it('goes with its port', async () => {
      const path = await bindingsPath();
      await bind(path, 'h2');
      expect((await api.remove(path.replace('/bindings', ''), nova)).status).toBe(204);
      const left = await store.read(({ db }) =>
        db
          .selectFrom('inactive_port_bindings')
          .select('host')
          .where('port_id', '=', path.split('/')[3] ?? '')
          .execute(),
      );
      expect(left).toEqual([]);
    });
  });
});
