import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const post = (group: object = {}, as = alice) => api.post('/v2.0/address-groups', { address_group: group }, as);
  const create = async (addresses: readonly string[] | null = [], as = alice) =>
    (await post({ addresses }, as)).body.address_group;
  const change = (id: string, action: string, addresses: unknown, as = alice) =>
    api.put(`/v2.0/address-groups/${id}/${action}`, { addresses }, as);
  const show = async (id: string, as = alice) => (await api.get(`/v2.0/address-groups/${id}`, as)).body.address_group;

  describe('an address group', () => {
    it('has prefixes of both families, without host bits and each once', async () => {
      const group = await create(['192.168.0.9/24', '2001:db8::f00/64', '10.0.0.1/32', '192.168.0.7/24']);
      expect(group.addresses.toSorted()).toEqual(['10.0.0.1/32', '192.168.0.0/24', '2001:db8::/64']);
      expect(await show(group.id)).toEqual(group);
    });

    it('may have none', async () => {
      for (const addresses of [[], null]) expect((await create(addresses)).addresses).toEqual([]);
      expect((await post()).body.address_group.addresses).toEqual([]);
    });

    it.each([[['10.0.0.1']], [['x']], ['x'], [['10.0.0.0/8', '10.0.0.0/8']]])('cannot have %j', async (addresses) => {
      expect((await post({ addresses })).status).toBe(400);
    });

    it('changes its name and description, its addresses only by actions', async () => {
      const { id } = await create(['10.0.0.0/8']);
      const put = (changes: object) => api.put(`/v2.0/address-groups/${id}`, { address_group: changes }, alice);
      expect((await put({ name: 'new', description: 'words' })).body.address_group).toMatchObject({
        name: 'new',
        description: 'words',
        addresses: ['10.0.0.0/8'],
      });
      expect((await put({ addresses: [] })).status).toBe(400);
    });

    it('does not say that it is shared', async () => {
      expect(await create()).not.toHaveProperty('shared');
    });
  });

  describe('the addresses of a group', () => {
    it('come and go, and each time the group is another', async () => {
      const { id, revision_number } = await create(['10.0.0.0/8']);
      const added = await change(id, 'add_addresses', ['fd00::1', '192.168.7.7/16']);
      expect(added.status).toBe(200);
      expect(added.body.address_group.addresses.toSorted()).toEqual(['10.0.0.0/8', '192.168.0.0/16', 'fd00::1/128']);
      const removed = await change(id, 'remove_addresses', ['10.0.0.0/8', 'fd00::1']);
      expect(removed.body.address_group).toEqual(await show(id));
      expect(removed.body.address_group.addresses).toEqual(['192.168.0.0/16']);
      expect(removed.body.address_group.revision_number).toBe(revision_number + 2);
    });

    it('are none but those that are there, and come once', async () => {
      const { id } = await create(['10.0.0.0/8']);
      const twice = await change(id, 'add_addresses', ['10.1.0.0/16', '10.0.0.1/8']);
      expect([twice.status, twice.body.NeutronError.type]).toEqual([400, 'AddressesAlreadyExist']);
      expect(twice.body.NeutronError.message).toContain("['10.0.0.0/8']");
      const unknown = await change(id, 'remove_addresses', ['10.0.0.0/8', '10.1.0.0/16']);
      expect([unknown.status, unknown.body.NeutronError.type]).toEqual([404, 'AddressesNotFound']);
      for (const nonsense of [['x'], 'x', null, [7]]) {
        for (const action of ['add_addresses', 'remove_addresses']) {
          expect((await change(id, action, nonsense)).status).toBe(400);
        }
      }
      expect((await show(id)).addresses).toEqual(['10.0.0.0/8']);
    });

    it('are added by many at the same time, each once', async () => {
      const { id } = await create();
      const addresses = Array.from({ length: 10 }, (_, index) => `10.${index}.0.0/16`);
      const answers = await Promise.all(
        [...addresses, ...addresses].map((each) => change(id, 'add_addresses', [each])),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
      expect((await show(id)).addresses).toHaveLength(10);
    });
  });

  describe('a group that rules name', () => {
    it('stays', async () => {
      const { id } = await create(['10.0.0.0/8']);
      const { body } = await api.post('/v2.0/security-groups', { security_group: {} }, alice);
      const rule = {
        security_group_id: body.security_group.id,
        direction: 'ingress',
        remote_address_group_id: id,
      };
      const made = await api.post('/v2.0/security-group-rules', { security_group_rule: rule }, alice);
      expect(made.body.security_group_rule.remote_address_group_id).toBe(id);
      const refused = await api.remove(`/v2.0/address-groups/${id}`, alice);
      expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'AddressGroupInUse']);
      await api.remove(`/v2.0/security-group-rules/${made.body.security_group_rule.id}`, alice);
      expect((await api.remove(`/v2.0/address-groups/${id}`, alice)).status).toBe(204);
      expect((await api.get(`/v2.0/address-groups/${id}`, alice)).status).toBe(404);
    });

    it('goes from the templates of rules when it goes', async () => {
      const { id } = await create([], admin);
      const template = {
        direction: 'ingress',
        remote_address_group_id: id,
        used_in_default_sg: false,
        used_in_non_default_sg: false,
      };
      await api.post('/v2.0/default-security-group-rules', { default_security_group_rule: template });
      expect((await api.remove(`/v2.0/address-groups/${id}`)).status).toBe(204);
      const path = `/v2.0/default-security-group-rules?remote_address_group_id=${id}`;
      expect((await api.get(path)).body.default_security_group_rules).toEqual([]);
    });
  });

  describe('a group of another project', () => {
    it('is there for those it is shared with, who cannot change it', async () => {
      const { id } = await create(['10.0.0.0/8']);
      expect((await api.get(`/v2.0/address-groups/${id}`, bob)).status).toBe(404);
      const policy = { object_type: 'address_group', object_id: id, action: 'access_as_shared' };
      await api.post('/v2.0/rbac-policies', { rbac_policy: { ...policy, target_tenant: bob.project } }, alice);
      expect((await show(id, bob)).addresses).toEqual(['10.0.0.0/8']);
      const { body } = await api.get('/v2.0/address-groups', bob);
      expect(body.address_groups.map((group: { id: string }) => group.id)).toEqual([id]);
      expect((await change(id, 'add_addresses', ['10.0.0.0/9'], bob)).status).toBe(404);
      expect((await api.put(`/v2.0/address-groups/${id}`, { address_group: { name: 'x' } }, bob)).status).toBe(404);
      expect((await api.remove(`/v2.0/address-groups/${id}`, bob)).status).toBe(404);
    });
  });
});
