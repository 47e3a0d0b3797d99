// Networks that go together with what is on them.

import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const made = async (plural: string, name: string, body: object, as = alice): Promise<string> => {
    const answer = await api.post(`/v2.0/${plural}`, { [name]: body }, as);
    expect(answer.body).toHaveProperty(name);
    return answer.body[name].id;
  };
  const portsOn = async (network: string) =>
    (await api.get(`/v2.0/ports?network_id=${network}`, admin)).body.ports.length as number;

  /** A network of alice with a subnet and two ports of hers. */
  async function used(more: object = {}) {
    const network = await made('networks', 'network', more);
    const subnet = await made('subnets', 'subnet', { network_id: network, ip_version: 4, cidr: '10.0.0.0/24' });
    const ports = [];
    for (let count = 0; count < 2; count += 1) ports.push(await made('ports', 'port', { network_id: network }));
    return { network, subnet, ports };
  }

  describe('a network that is deleted with cascade', () => {
    it('goes, and its subnets and ports with it', async () => {
      const { network, subnet, ports } = await used();
      expect((await api.remove(`/v2.0/networks/${network}?cascade=False`)).status).toBe(409);
      expect((await api.remove(`/v2.0/networks/${network}?cascade=true`)).status).toBe(204);
      const paths = [`networks/${network}`, `subnets/${subnet}`, ...ports.map((port) => `ports/${port}`)];
      for (const path of paths) expect((await api.get(`/v2.0/${path}`)).status, path).toBe(404);
    });

    it('stays whole where a port on it cannot be deleted', async () => {
      const { network, subnet } = await used();
      const router = await made('routers', 'router', {});
      await api.put(`/v2.0/routers/${router}/add_router_interface`, { subnet_id: subnet });
      const { status, body } = await api.remove(`/v2.0/networks/${network}?cascade=true`);
      expect([status, body.NeutronError.type]).toEqual([409, 'ServicePortInUse']);
      expect(await portsOn(network)).toBe(3);
    });

    it('takes ports of others with it where policy lets its owner delete them', async () => {
      const { network } = await used();
      const shared = {
        object_type: 'network',
        object_id: network,
        action: 'access_as_shared',
        target_tenant: bob.project,
      };
      await made('rbac-policies', 'rbac_policy', shared);
      await made('ports', 'port', { network_id: network }, bob);
      // The network is not bob's.
      expect((await api.remove(`/v2.0/networks/${network}?cascade=true`, bob)).status).toBe(403);
      expect(await portsOn(network)).toBe(3);
      expect((await api.remove(`/v2.0/networks/${network}?cascade=true`)).status).toBe(204);
      expect(await portsOn(network)).toBe(0);
    });

    it('is asked for by yes or no', async () => {
      const { network } = await used();
      const { status, body } = await api.remove(`/v2.0/networks/${network}?cascade=perhaps`);
      expect([status, body.NeutronError.type]).toEqual([400, 'InvalidInput']);
      expect(await portsOn(network)).toBe(2);
    });
  });
});
