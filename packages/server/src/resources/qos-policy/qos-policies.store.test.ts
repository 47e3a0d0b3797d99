import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi(
  (api) => {
    const policy = async (more: object = {}): Promise<string> =>
      (await api.post('/v2.0/qos/policies', { policy: { project_id: alice.project, ...more } }, admin)).body.policy.id;
    const rule = (policyId: string, kind: string, given: object) =>
      api.post(`/v2.0/qos/policies/${policyId}/${kind}s`, { [kind]: given }, admin);
    const network = async (more: object = {}, as = alice): Promise<string> =>
      (await api.post('/v2.0/networks', { network: more }, as)).body.network.id;
    const port = (more: object, as = alice) => api.post('/v2.0/ports', { port: more }, as);
    const typeOf = (answer: { readonly body: { readonly NeutronError?: { readonly type: string } } }) =>
      answer.body.NeutronError?.type;

    describe('a QoS policy', () => {
      it('is made by administrators, seen by its project, and by others once it is shared with them', async () => {
        const id = await policy({ name: 'p' });
        expect((await api.post('/v2.0/qos/policies', { policy: {} }, alice)).status).toBe(403);
        expect((await api.get(`/v2.0/qos/policies/${id}`, alice)).body.policy).toMatchObject({ name: 'p', rules: [] });
        expect(typeOf(await api.get(`/v2.0/qos/policies/${id}`, bob))).toBe('QosPolicyNotFound');
        const sharing = {
          object_type: 'qos_policy',
          object_id: id,
          action: 'access_as_shared',
          target_tenant: bob.project,
        };
        const shared = await api.post('/v2.0/rbac-policies', { rbac_policy: sharing }, admin);
        expect((await api.get(`/v2.0/qos/policies/${id}`, bob)).body.policy.shared).toBe(true);
        const taken = await port({ network_id: await network({}, bob), qos_policy_id: id }, bob);
        expect(taken.status).toBe(201);
        const path = `/v2.0/rbac-policies/${shared.body.rbac_policy.id}`;
        expect(typeOf(await api.remove(path, admin))).toBe('RbacPolicyInUse');
        await api.put(`/v2.0/ports/${taken.body.port.id}`, { port: { qos_policy_id: null } }, bob);
        expect((await api.remove(path, admin)).status).toBe(204);
      });

      it('is given to nothing of those who do not see it', async () => {
        const id = await policy();
        const foreign = await network({}, bob);
        const answers = [
          await api.post('/v2.0/networks', { network: { qos_policy_id: id } }, bob),
          await port({ network_id: foreign, qos_policy_id: id }, bob),
          await api.put(`/v2.0/networks/${foreign}`, { network: { qos_policy_id: id } }, bob),
        ];
        expect(answers.map(typeOf)).toEqual(answers.map(() => 'QosPolicyNotFound'));
      });

      it('stays while something has it, and goes with its rules', async () => {
        const id = await policy();
        const made = await rule(id, 'dscp_marking_rule', { dscp_mark: 8 });
        const networkId = await network({ qos_policy_id: id });
        expect(typeOf(await api.remove(`/v2.0/qos/policies/${id}`, admin))).toBe('QosPolicyInUse');
        await api.put(`/v2.0/networks/${networkId}`, { network: { qos_policy_id: null } }, alice);
        expect((await api.remove(`/v2.0/qos/policies/${id}`, admin)).status).toBe(204);
        const alias = `/v2.0/qos/alias-dscp-marking-rules/${made.body.dscp_marking_rule.id}`;
        expect(typeOf(await api.get(alias, admin))).toBe('QosRuleNotFound');
      });

      it('is the default of one project once, and of its new networks', async () => {
        const id = await policy({ is_default: true });
        const again = await api.post(
          '/v2.0/qos/policies',
          { policy: { project_id: alice.project, is_default: true } },
          admin,
        );
        expect(typeOf(again)).toBe('QoSPolicyDefaultAlreadyExists');
        const made = await api.post('/v2.0/networks', { network: {} }, alice);
        expect(made.body.network.qos_policy_id).toBe(id);
        expect((await api.post('/v2.0/networks', { network: {} }, bob)).body.network.qos_policy_id).toBe(null);
        await api.put(`/v2.0/qos/policies/${id}`, { policy: { is_default: false } }, admin);
      });
    });

    describe('a rule', () => {
      it('is one of its type and direction, of two that are made at the same moment', async () => {
        const id = await policy();
        const answers = await Promise.all([1, 2, 3].map((n) => rule(id, 'bandwidth_limit_rule', { max_kbps: n })));
        expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
        expect(answers.filter((answer) => typeOf(answer) === 'QoSRulesConflict')).toHaveLength(2);
      });

      it('is refused where it cannot be enforced, now or by what has its policy already', async () => {
        const id = await policy();
        const tunnelled = await network();
        await port({ network_id: tunnelled, qos_policy_id: id });
        expect(typeOf(await rule(id, 'minimum_bandwidth_rule', { min_kbps: 10 }))).toBe('QosRuleNotSupported');
        expect((await api.get(`/v2.0/qos/policies/${id}`, admin)).body.policy.rules).toEqual([]);
        const other = await policy();
        await rule(other, 'minimum_bandwidth_rule', { min_kbps: 10 });
        const answer = await api.put(`/v2.0/networks/${tunnelled}`, { network: { qos_policy_id: other } }, alice);
        expect(typeOf(answer)).toBe('QosRuleNotSupportedByNetwork');
      });

      it('is changed by its id alone by those who may, and by others not even seen', async () => {
        const id = await policy();
        const ruleId = (await rule(id, 'packet_rate_limit_rule', { max_kpps: 3 })).body.packet_rate_limit_rule.id;
        const bits = (await rule(id, 'bandwidth_limit_rule', { max_kbps: 5 })).body.bandwidth_limit_rule.id;
        const alias = `/v2.0/qos/alias-bandwidth-limit-rules/${bits}`;
        const change = { alias_bandwidth_limit_rule: { max_kbps: 7 } };
        expect((await api.put(alias, change, alice)).status).toBe(403);
        expect(typeOf(await api.put(alias, change, bob))).toBe('QosPolicyNotFound');
        expect((await api.put(alias, change, admin)).body.alias_bandwidth_limit_rule.max_kbps).toBe(7);
        const listed = await api.get(`/v2.0/qos/policies/${id}/packet_rate_limit_rules`, alice);
        expect(listed.body.packet_rate_limit_rules.map((each: { id: string }) => each.id)).toEqual([ruleId]);
        const elsewhere = `/v2.0/qos/policies/${await policy()}/packet_rate_limit_rules/${ruleId}`;
        expect(typeOf(await api.get(elsewhere, admin))).toBe('QosRuleNotFound');
      });
    });

    describe('a port with minimums', () => {
      it('asks Placement for them, by the same names as long as the rules are the same', async () => {
        const id = await policy();
        await rule(id, 'minimum_bandwidth_rule', { min_kbps: 1000 });
        await rule(id, 'minimum_packet_rate_rule', { min_kpps: 3, direction: 'any' });
        const wire = { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1' };
        const made = await port({ network_id: await network(wire, admin), qos_policy_id: id }, admin);
        const { resource_request } = made.body.port;
        expect(resource_request.request_groups).toMatchObject([
          {
            required: ['CUSTOM_PHYSNET_PHYSNET1', 'CUSTOM_VNIC_TYPE_NORMAL'],
            resources: { NET_BW_EGR_KILOBIT_PER_SEC: 1000 },
          },
          { required: ['CUSTOM_VNIC_TYPE_NORMAL'], resources: { NET_PACKET_RATE_KILOPACKET_PER_SEC: 3 } },
        ]);
        const groups = resource_request.request_groups.map((each: { id: string }) => each.id);
        expect(resource_request.same_subtree).toEqual(groups);
        for (const group of groups)
          expect(group).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        const again = await api.get(`/v2.0/ports/${made.body.port.id}`, admin);
        expect(again.body.port.resource_request).toEqual(resource_request);
      });
    });
  },
  { settings: { 'networks.network_vlan_ranges': 'physnet1:100:199' } },
);
