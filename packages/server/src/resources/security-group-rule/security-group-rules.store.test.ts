import { admin, alice, bob, withApi, type Caller } from '@neutronium/testkit/api';
import { beforeAll, describe, expect, it } from 'vitest';

withApi((api) => {
  let groupId = '';
  const newGroup = async (as: Caller = alice): Promise<string> =>
    (await api.post('/v2.0/security-groups', { security_group: {} }, as)).body.security_group.id;
  beforeAll(async () => {
    groupId = await newGroup();
  });
  const post = (rule: object, as = alice) =>
    api.post(
      '/v2.0/security-group-rules',
      { security_group_rule: { security_group_id: groupId, direction: 'ingress', ...rule } },
      as,
    );
  const create = async (rule: object = {}) => (await post(rule)).body.security_group_rule;
  const ports = (port: number) => ({ protocol: 'tcp', port_range_min: port, port_range_max: port });
  const group = async (id = groupId) => (await api.get(`/v2.0/security-groups/${id}`, alice)).body.security_group;

  describe('a rule', () => {
    it('is shown as it was written, and its prefix also without host bits', async () => {
      const written = { protocol: '6', remote_ip_prefix: '10.0.0.7/24', port_range_min: 80, port_range_max: 443 };
      expect(await create({ ...written, ethertype: 'ipv4', description: 'web' })).toMatchObject({
        ...written,
        security_group_id: groupId,
        project_id: alice.project,
        ethertype: 'IPv4',
        normalized_cidr: '10.0.0.0/24',
        description: 'web',
        belongs_to_default_sg: false,
      });
    });

    it('from one address is from a prefix of that one address', async () => {
      expect(await create({ remote_ip_prefix: '10.0.0.7' })).toMatchObject({
        remote_ip_prefix: '10.0.0.7/32',
        normalized_cidr: '10.0.0.7/32',
      });
    });

    it('is shown with its group, whose revision it raises', async () => {
      const before = await group();
      const rule = await create(ports(1001));
      const with1 = await group();
      expect(with1.security_group_rules).toContainEqual(rule);
      expect(with1.revision_number).toBeGreaterThan(before.revision_number);
      expect((await api.remove(`/v2.0/security-group-rules/${rule.id}`, alice)).status).toBe(204);
      const without = await group();
      expect(without.security_group_rules).not.toContainEqual(rule);
      expect(without.revision_number).toBeGreaterThan(with1.revision_number);
    });

    it('is not made twice, however it is spelled', async () => {
      const { id } = await create({ ...ports(1002), protocol: 'tcp' });
      const again = await post({ ...ports(1002), protocol: '6', remote_ip_prefix: '0.0.0.0/0' });
      expect([again.status, again.body.NeutronError.type]).toEqual([409, 'SecurityGroupRuleExists']);
      expect(again.body.NeutronError.message).toContain(id);
    });

    it('is made once by many who make it at the same time', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => post(ports(1003))));
      const made = answers.filter(({ status }) => status === 201);
      expect([made.length, answers.filter(({ status }) => status === 409).length]).toEqual([1, 7]);
    });

    it.each([
      [{ direction: 'sideways' }, 400, 'HTTPBadRequest'],
      [{ ethertype: 'IPv5' }, 400, 'SecurityGroupRuleInvalidEtherType'],
      [{ protocol: 'nonsense' }, 400, 'SecurityGroupRuleInvalidProtocol'],
      [{ protocol: 256 }, 400, 'SecurityGroupRuleInvalidProtocol'],
      [{ ...ports(1), port_range_max: 65_536 }, 400, 'SecurityGroupInvalidPortValue'],
      [{ remote_ip_prefix: '10.0.0.0/33' }, 400, 'InvalidCIDR'],
      [{ remote_group_id: '11111111-1111-4111-8111-111111111111' }, 404, 'SecurityGroupNotFound'],
      [{ remote_address_group_id: '11111111-1111-4111-8111-111111111111' }, 404, 'AddressGroupNotFound'],
      [{ security_group_id: '11111111-1111-4111-8111-111111111111' }, 404, 'SecurityGroupNotFound'],
    ])('%j is refused with %i %s', async (rule, status, type) => {
      const answer = await post(rule);
      expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
    });

    it('is the matter of who owns the group, and of administrators', async () => {
      const refused = await post(ports(1004), bob);
      expect([refused.status, refused.body.NeutronError.type]).toEqual([403, 'PolicyNotAuthorized']);
      const { status, body } = await post(ports(1004), admin);
      expect([status, body.security_group_rule.project_id]).toEqual([201, admin.project]);
      const path = `/v2.0/security-group-rules/${body.security_group_rule.id}`;
      expect((await api.get(path, bob)).status).toBe(404);
      expect((await api.get(path, alice)).status).toBe(200);
      expect((await api.remove(path, bob)).status).toBe(404);
      expect((await api.remove(path, alice)).status).toBe(204);
    });

    it('cannot name a group or addresses that its maker does not see', async () => {
      const foreign = await newGroup(bob);
      expect((await post({ remote_group_id: foreign })).body.NeutronError.type).toBe('SecurityGroupNotFound');
      const policy = { object_type: 'security_group', object_id: foreign, action: 'access_as_shared' };
      await api.post('/v2.0/rbac-policies', { rbac_policy: { ...policy, target_tenant: alice.project } }, bob);
      expect((await post({ remote_group_id: foreign })).status).toBe(201);
    });

    it('cannot be changed', async () => {
      const { id } = await create(ports(1005));
      const change = { security_group_rule: { description: 'new' } };
      expect((await api.put(`/v2.0/security-group-rules/${id}`, change, alice)).status).toBe(405);
    });
  });

  describe('rules that come together', () => {
    const bulk = (rules: readonly object[], as = alice) =>
      api.post('/v2.0/security-group-rules', { security_group_rules: rules }, as);
    const rule = (port: number, more: object = {}) => ({
      security_group_id: groupId,
      direction: 'ingress',
      ...ports(port),
      ...more,
    });

    it('are all made, in order', async () => {
      const { status, body } = await bulk([rule(2001), rule(2003), rule(2002)]);
      expect(status).toBe(201);
      expect(body.security_group_rules.map((each: { port_range_min: number }) => each.port_range_min)).toEqual([
        2001, 2003, 2002,
      ]);
    });

    it.each([
      ['two that are the same', () => [rule(2010), rule(2010, { protocol: 6 })], 'DuplicateSecurityGroupRuleInPost'],
      ['one that is there', () => [rule(2011), rule(2001)], 'SecurityGroupRuleExists'],
      ['one that is wrong', () => [rule(2012), rule(2013, { port_range_max: 1 })], 'SecurityGroupInvalidPortRange'],
      ['two groups', () => [rule(2014), rule(2014, { security_group_id: crypto.randomUUID() })], undefined],
    ])('are none for %s', async (_, rules, type) => {
      const before = await group();
      const { status, body } = await bulk(rules());
      expect(status).toBeGreaterThanOrEqual(400);
      if (type !== undefined) expect(body.NeutronError.type).toBe(type);
      expect(await group()).toEqual(before);
    });

    it('belong to one group and one project', async () => {
      const other = await newGroup();
      const twoGroups = await bulk([rule(2020), rule(2020, { security_group_id: other })]);
      expect(twoGroups.body.NeutronError.type).toBe('SecurityGroupNotSingleGroupRules');
      const twoProjects = await bulk([rule(2021), rule(2022, { project_id: alice.project })], admin);
      expect(twoProjects.body.NeutronError.type).toBe('SecurityGroupRulesNotSingleProject');
    });
  });

  describe('a list of rules', () => {
    it('is searched by what rules say, in any spelling', async () => {
      await create({ protocol: 'udp', remote_ip_prefix: '10.9.0.5/24', port_range_min: 53, port_range_max: 53 });
      const found = async (query: string) =>
        (await api.get(`/v2.0/security-group-rules?security_group_id=${groupId}&${query}`, alice)).body
          .security_group_rules.length;
      expect(await found('protocol=UDP')).toBe(1);
      expect(await found('remote_ip_prefix=10.9.0.5/24')).toBe(1);
      expect(await found('normalized_cidr=10.9.0.0/24')).toBe(1);
      expect(await found('port_range_min=53&ethertype=ipv4&direction=ingress')).toBe(1);
      expect(await found('belongs_to_default_sg=true')).toBe(0);
    });

    it("shows a group's owner also the rules that others added to it, and nobody else", async () => {
      await post(ports(3001), admin);
      const listed = async (as: Caller) =>
        (await api.get(`/v2.0/security-group-rules?security_group_id=${groupId}&port_range_min=3001`, as)).body
          .security_group_rules;
      expect(await listed(alice)).toHaveLength(1);
      expect(await listed(bob)).toHaveLength(0);
    });
  });
});
