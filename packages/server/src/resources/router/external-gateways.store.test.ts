import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { beforeEach, describe, expect, it } from 'vitest';

withApi(
  (api) => {
    /** Two networks that lead outside, and a router of Alice's without a way out. */
    let red: string;
    let blue: string;
    let routerId: string;

    async function outside(cidr: string): Promise<string> {
      const network = { 'router:external': true };
      const network_id = (await api.post('/v2.0/networks', { network }, admin)).body.network.id;
      const subnet = { network_id, ip_version: 4, cidr, enable_dhcp: false };
      await api.post('/v2.0/subnets', { subnet }, admin);
      return network_id;
    }
    const act = (action: 'add' | 'update' | 'remove', external_gateways: unknown, as = admin) =>
      api.put(`/v2.0/routers/${routerId}/${action}_external_gateways`, { router: { external_gateways } }, as);
    const show = async () => (await api.get(`/v2.0/routers/${routerId}`)).body.router;
    const networksOf = (router: { external_gateways: readonly { network_id: string }[] }) =>
      router.external_gateways.map(({ network_id }) => network_id);
    const at = (ip_address: string, network_id = red) => ({ network_id, external_fixed_ips: [{ ip_address }] });
    const addressesOf = (router: {
      external_gateways: readonly { external_fixed_ips: readonly { ip_address: string }[] }[];
    }) => router.external_gateways.map((each) => each.external_fixed_ips[0]?.ip_address);

    beforeEach(async () => {
      [red, blue] = [await outside('172.24.4.0/24'), await outside('203.0.113.0/24')];
      routerId = (await api.post('/v2.0/routers', { router: {} }, alice)).body.router.id;
    });

    describe('the ways out of a router', () => {
      it('are none at first, and no part of creating or changing one', async () => {
        expect(await show()).toMatchObject({ external_gateways: [], external_gateway_info: null });
        const body = { router: { external_gateways: [{ network_id: red }] } };
        expect((await api.post('/v2.0/routers', body, admin)).status).toBe(400);
        expect((await api.put(`/v2.0/routers/${routerId}`, body, admin)).status).toBe(400);
      });

      it('are added one by one, and the first is that of external_gateway_info', async () => {
        const before = (await show()).revision_number;
        const { status, body } = await act('add', [{ network_id: red }, { network_id: blue, enable_snat: false }]);
        expect(status).toBe(200);
        const { external_gateways, external_gateway_info, revision_number } = body.router;
        expect(external_gateways).toMatchObject([
          { network_id: red, enable_snat: true },
          { network_id: blue, enable_snat: false },
        ]);
        expect(external_gateway_info).toEqual(external_gateways[0]);
        expect(revision_number).toBeGreaterThan(before);
        const added = await act('add', [{ network_id: red }]);
        expect(networksOf(added.body.router)).toEqual([red, blue, red]);
        const { ports } = (await api.get(`/v2.0/ports?device_id=${routerId}`)).body;
        expect(ports).toHaveLength(3);
        for (const port of ports)
          expect(port).toMatchObject({ device_owner: 'network:router_gateway', project_id: '' });
      });

      it('are told apart on one network by their addresses', async () => {
        await act('add', [at('172.24.4.10'), at('172.24.4.11'), at('172.24.4.12')]);
        const taken = await act('add', [at('172.24.4.11')]);
        expect(taken.body.NeutronError.type).toBe('IpAddressAlreadyAllocated');
        const unclear = await act('remove', [{ network_id: red }]);
        expect(unclear.status).toBe(400);
        expect(unclear.body.NeutronError.type).toBe('UnableToMatchGateways');
        const removed = await act('remove', [at('172.24.4.11')], alice);
        expect(addressesOf(removed.body.router)).toEqual(['172.24.4.10', '172.24.4.12']);
      });

      it('are as they were when one that is to be removed is not there', async () => {
        const none = await act('remove', [{ network_id: red }]);
        expect(none.body.NeutronError.type).toBe('UnableToRemoveGateways');
        await act('add', [{ network_id: red }]);
        const other = await act('remove', [{ network_id: red }, { network_id: blue }]);
        expect(other.body.NeutronError.type).toBe('UnableToMatchGateways');
        expect(networksOf(await show())).toEqual([red]);
      });

      it('move up when the first goes, by whichever request', async () => {
        await act('add', [{ network_id: red }, { network_id: blue }]);
        const removed = (await act('remove', [{ network_id: red }], alice)).body.router;
        expect(removed.external_gateway_info.network_id).toBe(blue);
        await act('add', [{ network_id: red }]);
        const router = { external_gateway_info: null };
        const cleared = (await api.put(`/v2.0/routers/${routerId}`, { router }, alice)).body.router;
        expect(networksOf(cleared)).toEqual([red]);
        expect(cleared.external_gateway_info.network_id).toBe(red);
      });

      it('stay when external_gateway_info replaces the first', async () => {
        const green = await outside('198.51.100.0/24');
        await act('add', [{ network_id: red }, { network_id: blue, enable_snat: false }]);
        const router = { external_gateway_info: { network_id: green } };
        const replaced = (await api.put(`/v2.0/routers/${routerId}`, { router }, alice)).body.router;
        expect(replaced.external_gateways).toMatchObject([
          { network_id: green, enable_snat: true },
          { network_id: blue, enable_snat: false },
        ]);
      });

      it('are replaced by a list, of which those stay that it names', async () => {
        await act('add', [at('172.24.4.10'), at('172.24.4.11'), { network_id: blue }]);
        const portOf = async (address: string): Promise<string | undefined> =>
          (await api.get(`/v2.0/ports?device_id=${routerId}&fixed_ips=ip_address=${address}`)).body.ports[0]?.id;
        const kept = await portOf('172.24.4.11');
        const updated = (await act('update', [at('172.24.4.11'), at('172.24.4.20')])).body.router;
        expect(addressesOf(updated)).toEqual(['172.24.4.11', '172.24.4.20']);
        expect(await portOf('172.24.4.11')).toBe(kept);
        expect((await api.get(`/v2.0/ports?device_id=${routerId}`)).body.ports).toHaveLength(2);
        const moved = (await act('update', [at('172.24.4.30')])).body.router;
        expect(addressesOf(moved)).toEqual(['172.24.4.30']);
        expect(await portOf('172.24.4.30')).toBe(kept);
        expect((await act('update', [])).body.router.external_gateways).toEqual([]);
      });

      it('stay as they are when a request says nothing of them', async () => {
        await act('add', [{ network_id: red }]);
        for (const action of ['add', 'update', 'remove']) {
          const path = `/v2.0/routers/${routerId}/${action}_external_gateways`;
          expect((await api.put(path, { router: {} }, alice)).body.router.external_gateways).toHaveLength(1);
          expect((await api.put(path, {}, alice)).status).toBe(400);
          expect((await api.put(path, { router: { external_gateways: [{}] } }, alice)).status).toBe(400);
          expect((await api.put(path, { router: { external_gateways: 'x' } }, alice)).status).toBe(400);
        }
      });

      it('have their translation and their addresses chosen by administrators', async () => {
        expect((await act('add', [{ network_id: red, enable_snat: false }], alice)).status).toBe(403);
        expect((await act('add', [at('172.24.4.10')], alice)).status).toBe(403);
        expect((await act('add', [{ network_id: red }], alice)).status).toBe(200);
        expect((await act('update', [{ network_id: red, enable_snat: true }], alice)).status).toBe(403);
        expect((await act('add', [{ network_id: red }], bob)).status).toBe(404);
      });

      it('lead to external networks, whose prefixes do not overlap', async () => {
        const overlapping = await outside('172.24.4.128/25');
        const inner = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
        await act('add', [{ network_id: red }]);
        const refused = await act('add', [{ network_id: overlapping }]);
        expect(refused.body.NeutronError.message).toContain('overlaps with cidr 172.24.4.0/24');
        const atOnce = await act('update', [{ network_id: blue }, { network_id: red }, { network_id: overlapping }]);
        expect(atOnce.body.NeutronError.message).toContain('overlaps with cidr 172.24.4.0/24');
        expect((await act('add', [{ network_id: inner }])).body.NeutronError.message).toContain(
          'not an external network',
        );
        expect(networksOf(await show())).toEqual([red]);
      });

      it('are kept by the floating IPs of their networks, unless there is another there', async () => {
        const network_id = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
        const subnet = { network_id, ip_version: 4, cidr: '10.0.0.0/24' };
        const subnet_id = (await api.post('/v2.0/subnets', { subnet }, alice)).body.subnet.id;
        await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id }, alice);
        const port_id = (await api.post('/v2.0/ports', { port: { network_id } }, alice)).body.port.id;
        await act('add', [{ network_id: red }, at('203.0.113.10', blue)]);
        const floatingip = { floating_network_id: blue, port_id };
        expect((await api.post('/v2.0/floatingips', { floatingip }, alice)).body.floatingip.router_id).toBe(routerId);
        const needed = await act('remove', [{ network_id: blue }]);
        expect(needed.body.NeutronError.type).toBe('RouterExternalGatewayInUseByFloatingIp');
        expect((await act('update', [{ network_id: red }])).status).toBe(409);
        expect((await act('remove', [{ network_id: red }])).status).toBe(200);
        await act('add', [at('203.0.113.11', blue)]);
        expect((await act('remove', [at('203.0.113.10', blue)])).status).toBe(200);
        expect((await api.remove(`/v2.0/routers/${routerId}`, alice)).status).toBe(409);
      });

      it('are spread over or not, as administrators say', async () => {
        expect((await show()).enable_default_route_ecmp).toBe(false);
        const change = (enable_default_route_ecmp: unknown, as = admin) =>
          api.put(`/v2.0/routers/${routerId}`, { router: { enable_default_route_ecmp } }, as);
        expect((await change(true, alice)).status).toBe(403);
        expect((await change('perhaps')).status).toBe(400);
        expect((await change(true)).body.router.enable_default_route_ecmp).toBe(true);
        expect((await change(null)).body.router.enable_default_route_ecmp).toBe(true);
        const router = { enable_default_route_ecmp: true };
        const created = (await api.post('/v2.0/routers', { router }, admin)).body.router;
        expect(created.enable_default_route_ecmp).toBe(true);
      });

      it('go with the router', async () => {
        await act('add', [{ network_id: red }, { network_id: blue }]);
        expect((await api.remove(`/v2.0/routers/${routerId}`, alice)).status).toBe(204);
        expect((await api.get(`/v2.0/ports?device_id=${routerId}`)).body.ports).toEqual([]);
      });
    });
  },
  { settings: { 'quotas.router': '-1', 'quotas.network': '-1', 'quotas.subnet': '-1' } },
);
