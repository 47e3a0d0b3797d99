import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { beforeAll, describe, expect, it } from 'vitest';

withApi(
  (api) => {
    let networkId = '';
    let subnetId = '';
    beforeAll(async () => {
      networkId = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
      const subnet = { network_id: networkId, ip_version: 4, cidr: '10.0.0.0/20' };
      subnetId = (await api.post('/v2.0/subnets', { subnet }, alice)).body.subnet.id;
    });
    const post = (more: object = {}, as = alice) =>
      api.post('/v2.0/ports', { port: { network_id: networkId, ...more } }, as);
    const create = async (more: object = {}, as = alice) => (await post(more, as)).body.port;
    const put = (id: string, changes: object, as = alice) => api.put(`/v2.0/ports/${id}`, { port: changes }, as);
    const address = (ip_address: string): object => ({ fixed_ips: [{ ip_address }] });

    describe('a port', () => {
      it('comes with a MAC, an address and names, down and unbound', async () => {
        const { status, body } = await post({}, admin);
        expect(status).toBe(201);
        expect(body.port).toMatchObject({
          mac_address: expect.stringMatching(/^fa:16:3e:/),
          fixed_ips: [{ subnet_id: subnetId, ip_address: expect.stringMatching(/^10\.0\./) }],
          status: 'DOWN',
          port_security_enabled: true,
          'binding:vif_type': 'unbound',
          'binding:vif_details': {},
          ip_allocation: 'immediate',
          dns_assignment: [{ fqdn: expect.stringMatching(/^host-10-0-\d+-\d+\.example\.org\.$/) }],
        });
      });

      it('shows its owner only what kind of card it is, of all the binding', async () => {
        const shown = Object.keys(await create()).filter((name) => name.startsWith('binding:'));
        expect(shown).toEqual(['binding:vnic_type']);
      });

      it('is made on the networks of its project and on shared ones', async () => {
        expect((await post({}, bob)).status).toBe(403);
        const shared = (await api.post('/v2.0/networks', { network: { shared: true } })).body.network.id;
        expect((await api.post('/v2.0/ports', { port: { network_id: shared } }, bob)).status).toBe(201);
        const chosen = { network_id: shared, mac_address: 'fa:16:3e:00:00:01' };
        expect((await api.post('/v2.0/ports', { port: chosen }, bob)).status).toBe(403);
        const unknown = { network_id: '11111111-1111-4111-8111-111111111111' };
        expect((await api.post('/v2.0/ports', { port: unknown }, bob)).body.NeutronError.type).toBe('NetworkNotFound');
      });

      it('says what is wrong with a subnet of another network, to those who may know that there is one', async () => {
        const create = async (as: typeof alice) => {
          const { id: network_id } = (await api.post('/v2.0/networks', { network: {} }, as)).body.network;
          const subnet = { network_id, ip_version: 4, cidr: '10.0.0.0/24' };
          return { network_id, subnet_id: (await api.post('/v2.0/subnets', { subnet }, as)).body.subnet.id };
        };
        const mine = await create(alice);
        const theirs = await create(bob);
        const asking = (subnet_id: string) => ({ network_id: mine.network_id, fixed_ips: [{ subnet_id }] });
        const foreign = await post(asking(subnetId));
        expect([foreign.status, foreign.body.NeutronError.message]).toEqual([
          400,
          `Invalid input for operation: Failed to create port on network ${mine.network_id}, because fixed_ips included invalid subnet ${subnetId}.`,
        ]);
        const hidden = await post(asking(theirs.subnet_id));
        expect([hidden.status, hidden.body.NeutronError.type]).toEqual([404, 'SubnetNotFound']);
      });

      it('has no accelerator profile when a form leaves it empty', async () => {
        expect((await create({ device_profile: '' }, admin)).device_profile).toBeNull();
        expect((await create({ device_profile: 'fpga' }, admin)).device_profile).toBe('fpga');
      });

      it('has at most ten address pairs, which is looked at before there is an address for it', async () => {
        const allowed_address_pairs = Array.from({ length: 11 }, (_, index) => ({ ip_address: `10.8.0.${index}` }));
        const { body } = await post({ allowed_address_pairs, ...address('172.16.0.1') });
        expect(body.NeutronError.type).toBe('AllowedAddressPairExhausted');
      });

      it('takes a right to be given address pairs or a host, even none', async () => {
        const shared = (await api.post('/v2.0/networks', { network: { shared: true } })).body.network.id;
        const guest = (more: object) => api.post('/v2.0/ports', { port: { network_id: shared, ...more } }, bob);
        expect((await guest({ allowed_address_pairs: [] })).status).toBe(403);
        expect((await guest({ 'binding:host_id': '' })).status).toBe(403);
        expect((await guest({ 'binding:profile': {} })).status).toBe(403);
        expect((await guest({})).body.port.allowed_address_pairs).toEqual([]);
      });

      it('keeps the address of a subnet that an update names alone, and changes others', async () => {
        const { id } = await create(address('10.0.0.70'));
        const fixedIps = async (changes: object): Promise<readonly string[]> =>
          (await put(id, changes)).body.port.fixed_ips.map((each: { ip_address: string }) => each.ip_address);
        expect(await fixedIps({ fixed_ips: [{ subnet_id: subnetId }] })).toEqual(['10.0.0.70']);
        const two = { fixed_ips: [{ ip_address: '10.0.0.71' }, { subnet_id: subnetId, ip_address: '10.0.0.70' }] };
        expect(await fixedIps(two)).toEqual(['10.0.0.71', '10.0.0.70']);
        expect(await fixedIps(address('10.0.0.71'))).toEqual(['10.0.0.71']);
        expect((await post(address('10.0.0.70'))).status).toBe(201);
        expect(await fixedIps({ fixed_ips: [] })).toEqual([]);
      });

      it('loses nothing when an update of its addresses fails', async () => {
        const [mine, other] = [await create(address('10.0.0.80')), await create(address('10.0.0.81'))];
        const taken = { fixed_ips: [{ ip_address: '10.0.0.82' }, { ip_address: '10.0.0.81' }] };
        expect((await put(mine.id, taken)).body.NeutronError.type).toBe('IpAddressAlreadyAllocated');
        expect((await api.get(`/v2.0/ports/${mine.id}`, alice)).body.port.fixed_ips).toEqual(mine.fixed_ips);
        expect((await post(address('10.0.0.82'))).status).toBe(201);
        expect((await api.get(`/v2.0/ports/${other.id}`, alice)).body.port.fixed_ips).toEqual(other.fixed_ips);
      });

      it('gives its addresses and its MAC back when it goes', async () => {
        const named = { ...address('10.0.0.90'), mac_address: 'fa:16:3e:00:00:90' };
        const { id } = await create(named);
        expect((await api.remove(`/v2.0/ports/${id}`, alice)).status).toBe(204);
        expect((await post(named)).status).toBe(201);
      });

      it("changes its MAC unless it is the network's own", async () => {
        const { id } = await create({ mac_address: 'fa:16:3e:00:01:01' });
        const change = async (port: string, mac_address: string | null) =>
          (await put(port, { mac_address }, admin)).body;
        expect((await change(id, 'fa:16:3e:00:01:02')).port.mac_address).toBe('fa:16:3e:00:01:02');
        expect((await change(id, null)).port.mac_address).toMatch(/^fa:16:3e:/);
        const taken = await create({ mac_address: 'fa:16:3e:00:01:03' });
        expect((await change(id, taken.mac_address)).NeutronError.type).toBe('MacAddressInUse');
        const service = await create({ device_owner: 'network:dhcp' }, admin);
        expect((await change(service.id, 'fa:16:3e:00:01:04')).NeutronError.type).toBe('UnsupportedPortDeviceOwner');
      });

      it('whose host has no agent fails to bind, and is unbound when it leaves the host', async () => {
        const { id } = await create();
        const vifType = async (host: string | null): Promise<string> =>
          (await put(id, { 'binding:host_id': host }, admin)).body.port['binding:vif_type'];
        expect([await vifType('nowhere'), await vifType('')]).toEqual(['binding_failed', 'unbound']);
      });

      it('is not touched by an update that changes nothing', async () => {
        const { id, revision_number } = await create({ name: 'same' });
        expect((await put(id, { name: 'same' })).body.port.revision_number).toBe(revision_number);
        expect((await put(id, {})).body.port.revision_number).toBe(revision_number);
      });

      it('takes its name under the configured domain', async () => {
        const { body } = await post({ dns_name: 'Web', ...address('10.0.1.9') });
        expect(body.port.dns_name).toBe('web');
        expect(body.port.dns_assignment).toEqual([
          { ip_address: '10.0.1.9', hostname: 'web', fqdn: 'web.example.org.' },
        ]);
        const elsewhere = await post({ dns_name: 'web.example.com.', ...address('172.16.0.1') });
        expect([elsewhere.status, elsewhere.body.NeutronError.type]).toEqual([400, 'HTTPBadRequest']);
      });

      it('merges extra DHCP options and replaces address pairs', async () => {
        const mtu = { opt_name: 'mtu', opt_value: '1400', ip_version: 4 };
        const { id, mac_address } = await create({ extra_dhcp_opts: [mtu] });
        const ntp = { opt_name: 'ntp-server', opt_value: '10.0.0.9', ip_version: 4 };
        expect((await put(id, { extra_dhcp_opts: [ntp] })).body.port.extra_dhcp_opts).toEqual([mtu, ntp]);
        const none = { extra_dhcp_opts: [{ ...mtu, opt_value: null }] };
        expect((await put(id, none)).body.port.extra_dhcp_opts).toEqual([ntp]);
        const pairs = (ip_address: string) => ({ allowed_address_pairs: [{ ip_address }] });
        await put(id, pairs('10.9.0.1'));
        const { body } = await put(id, pairs('10.9.0.0/24'));
        expect(body.port.allowed_address_pairs).toEqual([{ mac_address, ip_address: '10.9.0.0/24' }]);
        const off = await put(id, { port_security_enabled: false });
        expect([off.status, off.body.NeutronError.type]).toEqual([409, 'AddressPairAndPortSecurityRequired']);
      });
    });

    describe('many ports at once', () => {
      const count = 100;
      it('come in the order of the request, each with an address of its own', async () => {
        const ports = Array.from({ length: count }, (_, index) => ({ network_id: networkId, name: `port ${index}` }));
        const { status, body } = await api.post('/v2.0/ports', { ports }, alice);
        expect(status).toBe(201);
        expect(body.ports.map(({ name }: { name: string }) => name)).toEqual(ports.map(({ name }) => name));
        const addresses = body.ports.flatMap((port: { fixed_ips: readonly { ip_address: string }[] }) =>
          port.fixed_ips.map(({ ip_address }) => ip_address),
        );
        expect(new Set(addresses).size).toBe(count);
      });

      it('come all or not at all', async () => {
        const named = { network_id: networkId, name: 'all or none', fixed_ips: [{ ip_address: '10.0.2.2' }] };
        const { body } = await api.post(
          '/v2.0/ports',
          { ports: [{ network_id: networkId, name: 'all or none' }, named, named] },
          alice,
        );
        expect(body.NeutronError.type).toBe('IpAddressAlreadyAllocated');
        expect((await api.get('/v2.0/ports?name=all%20or%20none', alice)).body.ports).toEqual([]);
      });
    });
  },
  { settings: { 'ports.dns_domain': 'example.org' } },
);
