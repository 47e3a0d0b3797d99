import { alice, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const used = { used_in_default_sg: false, used_in_non_default_sg: false };
  const post = (template: object, as?: typeof alice) =>
    api.post('/v2.0/default-security-group-rules', { default_security_group_rule: { ...used, ...template } }, as);
  const list = async (as?: typeof alice) =>
    (await api.get('/v2.0/default-security-group-rules', as)).body.default_security_group_rules;

  describe('the templates of rules', () => {
    it('are at first what groups have always started with', async () => {
      const said = (await list()).map(
        ({
          direction,
          ethertype,
          remote_group_id,
          used_in_default_sg,
          used_in_non_default_sg,
        }: Record<string, unknown>) =>
          [direction, ethertype, remote_group_id, used_in_default_sg, used_in_non_default_sg].join(' '),
      );
      expect(said.toSorted()).toEqual([
        'egress IPv4  true true',
        'egress IPv6  true true',
        'ingress IPv4 PARENT true false',
        'ingress IPv6 PARENT true false',
      ]);
    });

    it('are for all to see and for administrators to change', async () => {
      expect(await list(alice)).toEqual(await list());
      const [{ id }] = await list();
      expect((await post({ direction: 'ingress', protocol: 'tcp' }, alice)).status).toBe(403);
      expect((await api.remove(`/v2.0/default-security-group-rules/${id}`, alice)).status).toBe(403);
      expect((await api.put(`/v2.0/default-security-group-rules/${id}`, {})).status).toBe(405);
    });

    it('belong to no project, whoever makes them', async () => {
      const { status, body } = await post({ direction: 'ingress', protocol: 'udp', tenant_id: 'some project' });
      expect(status).toBe(201);
      expect(body.default_security_group_rule).not.toHaveProperty('project_id');
      expect(body.default_security_group_rule).not.toHaveProperty('tenant_id');
    });

    it.each([
      [{ direction: 'egress' }, 409, 'DefaultSecurityGroupRuleExists'],
      [{ direction: 'ingress', protocol: 'icmpv6' }, 400, 'SecurityGroupEthertypeConflictWithProtocol'],
      [{ direction: 'ingress', port_range_min: 1, port_range_max: 2 }, 400, 'SecurityGroupProtocolRequiredWithPorts'],
      [{ direction: 'ingress', remote_group_id: crypto.randomUUID() }, 404, 'SecurityGroupNotFound'],
      [{ direction: 'ingress', remote_address_group_id: crypto.randomUUID() }, 404, 'AddressGroupNotFound'],
      [{ direction: 'ingress', used_in_default_sg: 'perhaps' }, 400, 'InvalidInput'],
    ])('cannot be %j: %i %s', async (template, status, type) => {
      const answer = await post(template);
      expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
    });

    it('say how they are used', async () => {
      const template = { direction: 'ingress', used_in_default_sg: true };
      const answer = await api.post('/v2.0/default-security-group-rules', { default_security_group_rule: template });
      expect([answer.status, answer.body.NeutronError.message]).toEqual([
        400,
        "Failed to parse request. Required attribute 'used_in_non_default_sg' not specified",
      ]);
    });

    it('that come together are all made or none', async () => {
      const before = await list();
      const rule = { ...used, direction: 'ingress', protocol: 'sctp' };
      const { status, body } = await api.post('/v2.0/default-security-group-rules', {
        default_security_group_rules: [rule, { ...rule, protocol: '132' }],
      });
      expect([status, body.NeutronError.type]).toEqual([409, 'DuplicateDefaultSgRuleInPost']);
      expect(await list()).toEqual(before);
    });
  });
});
