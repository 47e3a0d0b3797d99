import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

withApi(
  (api) => {
    const slaac = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' };
    let scopeId: string;
    let pools: { readonly outside: string; readonly inside: string };
    let outsideId: string;
    let networkId: string;
    let subnetId: string;
    let routerId: string;
    let inside: { readonly id: string; readonly address: string };

    async function pool(prefix: string, address_scope_id: string | null): Promise<string> {
      const subnetpool = { name: 'p', prefixes: [prefix], default_prefixlen: 64, address_scope_id, shared: true };
      return (await api.post('/v2.0/subnetpools', { subnetpool }, admin)).body.subnetpool.id;
    }
    async function subnet(network_id: string, subnetpool_id: string, more: object, as = alice): Promise<string> {
      const body = { subnet: { network_id, ip_version: 6, subnetpool_id, ...more } };
      return (await api.post('/v2.0/subnets', body, as)).body.subnet.id;
    }
    async function external(subnetpool_id: string): Promise<string> {
      const network = { 'router:external': true };
      const { id } = (await api.post('/v2.0/networks', { network }, admin)).body.network;
      await subnet(id, subnetpool_id, { enable_dhcp: false }, admin);
      return id;
    }
    const setRouter = (router: object) => api.put(`/v2.0/routers/${routerId}`, { router }, alice);
    const create = (more: object = {}, as = alice) =>
      api.post('/v2.0/ndp_proxies', { ndp_proxy: { router_id: routerId, port_id: inside.id, ...more } }, as);

    beforeAll(async () => {
      const address_scope = { name: 's', ip_version: 6, shared: true };
      scopeId = (await api.post('/v2.0/address-scopes', { address_scope }, admin)).body.address_scope.id;
      pools = { outside: await pool('2001:db8:1::/48', scopeId), inside: await pool('2001:db8:2::/48', scopeId) };
    });
    beforeEach(async () => {
      outsideId = await external(pools.outside);
      networkId = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
      subnetId = await subnet(networkId, pools.inside, slaac);
      const router = { external_gateway_info: { network_id: outsideId }, enable_ndp_proxy: true };
      routerId = (await api.post('/v2.0/routers', { router }, alice)).body.router.id;
      await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id: subnetId }, alice);
      const { port } = (await api.post('/v2.0/ports', { port: { network_id: networkId } }, alice)).body;
      inside = { id: port.id, address: port.fixed_ips[0].ip_address };
    });

    describe('a router that answers for others', () => {
      it('has a way out with an address of IPv6 in a scope', async () => {
        const make = (router: object) =>
          api.post('/v2.0/routers', { router: { enable_ndp_proxy: true, ...router } }, alice);
        expect((await make({})).body.NeutronError.message).toContain('not contain external gateway information');
        const unscoped = await external(await pool('2001:db8:7::/48', null));
        expect((await make({ external_gateway_info: { network_id: unscoped } })).body.NeutronError.type).toBe(
          'RouterGatewayNotValid',
        );
        const plain = (await api.post('/v2.0/routers', { router: {} }, alice)).body.router;
        const enabled = await api.put(`/v2.0/routers/${plain.id}`, { router: { enable_ndp_proxy: true } }, alice);
        expect(enabled.body.NeutronError.message).toContain('The router has no external gateway or');
      });
      it('stops with its way out', async () => {
        expect(
          (await setRouter({ external_gateway_info: null, enable_ndp_proxy: true })).body.NeutronError.message,
        ).toBe(`Can not enable ndp proxy on router ${routerId}, The router's external gateway will be unset.`);
        expect((await setRouter({ external_gateway_info: null })).body.router.enable_ndp_proxy).toBe(false);
        const again = { external_gateway_info: { network_id: outsideId }, enable_ndp_proxy: true };
        expect((await setRouter(again)).body.router.enable_ndp_proxy).toBe(true);
      });
    });

    describe('an NDP proxy', () => {
      it('is for an address of a port that its router reaches', async () => {
        const { status, body } = await create({ name: 'a', description: 'b' });
        expect(status).toBe(201);
        expect(body.ndp_proxy).toMatchObject({
          name: 'a',
          description: 'b',
          router_id: routerId,
          port_id: inside.id,
          ip_address: inside.address,
          project_id: alice.project,
        });
        const path = `/v2.0/ndp_proxies/${body.ndp_proxy.id}`;
        expect((await api.get(path, bob)).body.NeutronError.type).toBe('NDPProxyNotFound');
        expect((await api.put(path, { ndp_proxy: { name: 'c' } }, alice)).body.ndp_proxy.name).toBe('c');
        expect((await create()).status).toBe(409);
        expect((await api.remove(path, alice)).status).toBe(204);
      });
      it('keeps the way out and the interface', async () => {
        await create();
        expect((await setRouter({ external_gateway_info: null })).body.NeutronError.type).toBe(
          'RouterGatewayInUseByNDPProxy',
        );
        const unplug = await api.put(
          `/v2.0/routers/${routerId}/remove_router_interface`,
          { subnet_id: subnetId },
          alice,
        );
        expect(unplug.body.NeutronError.type).toBe('RouterInterfaceInUseByNDPProxy');
      });
      it('goes with the port', async () => {
        const { id } = (await create()).body.ndp_proxy;
        await api.remove(`/v2.0/ports/${inside.id}`, alice);
        expect((await api.get(`/v2.0/ndp_proxies/${id}`, alice)).status).toBe(404);
      });
      it('is refused where it would do nothing', async () => {
        const type = async (more: object = {}) => (await create(more)).body.NeutronError.type;
        expect(await type({ ip_address: '2001:db8:2:99::1' })).toBe('InvalidAddress');
        await setRouter({ enable_ndp_proxy: false });
        expect(await type()).toBe('RouterNDPProxyNotEnable');
        await setRouter({ enable_ndp_proxy: true });
        await api.put(`/v2.0/routers/${routerId}/remove_router_interface`, { subnet_id: subnetId }, alice);
        expect(await type()).toBe('PortUnreachableRouter');
        expect((await create({}, bob)).body.NeutronError.type).toBe('PortNotFound');
      });
      it('is refused between address scopes', async () => {
        const network_id = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
        const subnet_id = await subnet(network_id, await pool('2001:db8:8::/48', null), slaac);
        await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id }, alice);
        const { port } = (await api.post('/v2.0/ports', { port: { network_id } }, alice)).body;
        expect((await create({ port_id: port.id })).body.NeutronError).toMatchObject({
          type: 'AddressScopeConflict',
          message:
            `The IPv6 address scope ${scopeId} of external network conflict with internal network's IPv6 address ` +
            'scope None.',
        });
      });
    });
  },
  { settings: { 'quotas.router': '-1', 'quotas.network': '-1', 'quotas.subnet': '-1' } },
);
