import { admin, alice, withApi } from '@neutronium/testkit/api';
import { beforeEach, describe, expect, it } from 'vitest';

withApi(
  (api) => {
    let outsideId: string;
    let inside: { readonly networkId: string; readonly subnetId: string };
    let routerId: string;

    async function network(more: object = {}, as = alice): Promise<string> {
      return (await api.post('/v2.0/networks', { network: more }, as)).body.network.id;
    }
    async function subnet(network_id: string, cidr: string, as = alice): Promise<string> {
      const body = { subnet: { network_id, ip_version: 4, cidr, enable_dhcp: false } };
      return (await api.post('/v2.0/subnets', body, as)).body.subnet.id;
    }
    const plug = (subnet_id: string) => api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id }, alice);
    const unplug = (subnet_id: string) =>
      api.put(`/v2.0/routers/${routerId}/remove_router_interface`, { subnet_id }, alice);
    const newPort = async (): Promise<string> =>
      (await api.post('/v2.0/ports', { port: { network_id: inside.networkId } }, alice)).body.port.id;
    const associate = (port_id: string) =>
      api.post('/v2.0/floatingips', { floatingip: { floating_network_id: outsideId, port_id } }, alice);
    const statuses = (answers: readonly { readonly status: number }[]): readonly number[] =>
      answers.map(({ status }) => status).toSorted((a, b) => a - b);

    beforeEach(async () => {
      outsideId = await network({ 'router:external': true }, admin);
      await subnet(outsideId, '172.24.4.0/24', admin);
      const networkId = await network();
      inside = { networkId, subnetId: await subnet(networkId, '10.0.0.0/24') };
      const router = { external_gateway_info: { network_id: outsideId } };
      routerId = (await api.post('/v2.0/routers', { router }, alice)).body.router.id;
    });

    describe('requests at the same time', () => {
      it('plug a router into one of several subnets that overlap', async () => {
        const subnets = await Promise.all(
          [25, 26, 27, 28].map(async (length) => subnet(await network(), `10.0.0.128/${length}`)),
        );
        const answers = await Promise.all([inside.subnetId, ...subnets].map(plug));
        expect(statuses(answers)).toEqual([200, 400, 400, 400, 400]);
        const { ports } = (await api.get(`/v2.0/ports?device_id=${routerId}&device_owner=network:router_interface`))
          .body;
        expect(ports).toHaveLength(1);
      });
      it('give each way out that is added a place of its own', async () => {
        const add = () => {
          const body = { router: { external_gateways: [{ network_id: outsideId }] } };
          return api.put(`/v2.0/routers/${routerId}/add_external_gateways`, body, alice);
        };
        const answers = await Promise.all(Array.from({ length: 4 }, add));
        expect(statuses(answers)).toEqual([200, 200, 200, 200]);
        const counts: readonly number[] = answers.map(({ body }) => body.router.external_gateways.length);
        expect(counts.toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5]);
      });
      it('let one floating IP stand for an address', async () => {
        await plug(inside.subnetId);
        const port_id = await newPort();
        const answers = await Promise.all(Array.from({ length: 6 }, () => associate(port_id)));
        expect(statuses(answers)).toEqual([201, 409, 409, 409, 409, 409]);
        const { floatingips } = (await api.get(`/v2.0/floatingips?port_id=${port_id}`)).body;
        expect(floatingips).toHaveLength(1);
      });
      it('leave no floating IP without its way, whichever comes first', async () => {
        for (let round = 0; round < 5; round += 1) {
          await plug(inside.subnetId);
          const port_id = await newPort();
          const [removed, associated] = await Promise.all([unplug(inside.subnetId), associate(port_id)]);
          expect([removed.status, associated.status]).toSatisfy(
            ([a, b]: number[]) => (a === 200 && b === 404) || (a === 409 && b === 201),
          );
          await api.remove(`/v2.0/ports/${port_id}`, alice);
        }
      });
      it('leave no floating IP at a port that is gone', async () => {
        await plug(inside.subnetId);
        for (let round = 0; round < 5; round += 1) {
          const port_id = await newPort();
          await Promise.all([api.remove(`/v2.0/ports/${port_id}`, alice), associate(port_id)]);
          expect((await api.get(`/v2.0/floatingips?port_id=${port_id}`)).body.floatingips).toEqual([]);
        }
      });
    });
  },
  { settings: { 'quotas.router': '-1', 'quotas.network': '-1', 'quotas.subnet': '-1', 'quotas.floatingip': '-1' } },
);
