import { admin, alice, bob, withApi, type Caller } from '@neutronium/testkit/api';
import { beforeAll, describe, expect, it } from 'vitest';

withApi((api) => {
  let networkId = '';
  let open = '';
  let web = '';
  let stateless = '';
  const newGroup = async (more: object = {}, as: Caller = alice): Promise<string> =>
    (await api.post('/v2.0/security-groups', { security_group: more }, as)).body.security_group.id;
  const defaultOf = async (as: Caller): Promise<string> =>
    (await api.get(`/v2.0/security-groups?name=default&project_id=${as.project}`, as)).body.security_groups[0].id;
  beforeAll(async () => {
    networkId = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
    const unguarded = { port_security_enabled: false };
    open = (await api.post('/v2.0/networks', { network: unguarded }, alice)).body.network.id;
    web = await newGroup();
    stateless = await newGroup({ stateful: false });
  });
  const post = (more: object = {}, as = alice) =>
    api.post('/v2.0/ports', { port: { network_id: networkId, ...more } }, as);
  const create = async (more: object = {}, as = alice) => (await post(more, as)).body.port;
  const put = (id: string, changes: object, as = alice) => api.put(`/v2.0/ports/${id}`, { port: changes }, as);
  const pair = [{ ip_address: '10.9.0.9' }];

  describe('a new port', () => {
    it('has the default group of its own project, also when an administrator makes it', async () => {
      expect((await create()).security_groups).toEqual([await defaultOf(alice)]);
      expect((await create({ project_id: bob.project }, admin)).security_groups).toEqual([await defaultOf(bob)]);
    });

    it('has the groups that it asks for, in their order', async () => {
      const other = await newGroup();
      expect((await create({ security_groups: [web, other] })).security_groups).toEqual([web, other]);
      expect((await create({ security_groups: [other, web] })).security_groups).toEqual([other, web]);
      expect((await create({ security_groups: [] })).security_groups).toEqual([]);
      expect((await create({ security_groups: null })).security_groups).toEqual([]);
    });

    it.each([
      ['a port without port security', () => ({ port_security_enabled: false })],
      ['a port of the network service', () => ({ device_owner: 'network:dhcp' })],
      ['a port of a network without port security', () => ({ network_id: open })],
    ])('has none where nothing guards it: %s', async (_, unguarded) => {
      const more = unguarded();
      const port = await create(more);
      expect([port.port_security_enabled, port.security_groups]).toEqual([false, []]);
      const asking = await post({ ...more, security_groups: [web] });
      expect([asking.status, asking.body.NeutronError.type]).toEqual([
        400,
        'PortSecurityAndIPRequiredForSecurityGroups',
      ]);
      const pairs = await post({ ...more, allowed_address_pairs: pair });
      expect([pairs.status, pairs.body.NeutronError.type]).toEqual([409, 'AddressPairAndPortSecurityRequired']);
    });

    it('cannot have a group that is not there, twice, or of a project that does not share it', async () => {
      const unknown = '11111111-1111-4111-8111-111111111111';
      const missing = await post({ security_groups: [web, unknown] });
      expect([missing.status, missing.body.NeutronError.message]).toEqual([
        404,
        `Security group ${unknown} does not exist`,
      ]);
      expect((await post({ security_groups: [web, web] })).status).toBe(400);
      const foreign = await newGroup({}, bob);
      const unseen = await newGroup({ stateful: false }, bob);
      for (const security_groups of [[foreign], [web, unseen]]) {
        expect((await post({ security_groups })).body.NeutronError.type).toBe('SecurityGroupNotFound');
      }
      const policy = { object_type: 'security_group', object_id: foreign, action: 'access_as_shared' };
      await api.post('/v2.0/rbac-policies', { rbac_policy: { ...policy, target_tenant: alice.project } }, bob);
      expect((await create({ security_groups: [foreign] })).security_groups).toEqual([foreign]);
    });

    it('has groups that track connections or groups that do not', async () => {
      const mixed = await post({ security_groups: [web, stateless] });
      expect([mixed.status, mixed.body.NeutronError.type]).toEqual([409, 'SecurityGroupConflict']);
      expect((await post({ security_groups: [stateless] })).status).toBe(201);
    });
  });

  describe('a port', () => {
    it('changes its groups, and keeps them when a change does not speak of them', async () => {
      const { id } = await create();
      expect((await put(id, { security_groups: [web] })).body.port.security_groups).toEqual([web]);
      expect((await put(id, { name: 'x' })).body.port.security_groups).toEqual([web]);
      expect((await put(id, { security_groups: null })).body.port.security_groups).toEqual([]);
      const mixed = await put(id, { security_groups: [web, stateless] });
      expect(mixed.body.NeutronError.type).toBe('SecurityGroupConflict');
    });

    it('is the same with the same groups in another order', async () => {
      const other = await newGroup();
      const { id, revision_number } = await create({ security_groups: [web, other] });
      const { body } = await put(id, { security_groups: [other, web] });
      expect([body.port.security_groups, body.port.revision_number]).toEqual([[web, other], revision_number]);
    });

    it('loses its guard only together with what needs it', async () => {
      const { id } = await create({ allowed_address_pairs: pair });
      const off = { port_security_enabled: false };
      const refused = async (changes: object) => {
        const { status, body } = await put(id, { ...off, ...changes });
        return [status, body.NeutronError.type];
      };
      expect(await refused({})).toEqual([409, 'AddressPairAndPortSecurityRequired']);
      expect(await refused({ allowed_address_pairs: [] })).toEqual([409, 'PortSecurityPortHasSecurityGroup']);
      expect(await refused({ allowed_address_pairs: [], security_groups: [web] })).toEqual([
        400,
        'PortSecurityAndIPRequiredForSecurityGroups',
      ]);
      const { body } = await put(id, { ...off, allowed_address_pairs: [], security_groups: [] });
      expect([body.port.port_security_enabled, body.port.security_groups]).toEqual([false, []]);
      expect(await refused({ security_groups: [web] })).toEqual([400, 'PortSecurityAndIPRequiredForSecurityGroups']);
      const on = await put(id, { port_security_enabled: true, security_groups: [web], allowed_address_pairs: pair });
      expect(on.body.port.security_groups).toEqual([web]);
    });

    it('is found by its groups', async () => {
      const group = await newGroup();
      const port = await create({ security_groups: [group] });
      const found = async (query: string) =>
        (await api.get(`/v2.0/ports?${query}`, alice)).body.ports.map(({ id }: { id: string }) => id);
      expect(await found(`security_groups=${group}`)).toEqual([port.id]);
      expect(await found(`security_groups=${group}&security_groups=${crypto.randomUUID()}`)).toEqual([port.id]);
      expect(await found(`security_groups=${crypto.randomUUID()}`)).toEqual([]);
    });

    it('leaves its groups when it goes', async () => {
      const group = await newGroup();
      const port = await create({ security_groups: [group] });
      expect((await api.remove(`/v2.0/security-groups/${group}`, alice)).status).toBe(409);
      await api.remove(`/v2.0/ports/${port.id}`, alice);
      expect((await api.remove(`/v2.0/security-groups/${group}`, alice)).status).toBe(204);
    });
  });
});
