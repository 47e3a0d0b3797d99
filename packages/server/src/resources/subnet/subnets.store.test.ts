import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const addNetwork = async (more: object = {}, as = alice): Promise<string> =>
    (await api.post('/v2.0/networks', { network: more }, as)).body.network.id;
  const addSubnet = (network_id: string, more: object = {}, as = alice) =>
    api.post('/v2.0/subnets', { subnet: { network_id, ip_version: 4, cidr: '10.0.0.0/24', ...more } }, as);
  const addPort = async (network_id: string, more: object = {}) =>
    (await api.post('/v2.0/ports', { port: { network_id, ...more } }, alice)).body.port;
  const addressesOf = async (portId: string): Promise<readonly string[]> =>
    (await api.get(`/v2.0/ports/${portId}`)).body.port.fixed_ips.map((each: { ip_address: string }) => each.ip_address);
  const slaac = { ip_version: 6, cidr: 'fd00::/64', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' };
  const eui64 = /^fd00::f816:3eff:/;

  describe('a subnet', () => {
    it('comes with a gateway and pools around it, and clears host bits', async () => {
      const { status, body } = await addSubnet(await addNetwork(), { cidr: '10.1.0.5/24' });
      expect(status).toBe(201);
      expect(body.subnet).toMatchObject({
        cidr: '10.1.0.0/24',
        gateway_ip: '10.1.0.1',
        allocation_pools: [{ start: '10.1.0.2', end: '10.1.0.254' }],
        enable_dhcp: true,
        subnetpool_id: null,
        tenant_id: alice.project,
      });
    });

    it('changes the revision of its network when it comes and goes', async () => {
      const id = await addNetwork();
      const revision = async (): Promise<number> =>
        (await api.get(`/v2.0/networks/${id}`)).body.network.revision_number;
      const first = await revision();
      const { body } = await addSubnet(id);
      const second = await revision();
      await api.remove(`/v2.0/subnets/${body.subnet.id}`, alice);
      expect([second > first, (await revision()) > second]).toEqual([true, true]);
    });

    it('may overlap with subnets of other networks only', async () => {
      const id = await addNetwork();
      expect((await addSubnet(id)).status).toBe(201);
      expect((await addSubnet(await addNetwork())).status).toBe(201);
      const { status, body } = await addSubnet(id, { cidr: '10.0.0.128/25' });
      expect(status).toBe(400);
      expect(body.NeutronError.message).toContain('overlaps with another subnet');
    });

    it('cannot be added to the network of another project, even a shared one', async () => {
      const status = async (network: object): Promise<number> =>
        (await addSubnet(await addNetwork(network, admin), {}, bob)).status;
      expect([await status({ shared: true }), await status({})]).toEqual([403, expect.toBeOneOf([403, 404])]);
    });

    it('stays while a port has an address of it', async () => {
      const network_id = await addNetwork();
      const { id } = (await addSubnet(network_id)).body.subnet;
      const port = await addPort(network_id);
      expect((await api.remove(`/v2.0/subnets/${id}`, alice)).body.NeutronError.type).toBe('SubnetInUse');
      await api.put(`/v2.0/ports/${port.id}`, { port: { fixed_ips: [] } }, alice);
      expect((await api.remove(`/v2.0/subnets/${id}`, alice)).status).toBe(204);
    });

    it('gives every port of the network its automatic address, and takes it back', async () => {
      const network_id = await addNetwork();
      const before = await addPort(network_id);
      const { id } = (await addSubnet(network_id, slaac)).body.subnet;
      const after = await addPort(network_id, { fixed_ips: [] });
      expect(await addressesOf(before.id)).toEqual([expect.stringMatching(eui64)]);
      expect(await addressesOf(after.id)).toEqual([expect.stringMatching(eui64)]);
      expect((await api.remove(`/v2.0/subnets/${id}`, alice)).status).toBe(204);
      expect([await addressesOf(before.id), await addressesOf(after.id)]).toEqual([[], []]);
    });

    it('keeps gateway and pools apart when either changes', async () => {
      const { id } = (await addSubnet(await addNetwork())).body.subnet;
      const change = (changes: object) => api.put(`/v2.0/subnets/${id}`, { subnet: changes }, alice);
      expect((await change({ gateway_ip: '10.0.0.9' })).body.NeutronError.type).toBe(
        'GatewayConflictWithAllocationPools',
      );
      const pools = [
        { start: '10.0.0.20', end: '10.0.0.30' },
        { start: '10.0.0.2', end: '10.0.0.8' },
      ];
      expect((await change({ allocation_pools: pools })).body.subnet.allocation_pools).toEqual(pools.toReversed());
      expect((await change({ gateway_ip: '10.0.0.9' })).body.subnet.gateway_ip).toBe('10.0.0.9');
      expect((await change({ gateway_ip: null })).body.subnet.gateway_ip).toBeNull();
    });

    it('is created with all others of its request or not at all', async () => {
      const network_id = await addNetwork();
      const subnets = ['10.0.0.0/24', '10.0.1.0/24', '10.0.0.0/25'].map((cidr) => ({
        network_id,
        ip_version: 4,
        cidr,
      }));
      expect((await api.post('/v2.0/subnets', { subnets }, alice)).status).toBe(400);
      expect((await api.get(`/v2.0/subnets?network_id=${network_id}`)).body.subnets).toEqual([]);
      const { body } = await api.post('/v2.0/subnets', { subnets: subnets.slice(0, 2) }, alice);
      expect(body.subnets.map(({ cidr }: { cidr: string }) => cidr)).toEqual(['10.0.0.0/24', '10.0.1.0/24']);
    });
  });

  describe('a subnet pool', () => {
    const addPool = async (more: object = {}, as = alice): Promise<string> =>
      (await api.post('/v2.0/subnetpools', { subnetpool: { name: 'a pool', prefixes: ['10.20.0.0/16'], ...more } }, as))
        .body.subnetpool.id;
    const fromPool = (network_id: string, subnetpool_id: string, more: object = {}, as = alice) =>
      api.post('/v2.0/subnets', { subnet: { network_id, ip_version: 4, subnetpool_id, ...more } }, as);

    it('shows its bounds as text, in one object and in lists', async () => {
      const id = await addPool({ min_prefixlen: 24 });
      const expected = { min_prefixlen: '24', default_prefixlen: '24', max_prefixlen: '32', default_quota: null };
      expect((await api.get(`/v2.0/subnetpools/${id}`, alice)).body.subnetpool).toMatchObject(expected);
      expect((await api.get(`/v2.0/subnetpools?id=${id}`, alice)).body.subnetpools).toMatchObject([expected]);
    });

    it('gives subnets the lowest free prefixes, and stays while one is left', async () => {
      const pool = await addPool({ default_prefixlen: 24 });
      const network_id = await addNetwork();
      const first = (await fromPool(network_id, pool)).body.subnet;
      const second = (await fromPool(network_id, pool, { prefixlen: 26 })).body.subnet;
      expect([first.cidr, second.cidr, second.gateway_ip]).toEqual(['10.20.0.0/24', '10.20.1.0/26', '10.20.1.1']);
      expect((await api.remove(`/v2.0/subnetpools/${pool}`, alice)).body.NeutronError.type).toBe(
        'SubnetPoolDeleteError',
      );
      for (const { id } of [first, second]) await api.remove(`/v2.0/subnets/${id}`, alice);
      expect((await api.remove(`/v2.0/subnetpools/${pool}`, alice)).status).toBe(204);
    });

    it('gives prefixes to requests that come at once, each its own', async () => {
      const pool = await addPool({ default_prefixlen: 26 });
      const networks = await Promise.all(Array.from({ length: 8 }, () => addNetwork()));
      const answers = await Promise.all(networks.map((network_id) => fromPool(network_id, pool)));
      expect(new Set(answers.map(({ body }) => body.subnet.cidr)).size).toBe(8);
    });

    it('must be the pool of every subnet of a family on a network', async () => {
      const pool = await addPool({ default_prefixlen: 24 });
      const network_id = await addNetwork();
      await fromPool(network_id, pool);
      expect((await addSubnet(network_id)).body.NeutronError.type).toBe('NetworkSubnetPoolAffinityError');
      expect((await addSubnet(network_id, slaac)).status).toBe(201);
    });

    it('is for others only when it is shared', async () => {
      const network_id = await addNetwork({}, bob);
      const own = await addPool({ default_prefixlen: 24 });
      expect((await fromPool(network_id, own, {}, bob)).body.NeutronError.type).toBe('SubnetPoolNotFound');
      const shared = await addPool({ default_prefixlen: 24, shared: true }, admin);
      expect((await fromPool(network_id, shared, {}, bob)).status).toBe(201);
    });

    it('can be the default one, but only one of a family', async () => {
      const id = await addPool({ is_default: true, default_prefixlen: 24 }, admin);
      const another = { subnetpool: { name: 'x', prefixes: ['10.30.0.0/16'], is_default: true } };
      expect((await api.post('/v2.0/subnetpools', another)).body.NeutronError.type).toBe('InvalidInput');
      const subnet = { network_id: await addNetwork({}, admin), ip_version: 4, use_default_subnetpool: true };
      expect((await api.post('/v2.0/subnets', { subnet })).body.subnet.subnetpool_id).toBe(id);
    });

    it('grows and shrinks by prefixes that no subnet has', async () => {
      const id = await addPool({ default_prefixlen: 24 });
      const act = (action: string, prefixes: readonly string[]) =>
        api.put(`/v2.0/subnetpools/${id}/${action}`, { prefixes }, alice);
      expect((await act('add_prefixes', ['10.21.0.0/16'])).body).toEqual({ prefixes: ['10.20.0.0/15'] });
      await fromPool(await addNetwork(), id);
      expect((await act('remove_prefixes', ['10.20.0.0/24'])).body.NeutronError.type).toBe(
        'IllegalSubnetPoolPrefixUpdate',
      );
      expect((await act('remove_prefixes', ['10.21.0.0/16'])).body).toEqual({ prefixes: ['10.20.0.0/16'] });
      expect((await act('add_prefixes', ['nonsense'])).status).toBe(400);
      const hidden = (await api.post('/v2.0/networks', { network: {} }, bob)).body.network.id;
      const body = { network_id: hidden };
      const onboarded = await api.put(`/v2.0/subnetpools/${id}/onboard_network_subnets`, body, alice);
      expect(onboarded.body.NeutronError.type).toBe('NetworkNotFound');
    });
  });
});
