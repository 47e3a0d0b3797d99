import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi(
  (api) => {
    const scope = async (more: object = {}, as = alice): Promise<string> =>
      (await api.post('/v2.0/address-scopes', { address_scope: { name: 's', ip_version: 4, ...more } }, as)).body
        .address_scope.id;
    const pool = (prefix: string, more: object = {}, as = alice) =>
      api.post(
        '/v2.0/subnetpools',
        { subnetpool: { name: 'p', prefixes: [prefix], default_prefixlen: 24, ...more } },
        as,
      );
    const poolId = async (prefix: string, more: object = {}): Promise<string> =>
      (await pool(prefix, more)).body.subnetpool.id;
    const change = (id: string, subnetpool: object, as = alice) =>
      api.put(`/v2.0/subnetpools/${id}`, { subnetpool }, as);
    const network = async (): Promise<string> =>
      (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
    const subnet = (network_id: string, more: object) =>
      api.post('/v2.0/subnets', { subnet: { network_id, ip_version: 4, ...more } }, alice);

    describe('an address scope', () => {
      it('is shown to its owner, and to everyone once it is shared, for ever', async () => {
        const id = await scope();
        const path = `/v2.0/address-scopes/${id}`;
        expect((await api.get(path, alice)).body.address_scope).toEqual({
          id,
          project_id: alice.project,
          tenant_id: alice.project,
          name: 's',
          ip_version: 4,
          shared: false,
        });
        expect((await api.get(path, bob)).body.NeutronError.type).toBe('AddressScopeNotFound');
        expect((await api.put(path, { address_scope: { shared: true } }, alice)).status).toBe(403);
        expect((await api.put(path, { address_scope: { shared: true } }, admin)).body.address_scope.shared).toBe(true);
        expect((await api.get(path, bob)).status).toBe(200);
        const unshared = await api.put(path, { address_scope: { shared: false } }, admin);
        expect(unshared.body.NeutronError.type).toBe('AddressScopeUpdateError');
      });
      it('has no address twice', async () => {
        const address_scope_id = await scope();
        await poolId('10.8.0.0/16', { address_scope_id });
        expect((await pool('10.8.3.0/24', { address_scope_id })).body.NeutronError.type).toBe(
          'AddressScopePrefixConflict',
        );
        const other = await poolId('10.9.0.0/16');
        expect((await change(other, { address_scope_id })).body.subnetpool.address_scope_id).toBe(address_scope_id);
        const prefixes = ['10.9.0.0/16', '10.8.0.0/24'];
        expect((await change(other, { prefixes })).body.NeutronError.type).toBe('AddressScopePrefixConflict');
        const added = await api.put(`/v2.0/subnetpools/${other}/add_prefixes`, { prefixes: ['10.8.0.0/24'] }, alice);
        expect(added.body.NeutronError.type).toBe('AddressScopePrefixConflict');
      });
      it('is of one family, and there', async () => {
        const address_scope_id = await scope();
        const answer = await pool('fd00::/48', { address_scope_id, default_prefixlen: 64 });
        expect(answer.body.NeutronError.type).toBe('IllegalSubnetPoolIpVersionAssociationToAddressScope');
        expect((await pool('10.0.0.0/16', { address_scope_id }, bob)).body.NeutronError.type).toBe(
          'AddressScopeNotFound',
        );
      });
      it('stays while a pool is in it', async () => {
        const address_scope_id = await scope();
        const id = await poolId('10.8.0.0/16', { address_scope_id });
        const remove = () => api.remove(`/v2.0/address-scopes/${address_scope_id}`, alice);
        expect((await remove()).body.NeutronError.type).toBe('AddressScopeInUse');
        await change(id, { address_scope_id: null });
        expect((await remove()).status).toBe(204);
      });
      it('holds the pools of those who joined it', async () => {
        const address_scope_id = await scope({ shared: true }, admin);
        const id = await poolId('10.77.0.0/16', { address_scope_id });
        expect((await change(id, { name: 'q' })).body.NeutronError.type).toBe('IllegalSubnetPoolUpdate');
        expect((await change(id, { name: 'q' }, admin)).status).toBe(200);
      });
    });

    describe('a network', () => {
      it('is in the scope of its subnets, which are all in one', async () => {
        const address_scope_id = await scope();
        const [a, b] = [
          await poolId('10.8.0.0/16', { address_scope_id }),
          await poolId('10.9.0.0/16', { address_scope_id }),
        ];
        const elsewhere = await poolId('10.10.0.0/16', { address_scope_id: await scope() });
        const network_id = await network();
        const shown = async () => (await api.get(`/v2.0/networks/${network_id}`, alice)).body.network;
        expect(await shown()).toMatchObject({ ipv4_address_scope: null, ipv6_address_scope: null });
        expect((await subnet(network_id, { subnetpool_id: a })).status).toBe(201);
        expect(await shown()).toMatchObject({ ipv4_address_scope: address_scope_id, ipv6_address_scope: null });
        expect((await subnet(network_id, { subnetpool_id: b })).status).toBe(201);
        expect((await subnet(network_id, { subnetpool_id: elsewhere })).body.NeutronError.type).toBe(
          'NetworkAddressScopeAffinityError',
        );
        expect((await subnet(network_id, { cidr: '192.168.0.0/24' })).body.NeutronError.type).toBe(
          'NetworkSubnetPoolAffinityError',
        );
        expect((await change(a, { address_scope_id: await scope() })).body.NeutronError.type).toBe(
          'NetworkAddressScopeAffinityError',
        );
      });
      it('is the usual way out when it says so, alone, and while it is external', async () => {
        const make = (more: object) =>
          api.post('/v2.0/networks', { network: { 'router:external': true, is_default: true, ...more } }, admin);
        const { network: first } = (await make({})).body;
        expect(first.is_default).toBe(true);
        expect((await make({})).body.NeutronError).toMatchObject({
          type: 'DefaultExternalNetworkExists',
          message: `A default external network already exists: ${first.id}.`,
        });
        const set = (network: object) => api.put(`/v2.0/networks/${first.id}`, { network }, admin);
        expect((await set({ is_default: true })).body.network.is_default).toBe(true);
        expect(Object.keys((await set({ 'router:external': false })).body.network)).not.toContain('is_default');
        expect((await make({})).status).toBe(201);
      });
    });
  },
  { settings: { 'quotas.network': '-1' } },
);
