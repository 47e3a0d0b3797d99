import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi(
  (api) => {
    const nobody = '00000000-0000-4000-8000-000000000000';

    async function network(more: object = {}, as = alice): Promise<string> {
      return (await api.post('/v2.0/networks', { network: more }, as)).body.network.id;
    }
    async function subnet(network_id: string, cidr: string, more: object = {}, as = alice): Promise<string> {
      const ip_version = cidr.includes(':') ? 6 : 4;
      return (await api.post('/v2.0/subnets', { subnet: { network_id, ip_version, cidr, ...more } }, as)).body.subnet
        .id;
    }
    async function outside(cidr = '172.24.4.0/24'): Promise<{ readonly id: string; readonly subnetId: string }> {
      const id = await network({ 'router:external': true }, admin);
      return { id, subnetId: await subnet(id, cidr, { enable_dhcp: false }, admin) };
    }
    async function router(more: object = {}, as = alice) {
      return (await api.post('/v2.0/routers', { router: more }, as)).body.router;
    }
    const act = (id: string, action: string, body: object, as = alice) =>
      api.put(`/v2.0/routers/${id}/${action}`, body, as);
    const revision = async (id: string): Promise<number> =>
      (await api.get(`/v2.0/routers/${id}`)).body.router.revision_number;

    describe('a router', () => {
      it('is shown to its owner without what only administrators see', async () => {
        const created = await router({ name: 'r' });
        expect(created).toMatchObject({
          name: 'r',
          status: 'ACTIVE',
          admin_state_up: true,
          external_gateway_info: null,
          routes: [],
          flavor_id: null,
          enable_ndp_proxy: false,
          availability_zones: [],
          availability_zone_hints: [],
          conntrack_helpers: [],
          tenant_id: alice.project,
        });
        expect(Object.keys(created)).not.toContain('enable_snat');
        expect(Object.keys(created)).not.toContain('ha');
        expect((await api.get(`/v2.0/routers/${created.id}`)).body.router).toMatchObject({
          ha: false,
          distributed: false,
        });
      });
      it('becomes of another kind only while it does not forward', async () => {
        const created = await api.post('/v2.0/routers', { router: { distributed: true, ha: true } }, admin);
        expect(created.body.router).toMatchObject({ distributed: true, ha: true });
        const change = (changes: object) =>
          api.put(`/v2.0/routers/${created.body.router.id}`, { router: changes }, admin);
        const advice = 'Please set router admin_state_up to False prior to upgrade.';
        const distributed = `Bad router request: Cannot change the 'distributed' attribute of active routers. ${advice}`;
        const ha = `Bad router request: Cannot change HA attribute of active routers. ${advice}`;
        const refusal = async (changes: object) => (await change(changes)).body.NeutronError.message;
        expect(await refusal({ distributed: false })).toBe(distributed);
        expect(await refusal({ ha: false })).toBe(ha);
        expect(await refusal({ ha: false, distributed: false })).toBe(`${distributed}\n${ha}`);
        expect(await refusal({ distributed: false, admin_state_up: false })).toBe(distributed);
        await change({ admin_state_up: false });
        const kinds = [false, true].flatMap((one) => [false, true].map((other) => ({ distributed: one, ha: other })));
        for (const from of kinds) {
          for (const to of kinds) {
            for (const kind of [from, to]) expect((await change(kind)).body.router).toMatchObject(kind);
          }
        }
      });
      it('is not there for other projects', async () => {
        const { id } = await router();
        expect((await api.get(`/v2.0/routers/${id}`, bob)).status).toBe(404);
        expect((await act(id, 'add_router_interface', {}, bob)).body.NeutronError.type).toBe('RouterNotFound');
      });
    });

    describe('an interface', () => {
      it('takes the address of the subnet its router is expected at', async () => {
        const { id } = await router();
        const network_id = await network();
        const subnet_id = await subnet(network_id, '10.0.0.0/24');
        const before = await revision(id);
        const { status, body } = await act(id, 'add_router_interface', { subnet_id });
        expect(status).toBe(200);
        expect(body).toMatchObject({ id, network_id, subnet_id, subnet_ids: [subnet_id] });
        expect(await revision(id)).toBeGreaterThan(before);
        const { port } = (await api.get(`/v2.0/ports/${body.port_id}`)).body;
        expect(port).toMatchObject({
          device_id: id,
          device_owner: 'network:router_interface',
          fixed_ips: [{ subnet_id, ip_address: '10.0.0.1' }],
          port_security_enabled: false,
          status: 'DOWN',
          'binding:host_id': '',
        });
      });
      it('cannot be readdressed or deleted as a port', async () => {
        const { id } = await router();
        const subnet_id = await subnet(await network(), '10.0.0.0/24');
        const { port_id } = (await act(id, 'add_router_interface', { subnet_id })).body;
        const changed = await api.put(`/v2.0/ports/${port_id}`, { port: { fixed_ips: [] } }, alice);
        expect(changed.body.NeutronError.message).toBe(
          `Bad ports request: IP updates for port ${port_id} are not allowed.`,
        );
        const kept = await api.put(`/v2.0/ports/${port_id}`, { port: { fixed_ips: [{ subnet_id }] } }, alice);
        expect(kept.body.port.fixed_ips).toEqual([{ subnet_id, ip_address: '10.0.0.1' }]);
        // It is the router's whatever its owner writes into it.
        await api.put(`/v2.0/ports/${port_id}`, { port: { device_id: '', device_owner: '' } }, alice);
        expect((await api.remove(`/v2.0/ports/${port_id}`, alice)).body.NeutronError.type).toBe('ServicePortInUse');
        expect((await api.remove(`/v2.0/subnets/${subnet_id}`, alice)).status).toBe(409);
        expect((await api.remove(`/v2.0/routers/${id}`, alice)).body.NeutronError).toMatchObject({
          type: 'RouterInUse',
          message: `Router ${id} has ports still attached: ${port_id}`,
        });
      });
      it('is not had twice, and not beside an overlapping one', async () => {
        const { id } = await router();
        const first = await subnet(await network(), '10.0.0.0/24');
        const second = await subnet(await network(), '10.0.0.128/25');
        await act(id, 'add_router_interface', { subnet_id: first });
        const again = await act(id, 'add_router_interface', { subnet_id: first });
        expect(again.body.NeutronError.message).toBe(
          `Bad router request: Router already has a port on subnet ${first}.`,
        );
        const other = await act(id, 'add_router_interface', { subnet_id: second });
        expect(other.body.NeutronError.message).toBe(
          `Bad router request: Cidr 10.0.0.128/25 of subnet ${second} overlaps with cidr 10.0.0.0/24 of subnet ${first}.`,
        );
      });
      it('is a port for all IPv6 subnets of a network, which stays until the last is taken away', async () => {
        const { id } = await router();
        const network_id = await network();
        const slaac = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' };
        const a = await subnet(network_id, 'fd00:a::/64', slaac);
        const b = await subnet(network_id, 'fd00:b::/64', slaac);
        const one = (await act(id, 'add_router_interface', { subnet_id: a })).body;
        const two = (await act(id, 'add_router_interface', { subnet_id: b })).body;
        expect(two.port_id).toBe(one.port_id);
        const { port } = (await api.get(`/v2.0/ports/${one.port_id}`)).body;
        expect(port.fixed_ips).toEqual([
          { subnet_id: a, ip_address: 'fd00:a::' },
          { subnet_id: b, ip_address: 'fd00:b::' },
        ]);
        expect((await act(id, 'remove_router_interface', { subnet_id: a })).body.port_id).toBe(one.port_id);
        expect((await api.get(`/v2.0/ports/${one.port_id}`)).body.port.fixed_ips).toHaveLength(1);
        await act(id, 'remove_router_interface', { subnet_id: b });
        expect((await api.get(`/v2.0/ports/${one.port_id}`)).status).toBe(404);
        expect((await api.remove(`/v2.0/routers/${id}`, alice)).status).toBe(204);
      });
      it('can be a port that is there and free, which goes with it', async () => {
        const { id } = await router();
        const network_id = await network();
        const subnet_id = await subnet(network_id, '10.0.0.0/24');
        const { port } = (await api.post('/v2.0/ports', { port: { network_id } }, alice)).body;
        const added = await act(id, 'add_router_interface', { port_id: port.id });
        expect(added.body).toMatchObject({ port_id: port.id, subnet_ids: [subnet_id] });
        const other = await router();
        const busy = await act(other.id, 'add_router_interface', { port_id: port.id });
        expect(busy.body.NeutronError.type).toBe('PortInUse');
        expect(
          (await act(id, 'remove_router_interface', { port_id: port.id, subnet_id: nobody })).body.NeutronError.type,
        ).toBe('SubnetMismatchForPort');
        expect((await act(id, 'remove_router_interface', { port_id: port.id })).status).toBe(200);
        expect((await api.get(`/v2.0/ports/${port.id}`)).status).toBe(404);
      });
      it.each([
        [{}, 400, 'Bad router request: Either subnet_id or port_id must be specified.'],
        [{ subnet_id: nobody, port_id: nobody }, 400, 'Bad router request: Cannot specify both subnet-id and port-id.'],
        [{ subnet_id: 'x' }, 400, "Bad router request: 'x' is not a valid UUID."],
        [{ subnet_id: nobody }, 404, `Subnet ${nobody} could not be found.`],
        [{ port_id: nobody }, 404, `Port ${nobody} could not be found.`],
      ])('refuses %j', async (body, status, message) => {
        const { id } = await router();
        const answer = await act(id, 'add_router_interface', body);
        expect(answer.status).toBe(status);
        expect(answer.body.NeutronError.message).toBe(message);
      });
      it('on a network that everyone may use is for its owner', async () => {
        const { id } = await router({}, bob);
        const subnet_id = await subnet(await network({ shared: true }, admin), '10.0.0.0/24', {}, admin);
        const answer = await act(id, 'add_router_interface', { subnet_id }, bob);
        expect(answer.body.NeutronError.message).toContain('is not owned by project making the request');
      });
    });

    describe('a way out', () => {
      it('is a port of nobody on the external network', async () => {
        const { id: network_id, subnetId: subnet_id } = await outside();
        const created = await router({ external_gateway_info: { network_id } });
        expect(created.external_gateway_info).toMatchObject({ network_id, enable_snat: true });
        const [address] = created.external_gateway_info.external_fixed_ips;
        expect(address.subnet_id).toBe(subnet_id);
        const { ports } = (await api.get(`/v2.0/ports?device_id=${created.id}`)).body;
        expect(ports).toMatchObject([
          { project_id: '', tenant_id: '', device_owner: 'network:router_gateway', fixed_ips: [address] },
        ]);
        expect((await api.get(`/v2.0/ports?device_id=${created.id}`, alice)).body.ports).toEqual([]);
      });
      it('keeps its address on the same network, and gets another elsewhere', async () => {
        const { id: network_id } = await outside();
        const { id: elsewhere } = await outside('172.24.5.0/24');
        const { id, external_gateway_info: before } = await router({ external_gateway_info: { network_id } });
        const set = async (info: object | null, as = admin) =>
          (await api.put(`/v2.0/routers/${id}`, { router: { external_gateway_info: info } }, as)).body.router;
        const without = await set({ network_id, enable_snat: false });
        expect(without.external_gateway_info).toEqual({ ...before, enable_snat: false });
        expect((await set({ network_id })).external_gateway_info).toEqual(before);
        const moved = await set({ network_id, external_fixed_ips: [{ ip_address: '172.24.4.9' }] });
        expect(moved.external_gateway_info.external_fixed_ips).toMatchObject([{ ip_address: '172.24.4.9' }]);
        const revisionBefore = moved.revision_number;
        const away = await set({ network_id: elsewhere });
        expect(away.external_gateway_info.network_id).toBe(elsewhere);
        expect(away.revision_number).toBeGreaterThan(revisionBefore);
        expect((await set({})).external_gateway_info).toBeNull();
        expect((await api.get(`/v2.0/ports?device_id=${id}`)).body.ports).toEqual([]);
      });
      it('has its translation and its addresses chosen by administrators', async () => {
        const { id: network_id } = await outside();
        const { id } = await router();
        const external_gateway_info = { network_id, enable_snat: false };
        const answer = await api.put(`/v2.0/routers/${id}`, { router: { external_gateway_info } }, alice);
        expect(answer.status).toBe(403);
        expect(answer.body.NeutronError.message).toBe(
          '(rule:update_router and (rule:update_router:external_gateway_info and ' +
            '(rule:update_router:external_gateway_info:network_id and ' +
            'rule:update_router:external_gateway_info:enable_snat))) is disallowed by policy',
        );
      });
      it('leads to an external network, not to the gateway of that, and not into what is inside', async () => {
        const { id: network_id, subnetId: subnet_id } = await outside('10.0.0.0/16');
        const { id } = await router();
        await act(id, 'add_router_interface', { subnet_id: await subnet(await network(), '10.0.0.0/24') });
        const set = async (info: object) =>
          (await api.put(`/v2.0/routers/${id}`, { router: { external_gateway_info: info } }, admin)).body.NeutronError
            .message;
        const inner = await network();
        expect(await set({ network_id: inner })).toBe(
          `Bad router request: Network ${inner} is not an external network.`,
        );
        expect(await set({ network_id, external_fixed_ips: [{ ip_address: '10.0.0.1' }] })).toBe(
          'Bad router request: External IP 10.0.0.1 is the same as the gateway IP.',
        );
        expect(await set({ network_id })).toContain(`of subnet ${subnet_id} overlaps with cidr 10.0.0.0/24`);
        expect((await api.get(`/v2.0/routers/${id}`)).body.router.external_gateway_info).toBeNull();
      });
      it('keeps its network external', async () => {
        const { id: network_id } = await outside();
        await router({ external_gateway_info: { network_id } });
        const answer = await api.put(`/v2.0/networks/${network_id}`, { network: { 'router:external': false } }, admin);
        expect(answer.body.NeutronError.type).toBe('ExternalNetworkInUse');
      });
    });

    describe('extra routes', () => {
      it('are replaced by a list, and added and removed as often as one likes', async () => {
        const { id } = await router();
        await act(id, 'add_router_interface', { subnet_id: await subnet(await network(), '10.0.0.0/24') });
        const a = { destination: '10.1.0.0/24', nexthop: '10.0.0.9' };
        const b = { destination: '10.1.0.0/24', nexthop: '10.0.0.10' };
        const set = (routes: unknown) => api.put(`/v2.0/routers/${id}`, { router: { routes } }, alice);
        expect((await set([a])).body.router.routes).toEqual([a]);
        expect((await act(id, 'add_extraroutes', { router: { routes: [a, b] } })).body.router.routes).toEqual([a, b]);
        expect((await act(id, 'add_extraroutes', { router: { routes: [b] } })).body.router.routes).toEqual([a, b]);
        expect((await act(id, 'remove_extraroutes', { router: { routes: [a] } })).body.router.routes).toEqual([b]);
        expect((await act(id, 'remove_extraroutes', { router: { routes: [a] } })).body.router.routes).toEqual([b]);
        expect((await act(id, 'add_extraroutes', {})).status).toBe(400);
        expect((await set(null)).body.router.routes).toEqual([]);
      });
      it('lead to neighbours, and keep the interface to them', async () => {
        const { id } = await router();
        const subnet_id = await subnet(await network(), '10.0.0.0/24');
        await act(id, 'add_router_interface', { subnet_id });
        const set = async (nexthop: string) =>
          (
            await api.put(
              `/v2.0/routers/${id}`,
              { router: { routes: [{ destination: '10.1.0.0/24', nexthop }] } },
              alice,
            )
          ).body;
        expect((await set('10.2.0.1')).NeutronError).toMatchObject({
          type: 'InvalidRoutes',
          message:
            "Invalid format for routes: [{'destination': '10.1.0.0/24', 'nexthop': '10.2.0.1'}], " +
            'the nexthop is not connected with router',
        });
        expect((await set('10.0.0.1')).NeutronError.message).toContain('the nexthop is used by router');
        await set('10.0.0.9');
        const removal = await act(id, 'remove_router_interface', { subnet_id });
        expect(removal.body.NeutronError.type).toBe('RouterInterfaceInUseByRoute');
      });
      it('are not without number', async () => {
        const { id } = await router();
        await act(id, 'add_router_interface', { subnet_id: await subnet(await network(), '10.0.0.0/24') });
        const routes = Array.from({ length: 31 }, (_, i) => ({ destination: `10.1.${i}.0/24`, nexthop: '10.0.0.9' }));
        const answer = await api.put(`/v2.0/routers/${id}`, { router: { routes } }, alice);
        expect(answer.body.NeutronError.type).toBe('RoutesExhausted');
      });
    });
  },
  { settings: { 'quotas.router': '-1' } },
);
