// Who sees what is there: by whose it is, and by what policy says.

import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const hidden = { type: 'HTTPNotFound', message: 'The resource could not be found.', detail: '' };
  const unprivileged = { project: alice.project, roles: [] };
  const made = async (plural: string, name: string, body: object, as = alice): Promise<string> =>
    (await api.post(`/v2.0/${plural}`, { [name]: body }, as)).body[name].id;

  describe('what policy hides', () => {
    it.each([
      ['networks', 'network', {}, alice],
      ['subnetpools', 'subnetpool', { name: 'p', prefixes: ['10.0.0.0/8'], default_prefixlen: 24 }, alice],
      ['security-groups', 'security_group', { name: 'g' }, alice],
      ['address-groups', 'address_group', { name: 'a' }, alice],
      ['address-scopes', 'address_scope', { name: 's', ip_version: 4 }, alice],
      ['routers', 'router', {}, alice],
      ['flavors', 'flavor', { service_type: 'L3_ROUTER_NAT' }, admin],
      ['service_profiles', 'service_profile', { metainfo: '{}' }, admin],
    ] as const)('of %s is not there, whatever is asked of it', async (plural, name, body, owner) => {
      const path = `/v2.0/${plural}/${await made(plural, name, body, owner)}`;
      // Of all these, address scopes alone have no description.
      const change = name === 'address_scope' ? { name: 'x' } : { description: 'x' };
      const answers = [
        await api.get(path, unprivileged),
        await api.put(path, { [name]: change }, unprivileged),
        await api.remove(path, unprivileged),
      ];
      for (const { status, body: answer } of answers) expect([status, answer.NeutronError]).toEqual([404, hidden]);
      expect((await api.get(path, owner)).status).toBe(200);
    });

    it('is so also where a thing belongs to no project', async () => {
      const network = await made('networks', 'network', {});
      const { segments } = (await api.get(`/v2.0/segments?network_id=${network}`)).body;
      for (const path of [`segments/${segments[0].id}`, `network-ip-availabilities/${network}`]) {
        const { status, body } = await api.get(`/v2.0/${path}`, alice);
        expect([status, body.NeutronError]).toEqual([404, hidden]);
      }
      expect((await api.get('/v2.0/segments', alice)).body).toEqual({ segments: [] });
    });
  });

  describe.each(['service', 'advsvc'])('the role %s', (role) => {
    const service = { project: 'services', roles: [role] };

    it('sees networks of every project, and may not change them', async () => {
      const path = `/v2.0/networks/${await made('networks', 'network', { name: 'of alice' })}`;
      expect((await api.get(path, service)).body.network.name).toBe('of alice');
      expect((await api.get(path, bob)).body.NeutronError.type).toBe('NetworkNotFound');
      expect((await api.get('/v2.0/networks?name=of%20alice', service)).body.networks).not.toEqual([]);
      const refused = await api.put(path, { network: { name: 'mine' } }, service);
      expect([refused.status, refused.body.NeutronError.type]).toEqual([403, 'PolicyNotAuthorized']);
    });

    it('sees nothing of what is no business of services', async () => {
      const path = `/v2.0/routers/${await made('routers', 'router', { name: 'of alice' })}`;
      expect((await api.get(path, service)).body.NeutronError).toEqual(hidden);
      expect((await api.get('/v2.0/routers', service)).body.routers).toEqual([]);
    });
  });

  it('a service finds, binds and removes the ports of every project, as Nova does', async () => {
    const nova = { project: 'services', roles: ['service'] };
    const network_id = await made('networks', 'network', {});
    const path = `/v2.0/ports/${await made('ports', 'port', { network_id, device_id: 'instance' })}`;
    const listed = await api.get('/v2.0/ports?device_id=instance', nova);
    expect(listed.body.ports).toMatchObject([{ device_id: 'instance', 'binding:host_id': '' }]);
    expect((await api.get('/v2.0/ports?device_id=instance', bob)).body.ports).toEqual([]);
    const bound = await api.put(path, { port: { 'binding:host_id': 'somewhere' } }, nova);
    expect([bound.status, bound.body.port['binding:host_id']]).toEqual([200, 'somewhere']);
    expect((await api.remove(path, nova)).status).toBe(204);
  });
});
