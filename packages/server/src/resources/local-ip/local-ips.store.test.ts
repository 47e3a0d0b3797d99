import { admin, alice, bob, withApi, type ApiAnswer } from '@neutronium/testkit/api';
import { beforeEach, describe, expect, it } from 'vitest';

withApi((api) => {
  let networkId: string;
  let subnetId: string;

  const network = async (more: object = {}, as = alice): Promise<string> =>
    (await api.post('/v2.0/networks', { network: more }, as)).body.network.id;
  const subnet = async (network_id: string, more: object, as = alice): Promise<string> =>
    (await api.post('/v2.0/subnets', { subnet: { network_id, ...more } }, as)).body.subnet.id;
  const port = async (more: object = {}) =>
    (await api.post('/v2.0/ports', { port: { network_id: networkId, ...more } }, admin)).body.port;
  const create = (local_ip: object, as = alice) => api.post('/v2.0/local_ips', { local_ip }, as);
  const errorOf = ({ status, body }: ApiAnswer) => `${status} ${body.NeutronError.type}`;
  const addresses = (...ends: number[]) => ({
    project_id: alice.project,
    fixed_ips: ends.map((end) => ({ subnet_id: subnetId, ip_address: `10.0.0.${end}` })),
  });

  beforeEach(async () => {
    networkId = await network();
    subnetId = await subnet(networkId, { ip_version: 4, cidr: '10.0.0.0/24' });
  });

  describe('a local IP of a network', () => {
    it('has a port of its own that goes with it', async () => {
      const { status, body } = await create({ network_id: networkId, name: 'a' });
      expect(status).toBe(201);
      const { local_ip } = body;
      expect(local_ip).toMatchObject({ name: 'a', ip_mode: 'translate', network_id: networkId });
      const path = `/v2.0/ports/${local_ip.local_port_id}`;
      expect((await api.get(path, alice)).body.port).toMatchObject({
        device_owner: 'network:local_ip',
        device_id: local_ip.id,
        status: 'N/A',
        project_id: alice.project,
        security_groups: [],
        fixed_ips: [{ subnet_id: subnetId, ip_address: local_ip.local_ip_address }],
      });
      expect(errorOf(await api.remove(path, admin))).toBe('409 ServicePortInUse');
      expect((await api.remove(`/v2.0/local_ips/${local_ip.id}`, alice)).status).toBe(204);
      expect(errorOf(await api.get(path, alice))).toBe('404 PortNotFound');
      expect(errorOf(await api.get(`/v2.0/local_ips/${local_ip.id}`, alice))).toBe('404 LocalIPNotFound');
    });
    it('has the address that is asked for, if that is free', async () => {
      const wanted = { network_id: networkId, local_ip_address: '10.0.0.77' };
      expect((await create(wanted)).body.local_ip.local_ip_address).toBe('10.0.0.77');
      expect(errorOf(await create(wanted))).toBe('409 IpAddressAlreadyAllocated');
      expect(errorOf(await create({ ...wanted, local_ip_address: '192.0.2.1' }))).toBe('400 InvalidIpForNetwork');
    });
    it('has an address of IPv4 where the network has both', async () => {
      const both = await network();
      await subnet(both, { ip_version: 6, cidr: 'fd00:9::/64' });
      expect(errorOf(await create({ network_id: both }))).toBe('400 BadRequest');
      await subnet(both, { ip_version: 4, cidr: '10.9.0.0/24' });
      expect((await create({ network_id: both })).body.local_ip.local_ip_address).toMatch(/^10\.9\.0\./);
    });
    it('is on a network that the project may use', async () => {
      expect(errorOf(await create({ network_id: networkId }, bob))).toBe('404 NetworkNotFound');
      const shared = await network({ shared: true }, admin);
      await subnet(shared, { ip_version: 4, cidr: '10.8.0.0/24' }, admin);
      expect((await create({ network_id: shared }, bob)).status).toBe(201);
    });
    it('can be created in bulk and renamed, and stays what it is otherwise', async () => {
      const { body } = await api.post('/v2.0/local_ips', { local_ips: [{ network_id: networkId, name: 'a' }] }, alice);
      const path = `/v2.0/local_ips/${body.local_ips[0].id}`;
      expect((await api.put(path, { local_ip: { name: 'b' } }, alice)).body.local_ip.name).toBe('b');
      for (const change of [{ ip_mode: 'passthrough' }, { local_ip_address: '10.0.0.9' }, { network_id: networkId }]) {
        expect(errorOf(await api.put(path, { local_ip: change }, alice))).toBe('400 HTTPBadRequest');
      }
      expect((await api.get(path, bob)).status).toBe(404);
    });
    it('needs a network or a port', async () => {
      expect(errorOf(await create({}))).toBe('400 LocalIPPortOrNetworkRequired');
    });
  });

  describe('a local IP of a port', () => {
    it('has one of the addresses of the port, which then stays', async () => {
      const { id } = await port(addresses(50, 51));
      expect(errorOf(await create({ local_port_id: id }))).toBe('400 LocalIPNoRequestedIP');
      expect(errorOf(await create({ local_port_id: id, local_ip_address: '10.0.0.52' }))).toBe(
        '400 LocalIPRequestedIPNotFound',
      );
      const { local_ip } = (await create({ local_port_id: id, local_ip_address: '10.0.0.51' })).body;
      expect(local_ip).toMatchObject({ network_id: networkId, local_ip_address: '10.0.0.51' });
      const refused = await api.remove(`/v2.0/ports/${id}`, alice);
      expect(errorOf(refused)).toBe('409 ServicePortInUse');
      expect(refused.body.NeutronError.blocked_by).toEqual([{ resource: 'local_ip', id: local_ip.id, name: '' }]);
      expect((await api.remove(`/v2.0/local_ips/${local_ip.id}`, alice)).status).toBe(204);
      expect((await api.remove(`/v2.0/ports/${id}`, alice)).status).toBe(204);
    });
    it('needs an address, and a port that the project may see', async () => {
      const { id } = await port({ project_id: alice.project, fixed_ips: [] });
      expect(errorOf(await create({ local_port_id: id }))).toBe('400 LocalIPNoIP');
      expect(errorOf(await create({ local_port_id: id }, bob))).toBe('400 BadRequest');
    });
  });

  describe('an association', () => {
    let localIp: { readonly id: string; readonly local_ip_address: string };
    let path: string;
    const associate = (port_association: object, as = alice) => api.post(path, { port_association }, as);

    beforeEach(async () => {
      localIp = (await create({ network_id: networkId })).body.local_ip;
      path = `/v2.0/local_ips/${localIp.id}/port_associations`;
    });

    it('leads to an address of a port, and tells where the port is', async () => {
      const { id } = await port({ ...addresses(50), 'binding:host_id': 'host-1' });
      const { status, body } = await associate({ fixed_port_id: id });
      expect(status).toBe(201);
      expect(body.port_association).toEqual({
        local_ip_id: localIp.id,
        fixed_port_id: id,
        fixed_ip: '10.0.0.50',
        local_ip_address: localIp.local_ip_address,
        host: 'host-1',
      });
      expect((await api.get(`${path}/${id}`, alice)).body).toEqual(body);
      expect((await api.get(`${path}?host=host-1`, alice)).body.port_associations).toEqual([body.port_association]);
      expect((await api.get(`${path}?host=host-2`, alice)).body.port_associations).toEqual([]);
      expect(errorOf(await associate({ fixed_port_id: id }))).toBe('409 HTTPConflict');
    });
    it('names the address where the port has several', async () => {
      const { id } = await port(addresses(50, 51));
      expect(errorOf(await associate({ fixed_port_id: id }))).toBe('400 LocalIPNoRequestedIP');
      expect(errorOf(await associate({ fixed_port_id: id, fixed_ip: '10.0.0.52' }))).toBe(
        '400 LocalIPRequestedIPNotFound',
      );
      expect((await associate({ fixed_port_id: id, fixed_ip: '10.0.0.51' })).status).toBe(201);
    });
    it('keeps the local IP, and ends with its port', async () => {
      const { id } = await port(addresses(50));
      await associate({ fixed_port_id: id });
      const refused = await api.remove(`/v2.0/local_ips/${localIp.id}`, alice);
      expect(errorOf(refused)).toBe('409 LocalIPInUse');
      expect((await api.remove(`/v2.0/ports/${id}`, alice)).status).toBe(204);
      expect((await api.get(path, alice)).body.port_associations).toEqual([]);
      expect((await api.remove(`/v2.0/local_ips/${localIp.id}`, alice)).status).toBe(204);
    });
    it('is a matter of whose the local IP is', async () => {
      const { id } = await port(addresses(50));
      expect(errorOf(await associate({ fixed_port_id: id }, bob))).toBe('404 LocalIPNotFound');
      await associate({ fixed_port_id: id });
      expect(errorOf(await api.get(`${path}/${id}`, bob))).toBe('404 LocalIPNotFound');
      expect(errorOf(await api.remove(`${path}/${id}`, bob))).toBe('404 LocalIPNotFound');
      expect((await api.remove(`${path}/${id}`, alice)).status).toBe(204);
      expect(errorOf(await api.remove(`${path}/${id}`, alice))).toBe('404 LocalIPAssociationNotFound');
    });
    it('is told of among the events', async () => {
      const { id } = await port(addresses(50));
      await associate({ fixed_port_id: id });
      const history = await api.get(`/v2.0/history?resource=port_association&id=${localIp.id}/${id}`, alice);
      expect(history.body.history).toMatchObject([{ op: 'create', object: { fixed_ip: '10.0.0.50' } }]);
    });
  });
});
