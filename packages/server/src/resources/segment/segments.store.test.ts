import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { agent } from '@neutronium/model/resources/agent';
import { admin, alice, startApi, type TestApi } from '@neutronium/testkit/api';
import { agentRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverContext } from '../../context.ts';

withStores((fixture) => {
  let api: TestApi;
  beforeAll(async () => {
    const database = await fixture.newDatabase();
    api = await startApi({
      database,
      settings: {
        'networks.network_vlan_ranges': 'physnet1:100:199,physnet2:100:199',
        'networks.vni_ranges': '1:1000',
      },
    });
    const heartbeat_timestamp = renderTimestamp(new Date());
    const configurations = { tunnel_types: ['vxlan'], bridge_mappings: { physnet1: 'br-ex' } };
    const store = await fixture.open(database);
    await store.write(serverContext('req-agents'), (writer) =>
      writer.insert(agent, [agentRecord({ host: 'h1', heartbeat_timestamp, configurations })]),
    );
  });
  afterAll(async () => api[Symbol.asyncDispose]());

  const network = async (more: object = {}): Promise<string> =>
    (await api.post('/v2.0/networks', { network: { 'provider:network_type': 'vxlan', ...more } })).body.network.id;
  const show = async (id: string) => (await api.get(`/v2.0/networks/${id}`)).body.network;
  const segmentsOf = async (id: string) => (await api.get(`/v2.0/segments?network_id=${id}`)).body.segments;
  const add = (network_id: string, more: object) =>
    api.post('/v2.0/segments', { segment: { network_id, network_type: 'vlan', ...more } });

  describe('a segment', () => {
    it('is there for each way in which a network is carried, and has no name yet', async () => {
      const id = await network();
      const { 'provider:segmentation_id': segmentation_id, created_at } = await show(id);
      const [segment, ...others] = await segmentsOf(id);
      expect(others).toEqual([]);
      const nothingSaid = { name: null, description: null, revision_number: 0, created_at, updated_at: created_at };
      const wire = { network_type: 'vxlan', physical_network: null, segmentation_id };
      expect(segment).toEqual({ id: segment.id, network_id: id, ...wire, ...nothingSaid });
      expect((await api.get(`/v2.0/segments/${segment.id}`)).body).toEqual({ segment });
    });

    it('is added to a network, which then has several', async () => {
      const id = await network();
      const { status, body } = await add(id, { physical_network: 'physnet1', segmentation_id: 150, name: 's' });
      expect(status).toBe(201);
      expect(body.segment).toMatchObject({ network_id: id, name: 's', description: '', segmentation_id: 150 });
      expect((await show(id)).segments[1]).toEqual({
        'provider:network_type': 'vlan',
        'provider:physical_network': 'physnet1',
        'provider:segmentation_id': 150,
      });
      expect((await api.get(`/v2.0/segments?network_id=${id}&name=s&fields=id`)).body.segments).toEqual([
        { id: body.segment.id },
      ]);
    });

    it('is given an id from the ranges when it asks for none', async () => {
      const { body } = await add(await network(), { physical_network: 'physnet2' });
      expect(body.segment.segmentation_id).toBeGreaterThanOrEqual(100);
      expect(body.segment.segmentation_id).toBeLessThan(200);
    });

    it('is renamed, and is what it was otherwise', async () => {
      const [before] = await segmentsOf(await network());
      const path = `/v2.0/segments/${before.id}`;
      const { body } = await api.put(path, { segment: { name: 'n', description: 'd' } });
      expect(body.segment).toEqual({ ...before, ...body.segment, name: 'n', description: 'd', revision_number: 1 });
      expect((await api.put(path, { segment: { name: null } })).body.segment).toMatchObject({
        name: null,
        description: 'd',
        revision_number: 2,
      });
      expect((await api.put(path, { segment: { segmentation_id: 7 } })).body.NeutronError.message).toBe(
        'Cannot update read-only attribute segmentation_id',
      );
    });

    it('gives its wire back when it goes', async () => {
      const id = await network();
      const wire = { physical_network: 'physnet1', segmentation_id: 160 };
      const { body } = await add(id, wire);
      expect((await add(await network(), wire)).body.NeutronError.type).toBe('VlanIdInUse');
      expect((await api.remove(`/v2.0/segments/${body.segment.id}`)).status).toBe(204);
      expect(await segmentsOf(id)).toHaveLength(1);
      expect(await show(id)).toMatchObject({ 'provider:network_type': 'vxlan' });
      expect((await add(await network(), wire)).status).toBe(201);
      expect((await api.remove(`/v2.0/segments/${body.segment.id}`)).body.NeutronError.type).toBe('SegmentNotFound');
    });

    it('stays while it carries a port', async () => {
      const id = await network();
      const { body } = await add(id, { physical_network: 'physnet1', segmentation_id: 170 });
      const [first] = (await segmentsOf(id)).filter((each: { id: string }) => each.id !== body.segment.id);
      const port = { network_id: id, 'binding:host_id': 'h1' };
      expect((await api.post('/v2.0/ports', { port })).body.port['binding:vif_type']).toBe('ovs');
      expect((await api.remove(`/v2.0/segments/${first.id}`)).body.NeutronError.type).toBe('SegmentInUse');
      expect((await api.remove(`/v2.0/segments/${body.segment.id}`)).status).toBe(204);
    });

    it('is not there twice on one wire, nor of an unknown type, nor of no network', async () => {
      const id = await network();
      const refused = async (...request: Parameters<typeof add>) => (await add(...request)).body.NeutronError.type;
      await add(id, { physical_network: 'physnet1', segmentation_id: 180 });
      expect(await refused(id, { physical_network: 'physnet1', segmentation_id: 181 })).toBe(
        'NeutronDbObjectDuplicateEntry',
      );
      expect(await refused(id, { network_type: 'pigeon' })).toBe('InvalidInput');
      expect(await refused('00000000-0000-4000-8000-000000000000', { network_type: 'vxlan' })).toBe('NetworkNotFound');
      expect(await segmentsOf(id)).toHaveLength(2);
    });

    it('is for administrators, and goes with its network', async () => {
      const id = await network({ project_id: alice.project });
      const [{ id: segmentId }] = await segmentsOf(id);
      await api.put(`/v2.0/segments/${segmentId}`, { segment: { name: 'n' } });
      expect((await api.get(`/v2.0/segments?network_id=${id}`, alice)).body).toEqual({ segments: [] });
      const segment = { network_id: id, network_type: 'vxlan' };
      expect((await api.post('/v2.0/segments', { segment }, alice)).status).toBe(403);
      expect((await api.remove(`/v2.0/segments/${segmentId}`, alice)).status).toBe(404);
      expect((await api.remove(`/v2.0/networks/${id}`, admin)).status).toBe(204);
      expect((await api.get(`/v2.0/segments/${segmentId}`)).body.NeutronError.type).toBe('SegmentNotFound');
    });
  });
});
