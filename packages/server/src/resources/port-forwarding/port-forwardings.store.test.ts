import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { beforeEach, describe, expect, it } from 'vitest';

withApi(
  (api) => {
    let outsideId: string;
    let subnetId: string;
    let networkId: string;
    let routerId: string;
    let inside: { id: string; address: string };
    let floatingIpId: string;

    const newPort = async (network_id = networkId): Promise<{ id: string; address: string }> => {
      const { port } = (await api.post('/v2.0/ports', { port: { network_id } }, alice)).body;
      return { id: port.id, address: port.fixed_ips[0].ip_address };
    };
    const newFloatingIp = async (): Promise<string> => {
      const floatingip = { floating_network_id: outsideId };
      return (await api.post('/v2.0/floatingips', { floatingip }, alice)).body.floatingip.id;
    };
    beforeEach(async () => {
      const outside = { 'router:external': true };
      outsideId = (await api.post('/v2.0/networks', { network: outside }, admin)).body.network.id;
      const subnet = (network_id: string, cidr: string) => ({ network_id, cidr, ip_version: 4, enable_dhcp: false });
      await api.post('/v2.0/subnets', { subnet: subnet(outsideId, '172.24.4.0/24') }, admin);
      networkId = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
      const made = await api.post('/v2.0/subnets', { subnet: subnet(networkId, '10.0.0.0/24') }, alice);
      subnetId = made.body.subnet.id;
      const router = { external_gateway_info: { network_id: outsideId } };
      routerId = (await api.post('/v2.0/routers', { router }, alice)).body.router.id;
      await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id: subnetId }, alice);
      inside = await newPort();
      floatingIpId = await newFloatingIp();
    });

    const path = (id = floatingIpId): string => `/v2.0/floatingips/${id}/port_forwardings`;
    const create = (more: object = {}, id = floatingIpId, as = alice) =>
      api.post(
        path(id),
        {
          port_forwarding: {
            protocol: 'tcp',
            internal_port_id: inside.id,
            internal_ip_address: inside.address,
            internal_port: 22,
            external_port: 2222,
            ...more,
          },
        },
        as,
      );
    const change = (id: string, port_forwarding: object) => api.put(`${path()}/${id}`, { port_forwarding }, alice);
    const floatingIp = async () => (await api.get(`/v2.0/floatingips/${floatingIpId}`)).body.floatingip;

    describe('a port forwarding', () => {
      it('leads from a port outside to one inside, by a router that its floating IP then has', async () => {
        const { status, body } = await create({ description: 'ssh' });
        expect(status).toBe(201);
        const { id } = body.port_forwarding;
        expect(body.port_forwarding).toEqual({
          id,
          protocol: 'tcp',
          internal_port_id: inside.id,
          internal_ip_address: inside.address,
          internal_port: 22,
          internal_port_range: '22:22',
          external_port: 2222,
          external_port_range: '2222:2222',
          description: 'ssh',
        });
        expect(await floatingIp()).toMatchObject({
          router_id: routerId,
          port_id: null,
          port_forwardings: [{ id, protocol: 'tcp', internal_port: 22, external_port: 2222 }],
        });
        expect((await api.get(`${path()}/${id}`, alice)).body).toEqual(body);
        expect((await api.get(path(), alice)).body).toEqual({ port_forwardings: [body.port_forwarding] });
        expect((await api.get(`${path()}?external_port=1&fields=id`, alice)).body.port_forwardings).toEqual([]);
        for (const text of ['2222', '2222:2222']) {
          const { body } = await api.get(`${path()}?external_port_range=${text}&fields=id`, alice);
          expect(body.port_forwardings).toEqual([{ id }]);
        }
        expect((await api.get(`${path()}?external_port=2222&fields=id`, alice)).body.port_forwardings).toEqual([
          { id },
        ]);
        expect((await api.remove(`${path()}/${id}`, alice)).status).toBe(204);
        expect(await floatingIp()).toMatchObject({ router_id: null, port_forwardings: [] });
      });
      it('is of as many ports inside as outside, or of one inside', async () => {
        const ranges = (internal_port_range: string, external_port_range: string) =>
          create({ internal_port: null, external_port: null, internal_port_range, external_port_range });
        expect((await ranges('100:110', '200:210')).body.port_forwarding).toMatchObject({
          internal_port: null,
          external_port: null,
          internal_port_range: '100:110',
          external_port_range: '200:210',
        });
        expect((await ranges('111', '220:230')).body.port_forwarding.internal_port).toBe(111);
        expect((await ranges('120:130', '300')).body.NeutronError.message).toContain('must be N-N or 1-N');
        expect((await create({ external_port: null })).body.NeutronError.message).toBe(
          'Bad port_forwarding request: Either external_port or external_port_range must be specified.',
        );
      });
      it('shares no port with another, outside or inside, of the same protocol', async () => {
        await create();
        expect((await create({ internal_port: 23 })).body.NeutronError.message).toBe(
          'Bad port_forwarding request: There is a port collision with the external_port_range. ' +
            'The following ranges collides: 2222:2222 and 2222:2222.',
        );
        const second = await newFloatingIp();
        expect((await create({}, second)).body.NeutronError.message).toContain(
          'There is a port collision with the internal_port_range',
        );
        expect((await create({ protocol: 'udp' })).status).toBe(201);
      });
      it('changes', async () => {
        const { id } = (await create()).body.port_forwarding;
        await create({ internal_port: 80, external_port: 8080 });
        expect((await change(id, { external_port: 8080 })).status).toBe(400);
        expect((await change(id, { external_port: 2223, description: 'ssh' })).body.port_forwarding).toMatchObject({
          external_port: 2223,
          internal_port: 22,
          description: 'ssh',
        });
        const other = await newPort();
        expect((await change(id, { internal_port_id: other.id })).body.NeutronError.message).toContain(
          `Requested internal IP address ${inside.address} is not suitable`,
        );
        const moved = { internal_port_id: other.id, internal_ip_address: other.address };
        expect((await change(id, moved)).body.port_forwarding).toMatchObject(moved);
        expect((await change(id, { internal_ip_address: '10.0.0.250' })).body.NeutronError.message).toContain(
          'The internal IP does not correspond to an address on the internal port',
        );
      });
      it('excludes that its floating IP stands for a port, and keeps it', async () => {
        await create();
        const other = await newPort();
        const update = (floatingip: object) => api.put(`/v2.0/floatingips/${floatingIpId}`, { floatingip }, alice);
        expect((await update({ port_id: other.id })).body.NeutronError.type).toBe('FipInUseByPortForwarding');
        expect((await update({ port_id: null })).body.floatingip.router_id).toBe(routerId);
        expect((await api.remove(`/v2.0/floatingips/${floatingIpId}`, alice)).body.NeutronError.type).toBe(
          'FipInUseByPortForwarding',
        );
        const unplug = await api.put(
          `/v2.0/routers/${routerId}/remove_router_interface`,
          { subnet_id: subnetId },
          alice,
        );
        expect(unplug.body.NeutronError.type).toBe('RouterInterfaceInUseByFloatingIP');
        const clear = await api.put(`/v2.0/routers/${routerId}`, { router: { external_gateway_info: null } }, alice);
        expect(clear.body.NeutronError.type).toBe('RouterExternalGatewayInUseByFloatingIp');
      });
      it('is not to a port that another floating IP stands for, nor of one that stands for a port', async () => {
        const other = await newPort();
        const taken = await newFloatingIp();
        await api.put(`/v2.0/floatingips/${taken}`, { floatingip: { port_id: other.id } }, alice);
        expect((await create({}, taken)).body.NeutronError.type).toBe('FloatingIPPortAlreadyAssociated');
        const to = { internal_port_id: other.id, internal_ip_address: other.address };
        expect((await create(to)).body.NeutronError.type).toBe('PortHasBindingFloatingIP');
      });
      it('goes with the port inside, or with its address', async () => {
        await create();
        const other = inside.address === '10.0.0.77' ? '10.0.0.78' : '10.0.0.77';
        const moved = { fixed_ips: [{ subnet_id: subnetId, ip_address: other }] };
        await api.put(`/v2.0/ports/${inside.id}`, { port: moved }, alice);
        expect(await floatingIp()).toMatchObject({ router_id: null, port_forwardings: [] });
        await create({ internal_ip_address: other });
        await api.remove(`/v2.0/ports/${inside.id}`, alice);
        expect(await floatingIp()).toMatchObject({ router_id: null, port_forwardings: [] });
      });
      it('needs the way between the two', async () => {
        const elsewhere = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
        const subnet = { network_id: elsewhere, ip_version: 4, cidr: '10.9.0.0/24', enable_dhcp: false };
        await api.post('/v2.0/subnets', { subnet }, alice);
        const { id, address } = await newPort(elsewhere);
        const answer = await create({ internal_port_id: id, internal_ip_address: address });
        expect(answer.status).toBe(400);
        expect(answer.body.NeutronError.message).toContain('is not reachable from subnet');
      });
      it('is found below its floating IP alone, by who may see that', async () => {
        const { id } = (await create()).body.port_forwarding;
        const other = await newFloatingIp();
        expect((await api.get(`${path(other)}/${id}`, alice)).body.NeutronError.type).toBe('PortForwardingNotFound');
        for (const answer of [
          await api.get(path(), bob),
          await api.get(`${path()}/${id}`, bob),
          await create({}, floatingIpId, bob),
          await api.remove(`${path()}/${id}`, bob),
        ]) {
          expect(answer.body.NeutronError.type).toBe('FloatingIPNotFound');
        }
        const reader = { ...alice, roles: ['reader'] };
        expect((await api.get(path(), reader)).body.port_forwardings).toHaveLength(1);
        expect((await create({}, floatingIpId, reader)).body.NeutronError.message).toBe(
          'rule:create_floatingip_port_forwarding is disallowed by policy',
        );
      });
    });

    describe('a conntrack helper', () => {
      const helpers = (): string => `/v2.0/routers/${routerId}/conntrack_helpers`;
      const add = (helper: object) => api.post(helpers(), { conntrack_helper: helper }, alice);

      it('is shown by its router, and goes with it', async () => {
        const tftp = { protocol: 'udp', port: 69, helper: 'tftp' };
        const { status, body } = await add(tftp);
        expect(status).toBe(201);
        expect(body.conntrack_helper).toEqual({ id: body.conntrack_helper.id, ...tftp });
        const { router } = (await api.get(`/v2.0/routers/${routerId}`, alice)).body;
        expect(router.conntrack_helpers).toEqual([tftp]);
        const member = `${helpers()}/${body.conntrack_helper.id}`;
        const changed = await api.put(member, { conntrack_helper: { port: 70 } }, alice);
        expect(changed.body.conntrack_helper).toMatchObject({ port: 70 });
        const after = (await api.get(`/v2.0/routers/${routerId}`, alice)).body.router;
        expect(after.revision_number).toBeGreaterThan(router.revision_number);
        await api.put(`/v2.0/routers/${routerId}/remove_router_interface`, { subnet_id: subnetId }, alice);
        expect((await api.remove(`/v2.0/routers/${routerId}`, alice)).status).toBe(204);
        expect((await api.get(member, alice)).body.NeutronError.type).toBe('RouterNotFound');
      });
      it('is one that there is, for its protocol, and is there once', async () => {
        const error = async (helper: object) => (await add(helper)).body.NeutronError;
        expect(await error({ protocol: 'tcp', port: 21, helper: 'nope' })).toMatchObject({
          type: 'ConntrackHelperNotAllowed',
        });
        expect(await error({ protocol: 'tcp', port: 69, helper: 'tftp' })).toMatchObject({
          type: 'InvalidProtocolForHelper',
          message: 'Conntrack Helper tftp does not support: tcp. Supported protocols are: udp',
        });
        await add({ protocol: 'tcp', port: 21, helper: 'ftp' });
        expect((await error({ protocol: 'tcp', port: 21, helper: 'ftp' })).message).toBe(
          'Bad conntrack_helper request: A duplicate conntrack helper entry with same attributes already exists, ' +
            `conflicting values are {'router_id': '${routerId}', 'protocol': 'tcp', 'port': 21, 'helper': 'ftp'}.`,
        );
      });
    });
  },
  {
    settings: {
      'quotas.router': '-1',
      'quotas.floatingip': '-1',
      'quotas.network': '-1',
      'quotas.subnet': '-1',
      'quotas.port': '-1',
    },
  },
);
