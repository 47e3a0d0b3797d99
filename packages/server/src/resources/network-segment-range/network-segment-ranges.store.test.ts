import { alice, bob, startApi, type Caller, type TestApi } from '@neutronium/testkit/api';
import { withStores } from '@neutronium/testkit/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const settings = {
  'networks.tenant_network_types': 'vxlan',
  'networks.network_vlan_ranges': 'physnet1:100:101,wire',
  'networks.vni_ranges': '1:3,7:8',
};

withStores((fixture) => {
  let api: TestApi;
  let database: string;
  beforeEach(async () => {
    database = await fixture.newDatabase();
    api = await startApi({ database, settings });
  });
  afterEach(async () => api[Symbol.asyncDispose]());

  const list = async (query = '') =>
    (await api.get(`/v2.0/network_segment_ranges?${query}`)).body.network_segment_ranges;
  const create = (more: object) =>
    api.post('/v2.0/network_segment_ranges', { network_segment_range: { network_type: 'vxlan', ...more } });
  const errorOf = async (answer: ReturnType<typeof create>) => (await answer).body.NeutronError.type;
  const network = async (as: Caller) => (await api.post('/v2.0/networks', { network: {} }, as)).body.network?.id;
  const idOf = async (networkId: string) =>
    (await api.get(`/v2.0/networks/${networkId}`)).body.network['provider:segmentation_id'];

  describe('the default ranges', () => {
    it('are those of the configuration, which belong to nobody', async () => {
      const shown = (await list()).map((each: Record<string, unknown>) => [
        each['network_type'],
        each['physical_network'],
        each['minimum'],
        each['maximum'],
      ]);
      expect(shown.toSorted()).toEqual([
        ['geneve', null, 1, 3],
        ['geneve', null, 7, 8],
        ['vlan', 'physnet1', 100, 101],
        ['vxlan', null, 1, 3],
        ['vxlan', null, 7, 8],
      ]);
      for (const each of await list()) {
        expect(each).toMatchObject({ default: true, shared: true, project_id: null, tenant_id: null, name: '' });
      }
    });

    it('stay what they are when the server starts again, and follow what its configuration then says', async () => {
      const before = await list('network_type=vxlan&fields=id&fields=minimum');
      await api[Symbol.asyncDispose]();
      api = await startApi({ database, settings: { ...settings, 'networks.vni_ranges': '7:8,20:21' } });
      const after = await list('network_type=vxlan&fields=id&fields=minimum');
      const kept = before.find(({ minimum }: { minimum: number }) => minimum === 7);
      expect(after).toContainEqual(kept);
      expect(after.map(({ minimum }: { minimum: number }) => minimum).toSorted()).toEqual([20, 7]);
    });

    it('are changed by nobody', async () => {
      const [{ id }] = await list();
      const path = `/v2.0/network_segment_ranges/${id}`;
      expect(await errorOf(api.put(path, { network_segment_range: { name: 'n' } }))).toBe(
        'NetworkSegmentRangeDefaultReadOnly',
      );
      expect(await errorOf(api.remove(path))).toBe('NetworkSegmentRangeDefaultReadOnly');
    });
  });

  describe('a range', () => {
    it('shows which ids networks have and which none has', async () => {
      const { body } = await create({ minimum: 50, maximum: 52, shared: false, project_id: alice.project, name: 'r' });
      const { id, ...range } = body.network_segment_range;
      expect(range).toMatchObject({
        name: 'r',
        description: '',
        default: false,
        shared: false,
        project_id: alice.project,
        physical_network: null,
        used: {},
        available: [50, 51, 52],
        tags: [],
      });
      const taken = await idOf(await network(alice));
      const [shown] = await list(`id=${id}`);
      expect(shown.used).toEqual({ [taken]: alice.project });
      expect(shown.available).toEqual([50, 51, 52].filter((each) => each !== taken));
    });

    it('belongs to nobody when all share it', async () => {
      const { body } = await create({ minimum: 50, maximum: 52, project_id: alice.project });
      expect(body.network_segment_range).toMatchObject({ shared: true, project_id: null });
    });

    it('of another kind than its type has is refused', async () => {
      expect(await errorOf(create({ minimum: 9, maximum: 8 }))).toBe('NetworkTunnelRangeError');
      expect(await errorOf(create({ minimum: 1, maximum: 2 ** 24 }))).toBe('NetworkTunnelRangeError');
      const vlan = { network_type: 'vlan', physical_network: 'physnet1' };
      expect(await errorOf(create({ ...vlan, minimum: 1, maximum: 4095 }))).toBe('NetworkVlanRangeError');
      expect(await errorOf(create({ network_type: 'vlan', minimum: 1, maximum: 2 }))).toBe('BadRequest');
      expect(await errorOf(create({ network_type: 'flat', minimum: 1, maximum: 2 }))).toBe('HTTPBadRequest');
    });

    it('meets no other but a default one', async () => {
      expect((await create({ minimum: 2, maximum: 10 })).status).toBe(201);
      expect(await errorOf(create({ minimum: 10, maximum: 12 }))).toBe('NetworkSegmentRangeOverlaps');
      expect((await create({ network_type: 'gre', minimum: 10, maximum: 12 })).status).toBe(201);
      const { body } = await create({ minimum: 11, maximum: 12 });
      const path = `/v2.0/network_segment_ranges/${body.network_segment_range.id}`;
      expect(await errorOf(api.put(path, { network_segment_range: { minimum: 10 } }))).toBe(
        'NetworkSegmentRangeOverlaps',
      );
    });

    it('keeps the ids that networks have, whatever else of it changes', async () => {
      const { body } = await create({ minimum: 50, maximum: 50, shared: false, project_id: alice.project });
      const path = `/v2.0/network_segment_ranges/${body.network_segment_range.id}`;
      const networkId = await network(alice);
      const change = (changes: object) => api.put(path, { network_segment_range: changes });
      expect((await change({ minimum: 49, maximum: '55' })).body.network_segment_range).toMatchObject({
        minimum: 49,
        maximum: 55,
        revision_number: 2,
      });
      expect(await errorOf(change({ minimum: 50 }))).toBe('NetworkSegmentRangeReferencedByProject');
      expect(await errorOf(change({ minimum: 51 }))).toBe('NetworkSegmentRangeReferencedByProject');
      expect(await errorOf(api.remove(path))).toBe('NetworkSegmentRangeReferencedByProject');
      expect((await change({ name: 'n' })).status).toBe(200);
      expect((await api.remove(`/v2.0/networks/${networkId}`, alice)).status).toBe(204);
      expect((await api.remove(path)).status).toBe(204);
      expect(await errorOf(api.get(path))).toBe('NetworkSegmentRangeNotFound');
    });

    it('is the business of administrators', async () => {
      const network_segment_range = { network_type: 'vxlan', minimum: 60, maximum: 61 };
      expect((await api.post('/v2.0/network_segment_ranges', { network_segment_range }, alice)).status).toBe(403);
      const { body } = await create({ minimum: 60, maximum: 61, shared: false, project_id: alice.project });
      expect((await api.get('/v2.0/network-segment-ranges', alice)).body).toEqual({ network_segment_ranges: [] });
      expect((await api.get(`/v2.0/network_segment_ranges/${body.network_segment_range.id}`, alice)).status).toBe(404);
    });

    it('has tags, by which it is found', async () => {
      const { body } = await create({ minimum: 60, maximum: 61 });
      const { id } = body.network_segment_range;
      await api.put(`/v2.0/network_segment_ranges/${id}/tags`, { tags: ['red'] });
      expect(await list('tags=red&fields=id')).toEqual([{ id }]);
    });

    it('lists no more ids than an answer can hold', async () => {
      const { body } = await create({ network_type: 'gre', minimum: 1000, maximum: 2 ** 32 - 1 });
      expect(body.network_segment_range.available).toHaveLength(65_536);
    });
  });

  describe('a network without a wish', () => {
    it('is given an id of its project first, and then one that all share and no other project has', async () => {
      await create({ minimum: 50, maximum: 51, shared: false, project_id: alice.project });
      await create({ minimum: 2, maximum: 7, shared: false, project_id: bob.project });
      const ids: number[] = [];
      for (let turn = 0; turn < 4; turn += 1) ids.push(await idOf(await network(alice)));
      expect(new Set(ids.slice(0, 2))).toEqual(new Set([50, 51]));
      expect(new Set(ids.slice(2))).toEqual(new Set([1, 8]));
      expect((await api.post('/v2.0/networks', { network: {} }, alice)).body.NeutronError.type).toBe(
        'NoNetworkAvailable',
      );
      expect(await idOf(await network(bob))).toBeGreaterThanOrEqual(2);
    });

    it('may be on a wire that only a range names', async () => {
      const vlan = { network_type: 'vlan', physical_network: 'elsewhere' };
      const asked = { 'provider:network_type': 'vlan', 'provider:physical_network': 'elsewhere' };
      expect(await errorOf(api.post('/v2.0/networks', { network: asked }))).toBe('InvalidInput');
      await create({ ...vlan, minimum: 7, maximum: 7 });
      const { body } = await api.post('/v2.0/networks', { network: asked });
      expect(body.network['provider:segmentation_id']).toBe(7);
    });
  });
});
