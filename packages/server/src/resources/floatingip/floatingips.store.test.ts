import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { beforeEach, describe, expect, it } from 'vitest';

withApi(
  (api) => {
    /** Alice's router leads from her network to a network of the administrator's. */
    let outside: { readonly networkId: string; readonly subnetId: string };
    let inside: { readonly networkId: string; readonly subnetId: string };
    let routerId: string;

    async function network(more: object, as = alice): Promise<string> {
      return (await api.post('/v2.0/networks', { network: more }, as)).body.network.id;
    }
    async function subnet(network_id: string, cidr: string, as = alice): Promise<string> {
      const ip_version = cidr.includes(':') ? 6 : 4;
      const body = { subnet: { network_id, ip_version, cidr, enable_dhcp: false } };
      return (await api.post('/v2.0/subnets', body, as)).body.subnet.id;
    }
    async function newPort(more: object = {}, as = alice): Promise<{ id: string; address: string }> {
      const { port } = (await api.post('/v2.0/ports', { port: { network_id: inside.networkId, ...more } }, as)).body;
      return { id: port.id, address: port.fixed_ips[0]?.ip_address };
    }
    const create = (more: object = {}, as = alice) =>
      api.post('/v2.0/floatingips', { floatingip: { floating_network_id: outside.networkId, ...more } }, as);
    const change = (id: string, floatingip: object, as = alice) =>
      api.put(`/v2.0/floatingips/${id}`, { floatingip }, as);
    const show = async (id: string) => (await api.get(`/v2.0/floatingips/${id}`)).body.floatingip;

    beforeEach(async () => {
      const outsideId = await network({ 'router:external': true }, admin);
      outside = { networkId: outsideId, subnetId: await subnet(outsideId, '172.24.4.0/24', admin) };
      const insideId = await network({});
      inside = { networkId: insideId, subnetId: await subnet(insideId, '10.0.0.0/24') };
      const router = { external_gateway_info: { network_id: outside.networkId } };
      routerId = (await api.post('/v2.0/routers', { router }, alice)).body.router.id;
      await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id: inside.subnetId }, alice);
    });

    describe('a floating IP', () => {
      it('has an address that a port of nobody keeps', async () => {
        const { status, body } = await create({ description: 'for the web' });
        expect(status).toBe(201);
        expect(body.floatingip).toMatchObject({
          floating_network_id: outside.networkId,
          port_id: null,
          fixed_ip_address: null,
          router_id: null,
          status: 'DOWN',
          description: 'for the web',
          port_details: null,
          port_forwardings: [],
          tenant_id: alice.project,
        });
        expect(Object.keys(body.floatingip)).not.toContain('floating_port_id');
        const { id, floating_ip_address: ip_address } = body.floatingip;
        const { ports } = (await api.get(`/v2.0/ports?device_id=${id}`)).body;
        expect(ports).toMatchObject([
          { project_id: '', device_owner: 'network:floatingip', status: 'N/A', fixed_ips: [{ ip_address }] },
        ]);
        const portPath = `/v2.0/ports/${ports[0].id}`;
        expect((await api.remove(portPath)).body.NeutronError.type).toBe('ServicePortInUse');
        expect((await api.put(portPath, { port: { fixed_ips: [] } })).status).toBe(400);
        expect((await api.remove(`/v2.0/floatingips/${id}`, alice)).status).toBe(204);
        expect((await api.get(portPath)).status).toBe(404);
      });
      it('stands for a port, for another, for none', async () => {
        const [a, b] = [await newPort({ name: 'a' }), await newPort({ name: 'b' })];
        const { id } = (await create({ port_id: a.id })).body.floatingip;
        expect(await show(id)).toMatchObject({
          port_id: a.id,
          fixed_ip_address: a.address,
          router_id: routerId,
          port_details: { name: 'a', network_id: inside.networkId, admin_state_up: true, device_owner: '' },
        });
        const moved = await change(id, { port_id: b.id });
        expect(moved.body.floatingip).toMatchObject({
          port_id: b.id,
          fixed_ip_address: b.address,
          router_id: routerId,
        });
        const described = await change(id, { description: 'still' });
        expect(described.body.floatingip).toMatchObject({ port_id: b.id, description: 'still' });
        const none = { port_id: null, fixed_ip_address: null, router_id: null, port_details: null };
        expect((await change(id, { port_id: null })).body.floatingip).toMatchObject(none);
        await change(id, { port_id: a.id });
        expect((await change(id, {})).body.floatingip).toMatchObject(none);
      });
      it('stands for nothing once its port is gone', async () => {
        const { id: port_id } = await newPort();
        const { id } = (await create({ port_id })).body.floatingip;
        expect((await api.remove(`/v2.0/ports/${port_id}`, alice)).status).toBe(204);
        expect(await show(id)).toMatchObject({ port_id: null, fixed_ip_address: null, router_id: null });
      });
      it('keeps the way between the two', async () => {
        const { id: port_id } = await newPort();
        await create({ port_id });
        const clear = await api.put(`/v2.0/routers/${routerId}`, { router: { external_gateway_info: null } }, alice);
        expect(clear.body.NeutronError.type).toBe('RouterExternalGatewayInUseByFloatingIp');
        const unplug = { subnet_id: inside.subnetId };
        const removal = await api.put(`/v2.0/routers/${routerId}/remove_router_interface`, unplug, alice);
        expect(removal.body.NeutronError.type).toBe('RouterInterfaceInUseByFloatingIP');
        const readdressed = await api.put(`/v2.0/ports/${port_id}`, { port: { fixed_ips: [] } }, alice);
        expect(readdressed.body.NeutronError.type).toBe('FipAssociated');
        expect((await api.remove(`/v2.0/networks/${outside.networkId}`)).body.NeutronError.type).toBe('NetworkInUse');
      });
      it('comes in by an interface where no gateway leads to its network, and keeps that', async () => {
        const networkId = await network({ 'router:external': true, project_id: alice.project }, admin);
        const subnetId = await subnet(networkId, '192.0.2.0/24');
        const unplug = async (subnet_id: string) =>
          (await api.put(`/v2.0/routers/${routerId}/remove_router_interface`, { subnet_id }, alice)).body.NeutronError;
        await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id: subnetId }, alice);
        const { id: port_id } = await newPort();
        const { id, router_id } = (await create({ floating_network_id: networkId, port_id })).body.floatingip;
        expect(router_id).toBe(routerId);
        expect((await unplug(subnetId)).type).toBe('RouterInterfaceInUseAsGatewayByFloatingIP');
        expect((await unplug(inside.subnetId)).type).toBe('RouterInterfaceInUseByFloatingIP');
        // The way out by another network is not needed.
        const clear = await api.put(`/v2.0/routers/${routerId}`, { router: { external_gateway_info: null } }, alice);
        expect(clear.status).toBe(200);
        await change(id, { port_id: null });
        expect(await unplug(subnetId)).toBeUndefined();
        expect((await change(id, { port_id })).body.NeutronError.type).toBe('ExternalGatewayForFloatingIPNotFound');
      });
      it('that stands for nothing goes with its network', async () => {
        const { id } = (await create()).body.floatingip;
        await api.put(`/v2.0/routers/${routerId}`, { router: { external_gateway_info: null } }, alice);
        expect((await api.remove(`/v2.0/networks/${outside.networkId}`)).status).toBe(204);
        expect((await api.get(`/v2.0/floatingips/${id}`)).status).toBe(404);
      });
      it('has the address or the subnet that it asks for', async () => {
        const wanted = { floating_ip_address: '172.24.4.21' };
        expect((await create(wanted)).status).toBe(403);
        expect((await create(wanted, admin)).body.floatingip).toMatchObject(wanted);
        expect((await create(wanted, admin)).body.NeutronError.type).toBe('IpAddressAlreadyAllocated');
        const other = await subnet(outside.networkId, '172.24.5.0/24', admin);
        const { floating_ip_address } = (await create({ subnet_id: other })).body.floatingip;
        expect(floating_ip_address).toMatch(/^172\.24\.5\./);
        expect((await create({ subnet_id: inside.subnetId })).body.NeutronError.message).toContain(
          'because fixed_ips included invalid subnet',
        );
      });
      it('is the only one of its network for an address inside, but not the only one', async () => {
        const { id: port_id, address } = await newPort();
        await create({ port_id });
        const second = await create({ port_id });
        expect(second.body.NeutronError.type).toBe('FloatingIPPortAlreadyAssociated');
        expect(second.body.NeutronError.message).toContain(`using fixed IP ${address}, as that fixed IP already has`);
        const { id } = (await create()).body.floatingip;
        expect((await change(id, { port_id })).status).toBe(409);
      });
      it('needs a router from the port to its network', async () => {
        const elsewhere = await network({});
        const subnet_id = await subnet(elsewhere, '10.2.0.0/24');
        const { id: port_id } = await newPort({ network_id: elsewhere });
        const answer = await create({ port_id });
        expect(answer.status).toBe(404);
        expect(answer.body.NeutronError.message).toBe(
          `External network ${outside.networkId} is not reachable from subnet ${subnet_id}.  ` +
            `Therefore, cannot associate Port ${port_id} with a Floating IP.`,
        );
      });
      it('goes by the router that the subnet names as its gateway when several lead out', async () => {
        const router = { external_gateway_info: { network_id: outside.networkId } };
        for (let others = 0; others < 3; others += 1) {
          const { id } = (await api.post('/v2.0/routers', { router }, alice)).body.router;
          const { id: port_id } = await newPort();
          await api.put(`/v2.0/routers/${id}/add_router_interface`, { port_id }, alice);
        }
        const { id: port_id } = await newPort();
        expect((await create({ port_id })).body.floatingip.router_id).toBe(routerId);
      });
      it('names the address of a port that has several', async () => {
        const fixed_ips = [{ ip_address: '10.0.0.10' }, { ip_address: '10.0.0.11' }];
        const { id: port_id } = await newPort({ fixed_ips });
        const message = async (more: object) => (await create(more)).body.NeutronError.message;
        expect(await message({ port_id })).toBe(
          `Bad floatingip request: Port ${port_id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 ` +
            'address when assigning a floating IP.',
        );
        expect(await message({ port_id, fixed_ip_address: '10.0.0.12' })).toBe(
          `Bad floatingip request: Port ${port_id} does not have fixed ip 10.0.0.12.`,
        );
        expect(await message({ port_id, fixed_ip_address: 'fd00::1' })).toContain('since that is not an IPv4 address');
        expect(await message({ fixed_ip_address: '10.0.0.10' })).toBe(
          'Bad floatingip request: fixed_ip_address cannot be specified without a port_id.',
        );
        const created = await create({ port_id, fixed_ip_address: '10.0.0.11' });
        expect(created.body.floatingip.fixed_ip_address).toBe('10.0.0.11');
        const { id: bare } = await newPort({ fixed_ips: [] });
        expect(await message({ port_id: bare })).toContain('that has no fixed IPv4 addresses');
      });
      it("stands for a project's own ports only", async () => {
        const { id: port_id } = await newPort();
        expect((await create({ port_id }, bob)).body.NeutronError.type).toBe('PortNotFound');
      });
      it('is of an external network with IPv4', async () => {
        const message = async (floating_network_id: string) =>
          (await create({ floating_network_id })).body.NeutronError.message;
        expect(await message(inside.networkId)).toContain('is not a valid external network');
        const v6 = await network({ 'router:external': true }, admin);
        await subnet(v6, '2001:db8::/64', admin);
        expect(await message(v6)).toBe(`Bad floatingip request: Network ${v6} does not contain any IPv4 subnet.`);
      });
      it('shows the pools that it can be from, to everyone alike', async () => {
        const { floatingip_pools: pools } = (await api.get('/v2.0/floatingip_pools', bob)).body;
        expect(pools).toContainEqual({
          subnet_id: outside.subnetId,
          subnet_name: '',
          network_id: outside.networkId,
          cidr: '172.24.4.0/24',
          project_id: bob.project,
          tenant_id: bob.project,
        });
        const subnets = pools.map((pool: { subnet_id: string }) => pool.subnet_id);
        expect(subnets).not.toContain(inside.subnetId);
      });
    });
  },
  { settings: { 'quotas.router': '-1', 'quotas.floatingip': '-1', 'quotas.network': '-1', 'quotas.subnet': '-1' } },
);
