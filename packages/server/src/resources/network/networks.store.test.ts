import { admin, alice, bob, withApi, type ApiAnswer } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

const settings = {
  'networks.tenant_network_types': 'vxlan',
  'networks.vni_ranges': '1:1000',
  'networks.tunnel_id_ranges': '1:4',
  'networks.network_vlan_ranges': 'physnet1:100:199,few:1:3',
};

withApi(
  (api) => {
    const type = 'provider:network_type';
    const wire = 'provider:physical_network';
    const id = 'provider:segmentation_id';
    const create = async (network: object, as = admin): Promise<ApiAnswer> =>
      api.post('/v2.0/networks', { network }, as);
    const created = async (network: object, as = admin): Promise<Record<string, unknown>> => {
      const { status, body } = await create(network, as);
      expect([status, body.NeutronError]).toEqual([201, undefined]);
      return body.network;
    };

    describe('a new network', () => {
      it('of a tenant gets an id from the ranges, and does not show its provider which', async () => {
        const network = await created({ name: 'n' }, alice);
        expect(network).toMatchObject({ name: 'n', status: 'ACTIVE', mtu: 1450, shared: false, subnets: [] });
        expect(Object.keys(network).filter((name) => name.startsWith('provider:'))).toEqual([]);
        const { body } = await api.get(`/v2.0/networks/${String(network['id'])}`);
        expect(body.network).toMatchObject({ [type]: 'vxlan', [wire]: null });
        expect(body.network[id]).toBeGreaterThanOrEqual(1);
        expect(body.network[id]).toBeLessThanOrEqual(1000);
      });

      it.each([
        [{ [type]: 'local' }, { [type]: 'local', [wire]: null, [id]: null }],
        [
          { [type]: 'flat', [wire]: 'outside' },
          { [type]: 'flat', [wire]: 'outside', [id]: null },
        ],
        [
          { [type]: 'vlan', [wire]: 'physnet1', [id]: 4000 },
          { [type]: 'vlan', [wire]: 'physnet1', [id]: 4000 },
        ],
        [
          { [type]: 'vxlan', [id]: 5000 },
          { [type]: 'vxlan', [wire]: null, [id]: 5000 },
        ],
        [
          { [type]: 'geneve', [id]: '77' },
          { [type]: 'geneve', [wire]: null, [id]: 77 },
        ],
      ])('gets the wire that an administrator asks for: %j', async (wanted, given) => {
        expect(await created(wanted)).toMatchObject(given);
      });

      it.each([
        [{ [type]: 'vlan', [wire]: 'physnet1', [id]: 150 }, 'VlanIdInUse'],
        [{ [type]: 'vxlan', [id]: 900 }, 'TunnelIdInUse'],
        [{ [type]: 'flat', [wire]: 'taken' }, 'FlatNetworkInUse'],
      ])('does not get a wire that another has: %j', async (wanted, error) => {
        await created(wanted);
        const { status, body } = await create(wanted);
        expect([status, body.NeutronError.type]).toEqual([409, error]);
      });

      it('gets every id of a pool before the pool is exhausted, and again when one comes back', async () => {
        const networks = [];
        for (let count = 0; count < 3; count += 1) networks.push(await created({ [type]: 'vlan', [wire]: 'few' }));
        expect(new Set(networks.map((network) => network[id]))).toEqual(new Set([1, 2, 3]));
        const { status, body } = await create({ [type]: 'vlan', [wire]: 'few' });
        expect([status, body.NeutronError.type]).toEqual([503, 'NoNetworkAvailable']);
        await api.remove(`/v2.0/networks/${String(networks[1]?.['id'])}`);
        expect((await created({ [type]: 'vlan', [wire]: 'few' }))[id]).toBe(networks[1]?.[id]);
      });

      it('never shares an id with one that is created at the same time', async () => {
        const answers = await Promise.all(Array.from({ length: 6 }, () => create({ [type]: 'gre' })));
        const ids = answers.flatMap(({ status, body }) => (status === 201 ? [body.network[id]] : []));
        expect(ids).toHaveLength(4);
        expect(new Set(ids)).toEqual(new Set([1, 2, 3, 4]));
        expect(answers.filter(({ status }) => status === 503)).toHaveLength(2);
      });

      it('with several segments shows them as a list, and is as narrow as the narrowest', async () => {
        const segments = [
          { [type]: 'vlan', [wire]: 'physnet1', [id]: 160 },
          { [type]: 'vxlan', [wire]: null, [id]: 160 },
        ];
        const network = await created({ segments });
        expect(network).toMatchObject({ segments, mtu: 1450 });
        expect(network).not.toHaveProperty([type]);
      });

      it.each([
        [{ [wire]: 'physnet1' }, 'InvalidInput', 'network_type required'],
        [{ [type]: 'bogus' }, 'InvalidInput', "network_type value 'bogus' not supported"],
        [{ segments: [{}] }, 'InvalidInput', 'network_type required'],
        [
          { segments: [{ [type]: 'vxlan' }], [type]: 'vxlan' },
          'SegmentsSetInConjunctionWithProviders',
          'Segments and provider values cannot both be set.',
        ],
        [
          {
            segments: [
              { [type]: 'vxlan', [id]: 7 },
              { [type]: 'vxlan', [id]: 7 },
            ],
          },
          'SegmentsContainDuplicateEntry',
          'Duplicate segment entry in request.',
        ],
        [
          {
            segments: [
              { [type]: 'vlan', [wire]: 'physnet1', [id]: 170 },
              { [type]: 'vlan', [wire]: 'physnet1', [id]: 171 },
            ],
          },
          'NeutronDbObjectDuplicateEntry',
          'Failed to create a duplicate NetworkSegment',
        ],
        [{ mtu: 1451 }, 'InvalidInput', 'Requested MTU is too big, maximum is 1450'],
        [{ availability_zone_hints: ['moon'] }, 'AvailabilityZoneNotFound', 'AvailabilityZone moon could not be found'],
      ])('is refused with %j', async (wanted, error, message) => {
        const { body } = await create(wanted);
        expect(body.NeutronError.type).toBe(error);
        expect(body.NeutronError.message).toContain(message);
      });

      it('comes with all others of its request or not at all', async () => {
        const carol = { project: 'carol', roles: ['admin', 'member', 'reader'] };
        const networks = [{ name: 'first' }, { [type]: 'vlan', [wire]: 'physnet1', [id]: 9999 }];
        expect((await api.post('/v2.0/networks', { networks }, carol)).status).toBe(400);
        expect((await api.get('/v2.0/networks?project_id=carol')).body.networks).toEqual([]);
        const both = await api.post('/v2.0/networks', { networks: [{ name: 'a' }, { network: { name: 'b' } }] }, carol);
        expect(both.body.networks.map((network: { name: string }) => network.name)).toEqual(['a', 'b']);
      });
    });

    describe('a change of a network', () => {
      it('bumps its revision only when something differs', async () => {
        const { id: networkId, revision_number: first } = await created({ name: 'a' }, alice);
        const path = `/v2.0/networks/${String(networkId)}`;
        expect((await api.put(path, { network: { name: 'a' } }, alice)).body.network.revision_number).toBe(first);
        expect((await api.put(path, { network: { name: 'b' } }, alice)).body.network.revision_number).toBeGreaterThan(
          Number(first),
        );
      });

      it('can renumber a VLAN, and nothing else of its wire', async () => {
        const { id: networkId } = await created({ [type]: 'vlan', [wire]: 'physnet1', [id]: 170 });
        await created({ [type]: 'vlan', [wire]: 'physnet1', [id]: 171 });
        const put = (network: object): Promise<ApiAnswer> =>
          api.put(`/v2.0/networks/${String(networkId)}`, { network });
        const renumbered = await put({ [id]: 172 });
        expect(renumbered.body.network).toMatchObject({ [id]: 172, revision_number: 2 });
        expect((await create({ [type]: 'vlan', [wire]: 'physnet1', [id]: 170 })).status).toBe(201);
        expect((await put({ [id]: 171 })).body.NeutronError.type).toBe('VlanIdInUse');
        expect((await put({ [id]: 4095 })).body.NeutronError.message).toContain('out of range');
        expect((await put({ [type]: 'vxlan' })).status).toBe(400);
        expect((await put({ [type]: 'vlan', [wire]: 'physnet1' })).status).toBe(200);
        const { id: tunnelled } = await created({ [type]: 'vxlan', [id]: 401 });
        const refused = await api.put(`/v2.0/networks/${String(tunnelled)}`, { network: { [id]: 402 } });
        expect(refused.body.NeutronError.message).toContain('Only VLAN type networks can be updated.');
      });

      it('cannot make packets smaller than its subnets need', async () => {
        const { id: network_id } = await created({});
        const path = `/v2.0/networks/${String(network_id)}`;
        await api.post('/v2.0/subnets', { subnet: { network_id, ip_version: 6, cidr: 'fd00::/64' } });
        const { status, body } = await api.put(path, { network: { mtu: 1279 } });
        expect([status, body.NeutronError.type]).toEqual([409, 'NetworkMTUSubnetConflict']);
        expect((await api.put(path, { network: { mtu: 1280 } })).body.network.mtu).toBe(1280);
        expect((await api.put(path, { network: { mtu: 0 } })).body.network.mtu).toBe(1450);
      });

      it('can share it with everyone, and end that only while nobody else uses it', async () => {
        const { id: network_id } = await created({ shared: true });
        const path = `/v2.0/networks/${String(network_id)}`;
        expect((await api.get(path, bob)).body.network.shared).toBe(true);
        const { body } = await api.post('/v2.0/ports', { port: { network_id } }, bob);
        expect((await api.put(path, { network: { shared: false } })).body.NeutronError.type).toBe(
          'InvalidSharedSetting',
        );
        await api.remove(`/v2.0/ports/${body.port.id}`, bob);
        expect((await api.put(path, { network: { shared: false } })).body.network.shared).toBe(false);
        expect((await api.get(path, bob)).status).toBe(404);
      });

      it('can make it external, which everyone then sees', async () => {
        const { id: networkId } = await created({});
        const path = `/v2.0/networks/${String(networkId)}`;
        expect((await api.get(path, bob)).status).toBe(404);
        await api.put(path, { network: { 'router:external': true } });
        expect((await api.get(path, bob)).body.network).toMatchObject({ 'router:external': true, shared: false });
        const external = await api.get('/v2.0/networks?router:external=true&fields=id', bob);
        expect(external.body.networks).toContainEqual({ id: networkId });
      });
    });

    describe('the removal of a network', () => {
      it('takes its subnets along', async () => {
        const { id: network_id } = await created({});
        const { body } = await api.post('/v2.0/subnets', {
          subnet: { network_id, ip_version: 4, cidr: '10.0.0.0/24' },
        });
        expect((await api.remove(`/v2.0/networks/${String(network_id)}`)).status).toBe(204);
        expect((await api.get(`/v2.0/subnets/${body.subnet.id}`)).status).toBe(404);
      });

      it('is refused while it has ports, and names them', async () => {
        const { id: network_id } = await created({});
        const { body } = await api.post('/v2.0/ports', { port: { network_id } });
        const refused = await api.remove(`/v2.0/networks/${String(network_id)}`);
        expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'NetworkInUse']);
        expect(refused.body.NeutronError.message).toContain(body.port.id);
      });

      it('cannot be asked for with a body', async () => {
        const { id: networkId } = await created({});
        const { body } = await api.request('DELETE', `/v2.0/networks/${String(networkId)}`, { body: { really: true } });
        expect(body.NeutronError.message).toBe('Request body is not supported in DELETE.');
      });
    });

    describe('networks', () => {
      it('are found by what carries them', async () => {
        const { id: networkId } = await created({ [type]: 'geneve', [id]: 4242 });
        const { body } = await api.get(`/v2.0/networks?${type}=geneve&${id}=4242&fields=id`);
        expect(body.networks).toEqual([{ id: networkId }]);
      });
    });
  },
  { settings },
);
