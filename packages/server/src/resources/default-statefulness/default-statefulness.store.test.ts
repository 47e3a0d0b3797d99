import { admin, alice, bob, withApi, type Caller } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

const path = '/v2.0/security-groups-default-statefulness';
const name = 'security_groups_default_statefulness';

withApi((api) => {
  const set = (setting: object, as = admin) => api.post(path, { [name]: setting }, as);
  const newGroup = async (as: Caller, more: object = {}) =>
    (await api.post('/v2.0/security-groups', { security_group: { name: 'g', ...more } }, as)).body.security_group
      .stateful;
  const managerOf = (project: string): Caller => ({ project, roles: ['manager', 'member', 'reader'] });
  const memberOf = (project: string): Caller => ({ project, roles: ['member', 'reader'] });

  describe('whether new security groups are stateful', () => {
    it('says the manager of a project, for those of which nobody says so', async () => {
      const carol = memberOf('carol');
      expect(await newGroup(carol)).toBe(true);
      const { status, body } = await set({ stateful: false }, managerOf('carol'));
      expect([status, body[name]]).toEqual([
        201,
        { id: body[name].id, project_id: 'carol', tenant_id: 'carol', stateful: false },
      ]);
      expect(await newGroup(carol)).toBe(false);
      expect(await newGroup(carol, { stateful: true })).toBe(true);
      expect(await newGroup(bob)).toBe(true);
      await api.put(`${path}/${body[name].id}`, { [name]: { stateful: true } }, managerOf('carol'));
      expect(await newGroup(carol)).toBe(true);
    });

    it('says an administrator for projects that say nothing, and for the groups that they begin with', async () => {
      const { body } = await set({ project_id: null, stateful: false });
      await set({ project_id: 'erin', stateful: true });
      expect(await newGroup(memberOf('dave'))).toBe(false);
      expect(await newGroup(memberOf('erin'))).toBe(true);
      const groups = await api.get('/v2.0/security-groups?name=default', memberOf('dave'));
      expect(groups.body.security_groups).toMatchObject([{ stateful: false }]);
      expect((await api.remove(`${path}/${body[name].id}`)).status).toBe(204);
      expect(await newGroup(memberOf('frank'))).toBe(true);
    });

    it('is said once for a project, and names what has said it', async () => {
      const { body } = await set({ project_id: 'grace' });
      const again = await set({ project_id: 'grace' });
      expect(again.body.NeutronError).toMatchObject({
        type: 'SecurityGroupDefaultStatefulnessAlreadyExists',
        message: "A security group default statefulness setting already exists for project 'grace'.",
        blocked_by: [{ resource: name, id: body[name].id }],
      });
      expect(again.status).toBe(409);
    });

    it('is for managers to say and for the project to see', async () => {
      const { body } = await set({}, managerOf(alice.project));
      expect((await set({}, memberOf('heidi'))).status).toBe(403);
      expect((await set({ project_id: null }, managerOf('heidi'))).status).toBe(400);
      expect((await api.get(path, alice)).body[name]).toMatchObject([{ id: body[name].id }]);
      expect((await api.get(`${path}/${body[name].id}`, bob)).body.NeutronError.type).toBe(
        'SecurityGroupDefaultStatefulnessNotFound',
      );
      expect((await api.put(`${path}/${body[name].id}`, { [name]: { stateful: false } }, alice)).status).toBe(403);
    });
  });
});
