import { admin, alice, bob, withApi, type Caller } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  let projects = 0;
  /** Someone whose project has made nothing yet. */
  const newcomer = (): Caller => {
    projects += 1;
    return { project: `newcomer-${projects}`, roles: ['member', 'reader'] };
  };
  const create = async (group: object = {}, as = alice) =>
    (await api.post('/v2.0/security-groups', { security_group: group }, as)).body.security_group;
  const groupsOf = async (as: Caller, query = '') =>
    (await api.get(`/v2.0/security-groups?project_id=${as.project}&${query}`, as)).body.security_groups;
  const show = async (id: string, as = alice) => (await api.get(`/v2.0/security-groups/${id}`, as)).body.security_group;
  const put = (id: string, changes: object, as = alice) =>
    api.put(`/v2.0/security-groups/${id}`, { security_group: changes }, as);
  interface Rule {
    readonly direction: string;
    readonly ethertype: string;
    readonly remote_group_id: string | null;
  }
  const statements = (group: { readonly security_group_rules: readonly Rule[] }) =>
    group.security_group_rules
      .map(({ direction, ethertype, remote_group_id }) => `${direction} ${ethertype} ${remote_group_id ?? 'any'}`)
      .toSorted();
  const portWith = async (groups: readonly string[], as = alice) => {
    const { id } = (await api.post('/v2.0/networks', { network: {} }, as)).body.network;
    return (await api.post('/v2.0/ports', { port: { network_id: id, security_groups: groups } }, as)).body.port;
  };

  describe('the default group', () => {
    it('lets its members reach each other and everyone', async () => {
      const [group, ...others] = await groupsOf(newcomer());
      expect(others).toEqual([]);
      expect(group).toMatchObject({ name: 'default', stateful: true, shared: false });
      expect(statements(group)).toEqual([
        'egress IPv4 any',
        'egress IPv6 any',
        `ingress IPv4 ${group.id}`,
        `ingress IPv6 ${group.id}`,
      ]);
      for (const rule of group.security_group_rules) expect(rule.belongs_to_default_sg).toBe(true);
    });

    it.each([
      ['a list of rules', (as: Caller) => api.get('/v2.0/security-group-rules', as)],
      ['another group', (as: Caller) => api.post('/v2.0/security-groups', { security_group: {} }, as)],
      ['a network', (as: Caller) => api.post('/v2.0/networks', { network: {} }, as)],
      ['a port', (as: Caller) => portWith([], as)],
      ['an administrator', (as: Caller) => api.get(`/v2.0/security-groups?project_id=${as.project}`, admin)],
    ])('comes with %s', async (_, request) => {
      const someone = newcomer();
      await request(someone);
      const { body } = await api.get(`/v2.0/security-groups?name=default&project_id=${someone.project}`, bob);
      expect(body.security_groups).toEqual([]);
      expect(await groupsOf(someone, 'name=default')).toHaveLength(1);
    });

    it('is not made by those who ask for the groups of another project', async () => {
      const someone = newcomer();
      await api.get(`/v2.0/security-groups?project_id=${someone.project}`, bob);
      const { body } = await api.get(`/v2.0/quotas/${someone.project}/details`, admin);
      expect(body.quota.security_group.used).toBe(0);
    });

    it('is made once by many who need it at the same time', async () => {
      const someone = newcomer();
      await Promise.all(Array.from({ length: 12 }, () => groupsOf(someone)));
      expect(await groupsOf(someone)).toHaveLength(1);
    });

    it('is made whatever the quota says', async () => {
      const someone = newcomer();
      await api.put(`/v2.0/quotas/${someone.project}`, { quota: { security_group: 0, security_group_rule: 0 } });
      expect(await groupsOf(someone)).toHaveLength(1);
    });

    it('keeps its name, and another group cannot take it', async () => {
      const [{ id }] = await groupsOf(alice, 'name=default');
      expect((await put(id, { name: 'mine' })).body.NeutronError.type).toBe('SecurityGroupCannotUpdateDefault');
      expect((await put(id, { description: 'ours' })).body.security_group.description).toBe('ours');
      const { status, body } = await api.post('/v2.0/security-groups', { security_group: { name: 'Default' } }, alice);
      expect([status, body.NeutronError.type]).toEqual([409, 'SecurityGroupDefaultAlreadyExists']);
    });

    it('is removed by administrators only, and comes back', async () => {
      const someone = newcomer();
      const [{ id }] = await groupsOf(someone);
      const refused = await api.remove(`/v2.0/security-groups/${id}`, someone);
      expect([refused.status, refused.body.NeutronError.type]).toEqual([409, 'SecurityGroupCannotRemoveDefault']);
      expect((await api.remove(`/v2.0/security-groups/${id}`, admin)).status).toBe(204);
      const [again] = await groupsOf(someone);
      expect(again.id).not.toBe(id);
    });
  });

  describe('another group', () => {
    it('starts with rules that let everything out', async () => {
      expect(statements(await create({ name: 'web' }))).toEqual(['egress IPv4 any', 'egress IPv6 any']);
    });

    it('starts with the rules that the templates say', async () => {
      const template = { direction: 'ingress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 };
      const rule = { ...template, remote_group_id: 'PARENT', used_in_default_sg: false, used_in_non_default_sg: true };
      const added = await api.post('/v2.0/default-security-group-rules', { default_security_group_rule: rule });
      expect(added.status).toBe(201);
      const group = await create();
      expect(group.security_group_rules).toContainEqual(
        expect.objectContaining({ ...template, remote_group_id: group.id, belongs_to_default_sg: false }),
      );
      expect(statements((await groupsOf(newcomer()))[0])).toHaveLength(4);
      const { id } = added.body.default_security_group_rule;
      expect((await api.remove(`/v2.0/default-security-group-rules/${id}`)).status).toBe(204);
      expect(statements(await create())).toHaveLength(2);
    });

    it('counts against the quotas of groups and of rules', async () => {
      const someone = newcomer();
      await groupsOf(someone);
      const limits = async (quota: object) => api.put(`/v2.0/quotas/${someone.project}`, { quota });
      const post = () => api.post('/v2.0/security-groups', { security_group: {} }, someone);
      await limits({ security_group_rule: 5 });
      expect((await post()).body.NeutronError.message).toBe("Quota exceeded for resources: ['security_group_rule'].");
      await limits({ security_group_rule: 6, security_group: 1 });
      expect((await post()).body.NeutronError.message).toBe("Quota exceeded for resources: ['security_group'].");
      await limits({ security_group: 2 });
      expect((await post()).status).toBe(201);
    });

    it('takes its rules with it, and those of others that name it', async () => {
      const group = await create();
      const other = await create();
      const rule = { security_group_id: other.id, direction: 'ingress', remote_group_id: group.id };
      await api.post('/v2.0/security-group-rules', { security_group_rule: rule }, alice);
      const before = await show(other.id);
      expect((await api.remove(`/v2.0/security-groups/${group.id}`, alice)).status).toBe(204);
      const after = await show(other.id);
      expect(statements(after)).toEqual(['egress IPv4 any', 'egress IPv6 any']);
      expect(after.revision_number).toBeGreaterThan(before.revision_number);
    });

    it('stays, and stays stateful or not, while a port has it', async () => {
      const { id } = await create();
      expect((await put(id, { stateful: false })).body.security_group.stateful).toBe(false);
      const port = await portWith([id]);
      for (const answer of [
        await put(id, { stateful: true }),
        await api.remove(`/v2.0/security-groups/${id}`, alice),
      ]) {
        expect([answer.status, answer.body.NeutronError.type]).toEqual([409, 'SecurityGroupInUse']);
      }
      expect((await put(id, { stateful: false, name: 'fine' })).status).toBe(200);
      await api.remove(`/v2.0/ports/${port.id}`, alice);
      expect((await api.remove(`/v2.0/security-groups/${id}`, alice)).status).toBe(204);
    });

    it('has tags, and lists find it by them', async () => {
      const { id } = await create();
      await api.put(`/v2.0/security-groups/${id}/tags`, { tags: ['red'] }, alice);
      expect((await groupsOf(alice, 'tags=red')).map((group: { id: string }) => group.id)).toEqual([id]);
    });
  });

  describe('a list of groups', () => {
    it('shows those of the project and what others share with it, each as the project sees it', async () => {
      const { id } = await create({ name: 'lent' });
      const seen = async (as: Caller, query = '') =>
        (await api.get(`/v2.0/security-groups?name=lent&${query}`, as)).body.security_groups.length;
      expect(await seen(bob)).toBe(0);
      const policy = { object_type: 'security_group', object_id: id, action: 'access_as_shared' };
      await api.post('/v2.0/rbac-policies', { rbac_policy: { ...policy, target_tenant: bob.project } }, alice);
      expect([await seen(bob), await seen(bob, 'shared=true'), await seen(bob, 'shared=false')]).toEqual([1, 1, 0]);
      expect([await seen(alice), await seen(alice, 'shared=true')]).toEqual([1, 0]);
      expect([(await show(id, bob)).shared, (await show(id, alice)).shared]).toEqual([true, false]);
      expect((await put(id, { name: 'taken' }, bob)).status).toBe(403);
    });

    it('leaves the rules out where nobody asked for them', async () => {
      const [group] = await groupsOf(alice, 'name=default&fields=name&fields=id');
      expect(Object.keys(group).toSorted()).toEqual(['id', 'name']);
    });
  });
});
