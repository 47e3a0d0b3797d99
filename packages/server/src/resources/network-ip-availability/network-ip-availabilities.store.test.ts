import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const collection = '/v2.0/network-ip-availabilities';
  const network = async (name: string, as = alice): Promise<string> =>
    (await api.post('/v2.0/networks', { network: { name } }, as)).body.network.id;
  const subnet = async (network_id: string, cidr: string, more: object = {}): Promise<string> =>
    (
      await api.post(
        '/v2.0/subnets',
        { subnet: { network_id, cidr, ip_version: cidr.includes(':') ? 6 : 4, ...more } },
        alice,
      )
    ).body.subnet.id;
  const port = (network_id: string, ip_address: string) =>
    api.post('/v2.0/ports', { port: { network_id, fixed_ips: [{ ip_address }] } }, alice);
  const show = async (id: string) => (await api.get(`${collection}/${id}`)).body.network_ip_availability;

  describe('the availability of addresses', () => {
    it('counts what is there and what is taken, in the pools and outside them', async () => {
      const id = await network('counted');
      const pools = [
        { start: '10.1.0.10', end: '10.1.0.19' },
        { start: '10.1.0.40', end: '10.1.0.44' },
      ];
      const subnet_id = await subnet(id, '10.1.0.0/24', { name: 's', allocation_pools: pools });
      for (const address of ['10.1.0.9', '10.1.0.10', '10.1.0.44', '10.1.0.45']) await port(id, address);
      const ip_availability_details = {
        total_ips_in_subnet: 254,
        total_ips_in_allocation_pool: 15,
        used_ips_in_subnet: 4,
        used_ips_in_allocation_pool: 2,
      };
      const counts = { total_ips: 15, used_ips: 4, ip_availability_details };
      expect(await show(id)).toEqual({
        network_id: id,
        network_name: 'counted',
        project_id: alice.project,
        tenant_id: alice.project,
        subnet_ip_availability: [{ subnet_id, subnet_name: 's', ip_version: 4, cidr: '10.1.0.0/24', ...counts }],
        ...counts,
      });
    });

    it('adds subnets up exactly, however large they are', async () => {
      const id = await network('large');
      await subnet(id, '10.2.0.0/24');
      await subnet(id, 'fd00:2::/64');
      const answer = await fetch(`${api.url()}${collection}/${id}`, {
        headers: { 'x-user-id': 'u', 'x-project-id': admin.project, 'x-roles': 'admin' },
      });
      expect(await answer.text()).toContain(`"total_ips":${2n ** 64n - 1n + 253n}`);
    });

    it('is of one family alone when asked for it, and of a network without subnets nothing', async () => {
      const both = await network('both');
      await subnet(both, '10.3.0.0/24');
      await subnet(both, 'fd00:3::/64');
      await port(both, '10.3.0.7');
      const four = await network('four');
      await subnet(four, '10.4.0.0/24');
      const empty = await network('empty');
      const ids = [both, four, empty].map((id) => `network_id=${id}`).join('&');
      const list = async (query: string) =>
        (await api.get(`${collection}?${ids}${query}`)).body.network_ip_availabilities;
      expect(await list('&ip_version=6&fields=network_name&fields=used_ips')).toEqual([
        { network_name: 'both', used_ips: 0 },
      ]);
      const all = await list('&fields=network_name&fields=used_ips');
      expect(all).toContainEqual({ network_name: 'both', used_ips: 1 });
      expect(all).toContainEqual({ network_name: 'empty', used_ips: 0 });
    });

    it('is for administrators and services', async () => {
      const id = await network('asked');
      const service = { project: alice.project, roles: ['service'] };
      expect((await api.get(`${collection}/${id}`, alice)).body.NeutronError.type).toBe('HTTPNotFound');
      expect((await api.get(collection, bob)).body).toEqual({ network_ip_availabilities: [] });
      expect((await api.get(`${collection}/${id}`, service)).status).toBe(200);
      expect((await api.get(`${collection}/no-network`)).body.NeutronError.message).toBe(
        'Network no-network could not be found.',
      );
    });
  });
});
