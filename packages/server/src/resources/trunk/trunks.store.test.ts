import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { agent } from '@neutronium/model/resources/agent';
import { port } from '@neutronium/model/resources/port';
import { admin, alice, bob, startApi, type Caller, type TestApi } from '@neutronium/testkit/api';
import { agentRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serverContext } from '../../context.ts';
import type { Store } from '../../store/store.ts';
import { PortStatusKeeper } from '../../upkeep/port-status-keeper.ts';
import { trunkDetails } from './trunk-details.ts';

const nova: Caller = { project: admin.project, roles: ['admin', 'service'] };

withStores((fixture) => {
  let api: TestApi;
  let store: Store;
  let keeper: PortStatusKeeper;
  let network_id: string;

  beforeAll(async () => {
    const database = await fixture.newDatabase();
    api = await startApi({ database, settings: { 'networks.network_vlan_ranges': 'elsewhere:1:99' } });
    store = await fixture.open(database);
    keeper = new PortStatusKeeper({
      store,
      hasPort: () => true,
      onProblem: (error) => {
        throw error;
      },
    });
    const heartbeat_timestamp = renderTimestamp(new Date());
    await store.write(serverContext('req-agents'), (writer) =>
      writer.insert(
        agent,
        ['h1', 'h2'].map((host) => agentRecord({ id: `agent of ${host}`, host, heartbeat_timestamp })),
      ),
    );
    network_id = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
  });
  afterAll(async () => {
    await keeper.stop();
    await api[Symbol.asyncDispose]();
  });

  const newPort = async (more: object = {}): Promise<string> =>
    (await api.post('/v2.0/ports', { port: { network_id, ...more } }, alice)).body.port.id;
  const portOf = async (id: string) => (await api.get(`/v2.0/ports/${id}`)).body.port;
  const behind = (port_id: string, segmentation_id: number) => ({
    port_id,
    segmentation_type: 'vlan',
    segmentation_id,
  });
  const bind = (id: string, host: string) => api.put(`/v2.0/ports/${id}`, { port: { 'binding:host_id': host } }, nova);
  const statusOf = async (id: string): Promise<string> => (await api.get(`/v2.0/trunks/${id}`)).body.trunk.status;

  /** A trunk with ports behind its parent, whose tags are 101, 102, … */
  async function makeTrunk(subPorts = 1): Promise<{ id: string; parent: string; members: readonly string[] }> {
    const parent = await newPort();
    const members: string[] = [];
    for (let count = 0; count < subPorts; count += 1) members.push(await newPort());
    const sub_ports = members.map((id, index) => behind(id, 101 + index));
    const { body } = await api.post('/v2.0/trunks', { trunk: { port_id: parent, sub_ports } }, alice);
    return { id: body.trunk.id, parent, members };
  }
  const report = async (host: string, states: Readonly<Record<string, 'wired' | 'absent' | 'dead'>>): Promise<void> => {
    const ports = Object.entries(states).map(([id, state]) => ({ id, state, why: '' }));
    keeper.take(host, { kind: 'port-status', ports, dhcp: [] });
    await keeper.idle();
  };

  describe('the ports of a trunk', () => {
    it('are bound with their parent, move with it, and are nowhere when it is', async () => {
      const { parent, members } = await makeTrunk(2);
      const wheres = async () => Promise.all(members.map(async (id) => (await portOf(id))['binding:host_id']));
      expect(await wheres()).toEqual(['', '']);
      await bind(parent, 'h1');
      expect(await wheres()).toEqual(['h1', 'h1']);
      for (const id of members) {
        expect(await portOf(id)).toMatchObject({ device_owner: 'trunk:subport', 'binding:vif_type': 'ovs' });
      }
      await bind(parent, 'h2');
      expect(await wheres()).toEqual(['h2', 'h2']);
      await bind(parent, '');
      expect(await wheres()).toEqual(['', '']);
    });

    it('are bound when a binding of the parent elsewhere becomes the active one', async () => {
      const { parent, members } = await makeTrunk();
      await api.put(`/v2.0/ports/${parent}`, { port: { 'binding:host_id': 'h1', device_owner: 'compute:nova' } }, nova);
      const made = await api.post(`/v2.0/ports/${parent}/bindings`, { binding: { host: 'h2' } }, nova);
      expect(made.body.binding.vif_details.bridge_name).toMatch(/^tbr-/);
      await api.put(`/v2.0/ports/${parent}/bindings/h2/activate`, undefined, nova);
      expect((await portOf(members[0] ?? ''))['binding:host_id']).toBe('h2');
    });

    it('are bound when they join a parent that is bound, and let go when they leave', async () => {
      const { id, parent } = await makeTrunk(0);
      await bind(parent, 'h1');
      const late = await newPort();
      await api.put(`/v2.0/trunks/${id}/add_subports`, { sub_ports: [behind(late, 7)] }, alice);
      expect(await portOf(late)).toMatchObject({ 'binding:host_id': 'h1', device_owner: 'trunk:subport' });
      await api.put(`/v2.0/trunks/${id}/remove_subports`, { sub_ports: [{ port_id: late }] }, alice);
      expect(await portOf(late)).toMatchObject({ 'binding:host_id': '', device_owner: '', status: 'DOWN' });
      expect((await api.remove(`/v2.0/ports/${late}`, alice)).status).toBe(204);
    });

    it('are let go with the trunk', async () => {
      const { id, parent, members } = await makeTrunk();
      await bind(parent, 'h1');
      expect((await api.remove(`/v2.0/trunks/${id}`, alice)).body.NeutronError.type).toBe('TrunkInUse');
      await bind(parent, '');
      expect((await api.remove(`/v2.0/trunks/${id}`, alice)).status).toBe(204);
      expect(await portOf(members[0] ?? '')).toMatchObject({ device_owner: '' });
      expect((await api.remove(`/v2.0/ports/${parent}`, alice)).status).toBe(204);
    });
  });

  describe('the parent of a trunk', () => {
    it("is plugged into the trunk's own bridge", async () => {
      const { id, parent } = await makeTrunk(0);
      await bind(parent, 'h1');
      const { 'binding:vif_details': details } = await portOf(parent);
      expect(details).toMatchObject({ bridge_name: `tbr-${id}`.slice(0, 14) });
    });

    it('shows what is behind it, to whoever looks at one port or at many', async () => {
      const { id, parent, members } = await makeTrunk();
      const [member = ''] = members;
      const { mac_address } = await portOf(member);
      const trunk_details = { trunk_id: id, sub_ports: [{ ...behind(member, 101), mac_address }] };
      expect(await portOf(parent)).toMatchObject({ trunk_details });
      expect((await api.get(`/v2.0/ports?id=${parent}`, alice)).body.ports).toMatchObject([{ trunk_details }]);
      expect(await portOf(member)).not.toHaveProperty('trunk_details');
    });

    it('costs a list of ports no more statements when it is one of many', async () => {
      const statementsFor = (ids: readonly string[]): Promise<number> =>
        store.read(async (reader) => {
          const ports = await reader.getMany(port, ids);
          const statements = vi.spyOn(reader.db.getExecutor(), 'executeQuery');
          await trunkDetails(reader, ports);
          const { length } = statements.mock.calls;
          statements.mockRestore();
          return length;
        });
      const parents: string[] = [];
      for (let made = 0; made < 10; made += 1) parents.push((await makeTrunk()).parent);
      expect(await statementsFor(parents)).toBe(await statementsFor(parents.slice(0, 1)));
    });
  });

  describe('the status of a trunk', () => {
    it('follows what its host says of its ports', async () => {
      const { id, parent, members } = await makeTrunk(2);
      const [one = '', other = ''] = members;
      expect(await statusOf(id)).toBe('DOWN');
      await bind(parent, 'h1');
      expect(await statusOf(id)).toBe('DOWN');
      await report('h1', { [parent]: 'wired', [one]: 'wired' });
      expect(await statusOf(id)).toBe('DEGRADED');
      await report('h1', { [other]: 'wired' });
      expect(await statusOf(id)).toBe('ACTIVE');
      await report('h1', { [one]: 'dead' });
      expect(await statusOf(id)).toBe('DEGRADED');
      await report('h1', { [parent]: 'absent', [other]: 'absent' });
      expect(await statusOf(id)).toBe('DOWN');
    });

    it('is ERROR while its host has no way to one of the networks; then nothing can be added', async () => {
      const wire = {
        'provider:network_type': 'flat',
        'provider:physical_network': 'elsewhere',
        shared: true,
        mtu: 1280,
      };
      const { body } = await api.post('/v2.0/networks', { network: wire });
      const unreachable = await newPort({ network_id: body.network.id });
      const { id, parent } = await makeTrunk(0);
      const add = (subPort: object) => api.put(`/v2.0/trunks/${id}/add_subports`, { sub_ports: [subPort] }, alice);
      await bind(parent, 'h1');
      expect((await add(behind(unreachable, 7))).body.status).toBe('ERROR');
      expect((await add(behind(await newPort(), 8))).body.NeutronError.type).toBe('TrunkInErrorState');
      const left = await api.put(
        `/v2.0/trunks/${id}/remove_subports`,
        { sub_ports: [{ port_id: unreachable }] },
        alice,
      );
      expect(left.body.status).toBe('DOWN');
    });
  });

  it('no two trunks come to have the same port, however close the requests', async () => {
    const contested = await newPort();
    const parents = await Promise.all([newPort(), newPort(), newPort()]);
    const trunks = [
      ...parents.map((port_id) => ({ port_id, sub_ports: [behind(contested, 5)] })),
      { port_id: contested, sub_ports: [] },
    ];
    const answers = await Promise.all(trunks.map((trunk) => api.post('/v2.0/trunks', { trunk }, alice)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409, 409]);
  });

  it('nobody makes a trunk of the ports of a project that shows them to nobody', async () => {
    const foreign = await newPort();
    const own = (await api.post('/v2.0/networks', { network: {} }, bob)).body.network.id;
    const { body } = await api.post('/v2.0/ports', { port: { network_id: own } }, bob);
    const parent: string = body.port.id;
    const create = async (trunk: object) => (await api.post('/v2.0/trunks', { trunk }, bob)).body.NeutronError.type;
    expect(await create({ port_id: foreign })).toBe('PortNotFound');
    expect(await create({ port_id: parent, sub_ports: [behind(foreign, 5)] })).toBe('PortNotFound');
    const { id } = await makeTrunk();
    for (const action of ['add_subports', 'remove_subports']) {
      const answer = await api.put(`/v2.0/trunks/${id}/${action}`, { sub_ports: [] }, bob);
      expect(answer.body.NeutronError.type).toBe('TrunkNotFound');
    }
  });
});
