import { admin, alice, bob, withApi, type Caller } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

const carol: Caller = { project: 'carol-project', roles: ['member', 'reader'] };

withApi((api) => {
  const newNetwork = async (more: object = {}, as = alice): Promise<string> =>
    (await api.post('/v2.0/networks', { network: more }, as)).body.network.id;
  const post = (policy: object, as = alice) =>
    api.post(
      '/v2.0/rbac-policies',
      { rbac_policy: { object_type: 'network', action: 'access_as_shared', target_tenant: bob.project, ...policy } },
      as,
    );
  const share = async (object_id: string, more: object = {}, as = alice) =>
    (await post({ object_id, ...more }, as)).body.rbac_policy;
  const put = (id: string, target_tenant: string, as = alice) =>
    api.put(`/v2.0/rbac-policies/${id}`, { rbac_policy: { target_tenant } }, as);
  const remove = (id: string, as = alice) => api.remove(`/v2.0/rbac-policies/${id}`, as);
  const policiesOf = async (object_id: string, as = admin) =>
    (await api.get(`/v2.0/rbac-policies?object_id=${object_id}`, as)).body.rbac_policies;
  const network = async (id: string, as: Caller) => (await api.get(`/v2.0/networks/${id}`, as)).body.network;
  const plug = (network_id: string, as: Caller) => api.post('/v2.0/ports', { port: { network_id } }, as);

  describe('a policy', () => {
    it("is its owner's to see", async () => {
      const id = await newNetwork();
      const policy = await share(id);
      expect(policy).toEqual({
        id: expect.any(String),
        project_id: alice.project,
        tenant_id: alice.project,
        object_type: 'network',
        object_id: id,
        action: 'access_as_shared',
        target_tenant: bob.project,
      });
      expect((await api.get(`/v2.0/rbac-policies/${policy.id}`, alice)).status).toBe(200);
      const unseen = await api.get(`/v2.0/rbac-policies/${policy.id}`, bob);
      expect([unseen.status, unseen.body.NeutronError.type]).toEqual([404, 'RbacPolicyNotFound']);
      expect((await remove(policy.id, bob)).status).toBe(404);
    });

    it.each([
      [{ object_type: 'nonsense' }, 400, 'InvalidInput'],
      [{ action: 'access_as_nonsense' }, 400, 'InvalidActionForType'],
      [{ object_id: '11111111-1111-4111-8111-111111111111' }, 400, 'InvalidInput'],
      [{ object_id: 'x' }, 400, 'HTTPBadRequest'],
      [{ target_tenant: '*' }, 403, 'PolicyNotAuthorized'],
    ])('with %j is refused with %i %s', async (more, status, type) => {
      const answer = await post({ object_id: await newNetwork(), ...more });
      expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
    });

    it('says which actions there are', async () => {
      const answer = await post({ object_id: await newNetwork(), object_type: 'subnetpool', action: 'x' });
      expect(answer.body.NeutronError.message).toBe(
        "Invalid action 'x' for object type 'subnetpool'. Valid actions: ('access_as_shared',)",
      );
    });

    it('is made by the owner of the object or an administrator', async () => {
      const id = await newNetwork();
      await share(id);
      const refused = await post({ object_id: id, target_tenant: carol.project }, bob);
      expect([refused.status, refused.body.NeutronError.message]).toEqual([
        400,
        'Invalid input for operation: Only admins can manipulate policies on objects they do not own.',
      ]);
      expect((await post({ object_id: id, target_tenant: carol.project }, admin)).status).toBe(201);
    });

    it('is made once', async () => {
      const id = await newNetwork();
      const answers = await Promise.all(Array.from({ length: 6 }, () => post({ object_id: id })));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      const refused = answers.filter(({ status }) => status !== 201);
      expect(refused.map(({ body }) => body.NeutronError.type)).toEqual(
        Array.from({ length: 5 }, () => 'DuplicateRbacPolicy'),
      );
    });

    it('counts against a quota', async () => {
      const someone: Caller = { project: 'sharing-project', roles: ['member', 'reader'] };
      await api.put(`/v2.0/quotas/${someone.project}`, { quota: { rbac_policy: 1 } });
      const id = await newNetwork({}, someone);
      expect((await post({ object_id: id }, someone)).status).toBe(201);
      const over = await post({ object_id: id, target_tenant: carol.project }, someone);
      expect(over.body.NeutronError.message).toBe("Quota exceeded for resources: ['rbac_policy'].");
    });

    it('goes with its object', async () => {
      const id = await newNetwork();
      await share(id);
      await api.remove(`/v2.0/networks/${id}`, alice);
      expect(await policiesOf(id)).toEqual([]);
    });
  });

  describe('a network that is shared with one project', () => {
    it('is shared for that project and for nobody else, and has another revision', async () => {
      const id = await newNetwork();
      const before = await network(id, alice);
      await share(id);
      expect((await network(id, bob)).shared).toBe(true);
      const after = await network(id, alice);
      expect(after.shared).toBe(false);
      expect(after.revision_number).toBeGreaterThan(before.revision_number);
      expect((await api.get(`/v2.0/networks/${id}`, carol)).status).toBe(404);
      const listed = async (as: Caller, shared: boolean) =>
        (await api.get(`/v2.0/networks?id=${id}&shared=${shared}`, as)).body.networks.length;
      expect([await listed(bob, true), await listed(bob, false)]).toEqual([1, 0]);
      expect([await listed(alice, true), await listed(alice, false)]).toEqual([0, 1]);
    });

    it('lets it plug in, and cannot be taken back while it has', async () => {
      const id = await newNetwork();
      expect((await plug(id, bob)).status).toBe(403);
      const policy = await share(id);
      const port = await plug(id, bob);
      expect(port.status).toBe(201);
      const inUse = [await remove(policy.id), await put(policy.id, carol.project)];
      for (const { status, body } of inUse) expect([status, body.NeutronError.type]).toEqual([409, 'RbacPolicyInUse']);
      await api.remove(`/v2.0/ports/${port.body.port.id}`, bob);
      expect((await put(policy.id, carol.project)).body.rbac_policy.target_tenant).toBe(carol.project);
      expect((await api.get(`/v2.0/networks/${id}`, bob)).status).toBe(404);
      expect((await remove(policy.id)).status).toBe(204);
      expect((await api.get(`/v2.0/networks/${id}`, carol)).status).toBe(404);
    });

    it('needs only one reason to be', async () => {
      const id = await newNetwork();
      const single = await share(id);
      await plug(id, bob);
      const everyone = await share(id, { target_tenant: '*' }, admin);
      expect((await remove(single.id)).status).toBe(204);
      const last = await remove(everyone.id, admin);
      expect([last.status, last.body.NeutronError.type]).toEqual([409, 'RbacPolicyInUse']);
      await share(id);
      expect((await remove(everyone.id, admin)).status).toBe(204);
    });
  });

  describe('a subnet pool in an address scope', () => {
    it('is shared only with projects that may use the scope', async () => {
      const scope = (await api.post('/v2.0/address-scopes', { address_scope: { name: 's', ip_version: 4 } }, alice))
        .body.address_scope.id;
      const prefixes = { prefixes: ['10.20.0.0/16'], default_prefixlen: 24, address_scope_id: scope };
      const pool = (await api.post('/v2.0/subnetpools', { subnetpool: { name: 'p', ...prefixes } }, alice)).body
        .subnetpool.id;
      const asked = { object_type: 'subnetpool', object_id: pool };
      const refused = await post(asked);
      expect([refused.status, refused.body.NeutronError.type]).toEqual([400, 'InvalidInput']);
      await share(scope, { object_type: 'address_scope' });
      const shared = await share(pool, { object_type: 'subnetpool' });
      expect(shared.target_tenant).toBe(bob.project);
      expect((await put(shared.id, carol.project)).status).toBe(400);
      expect((await api.get(`/v2.0/subnetpools/${pool}`, bob)).body.subnetpool.shared).toBe(true);
    });
  });

  describe('the flags of a network', () => {
    it('are policies for everyone', async () => {
      const id = await newNetwork({ shared: true, 'router:external': true }, admin);
      const policies = await policiesOf(id);
      expect(
        policies.map(({ action, target_tenant }: Record<string, string>) => `${action} ${target_tenant}`).toSorted(),
      ).toEqual(['access_as_external *', 'access_as_shared *']);
      for (const policy of policies) expect((await remove(policy.id, admin)).status).toBe(204);
      expect(await network(id, admin)).toMatchObject({ shared: false, 'router:external': false });
    });

    it('can be taken back when all who use it have policies of their own', async () => {
      const id = await newNetwork({ shared: true }, admin);
      await plug(id, bob);
      const unshare = () => api.put(`/v2.0/networks/${id}`, { network: { shared: false } });
      expect((await unshare()).body.NeutronError.type).toBe('InvalidSharedSetting');
      await share(id, {}, admin);
      expect((await unshare()).body.network.shared).toBe(false);
      expect((await network(id, bob)).shared).toBe(true);
    });

    it('stay as they are while it is the usual way out, or somebody who has no policy of his own goes out by it', async () => {
      const id = await newNetwork({ 'router:external': true, is_default: true }, admin);
      const [wildcard] = await policiesOf(id);
      const refusal = async () => {
        const { status, body } = await remove(wildcard.id, admin);
        return [status, body?.NeutronError?.message];
      };
      const inUse = (details: string) => [
        409,
        `RBAC policy on object ${id} cannot be removed because other objects depend on it.\nDetails: ${details}`,
      ];
      expect(await refusal()).toEqual(inUse('Default external networks must be shared to everyone.'));
      expect((await put(wildcard.id, bob.project, admin)).status).toBe(409);
      await api.put(`/v2.0/networks/${id}`, { network: { is_default: false } });
      await api.post('/v2.0/subnets', { subnet: { network_id: id, ip_version: 4, cidr: '203.0.113.0/24' } });
      const gateway = { external_gateway_info: { network_id: id } };
      const router = (await api.post('/v2.0/routers', { router: gateway }, bob)).body.router;
      expect((await refusal())[0]).toBe(409);
      await api.remove(`/v2.0/routers/${router.id}`, bob);
      expect((await remove(wildcard.id, admin)).status).toBe(204);
    });

    it('say that it is external as soon as anybody may take it for a way out', async () => {
      const id = await newNetwork();
      await share(id, { action: 'access_as_external' });
      expect((await network(id, alice))['router:external']).toBe(true);
      expect(await network(id, bob)).toMatchObject({ 'router:external': true, shared: false });
      expect((await plug(id, bob)).status).toBe(403);
      const seen = async (as: Caller) =>
        (await api.get(`/v2.0/networks?id=${id}&router:external=true`, as)).body.networks.length;
      expect([await seen(alice), await seen(bob), await seen(carol)]).toEqual([1, 1, 0]);
      await api.put(`/v2.0/networks/${id}`, { network: { 'router:external': false } }, admin);
      expect(await policiesOf(id)).toEqual([]);
    });
  });

  describe('what else is shared', () => {
    it('is in use as long as the other project uses it', async () => {
      const pool = { name: 'pool', prefixes: ['10.64.0.0/16'], default_prefixlen: 24 };
      const poolId = (await api.post('/v2.0/subnetpools', { subnetpool: pool }, alice)).body.subnetpool.id;
      const groupId = (await api.post('/v2.0/security-groups', { security_group: {} }, alice)).body.security_group.id;
      const addresses = { addresses: ['10.0.0.0/8'] };
      const addressId = (await api.post('/v2.0/address-groups', { address_group: addresses }, alice)).body.address_group
        .id;
      const policies = [
        await share(poolId, { object_type: 'subnetpool' }),
        await share(groupId, { object_type: 'security_group' }),
        await share(addressId, { object_type: 'address_group' }),
      ];
      const network_id = await newNetwork({}, bob);
      const subnet = { network_id, ip_version: 4, subnetpool_id: poolId };
      const carved = await api.post('/v2.0/subnets', { subnet }, bob);
      const port = await api.post('/v2.0/ports', { port: { network_id, security_groups: [groupId] } }, bob);
      const own = (await api.post('/v2.0/security-groups', { security_group: {} }, bob)).body.security_group.id;
      const rule = { security_group_id: own, direction: 'ingress', remote_address_group_id: addressId };
      const made = await api.post('/v2.0/security-group-rules', { security_group_rule: rule }, bob);
      expect([carved.status, port.status, made.status]).toEqual([201, 201, 201]);
      for (const { id } of policies) expect((await remove(id)).body.NeutronError.type).toBe('RbacPolicyInUse');
      await api.remove(`/v2.0/ports/${port.body.port.id}`, bob);
      await api.remove(`/v2.0/subnets/${carved.body.subnet.id}`, bob);
      await api.remove(`/v2.0/security-group-rules/${made.body.security_group_rule.id}`, bob);
      for (const { id } of policies) expect((await remove(id)).status).toBe(204);
    });
  });
});
