import { admin, alice, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  const newLog = (more: object = {}, as = admin) =>
    api.post('/v2.0/log/logs', { log: { resource_type: 'security_group', ...more } }, as);
  const group = async (): Promise<string> =>
    (await api.post('/v2.0/security-groups', { security_group: { name: 'g' } }, admin)).body.security_group.id;
  const port = async (more: object = {}): Promise<string> => {
    const { body } = await api.post('/v2.0/networks', { network: {} }, admin);
    const given = { network_id: body.network.id, ...more };
    return (await api.post('/v2.0/ports', { port: given }, admin)).body.port.id;
  };
  const refusal = async (more: object): Promise<unknown> => (await newLog(more)).body.NeutronError?.type;

  describe('a log', () => {
    it('is of all groups and ports of its project, unless it says otherwise', async () => {
      const { status, body } = await newLog({ name: 'all' });
      expect(status).toBe(201);
      expect(body.log).toMatchObject({ resource_id: null, target_id: null, event: 'ALL', enabled: true, name: 'all' });
    });
    it('is about something that can be written down', async () => {
      expect(await refusal({ resource_type: 'snat' })).toBe('InvalidLogResourceType');
      const list = await api.get('/v2.0/log/loggable-resources', admin);
      expect(list.body).toEqual({ loggable_resources: [{ type: 'security_group' }] });
    });
    it('is about a group and a port that there are', async () => {
      expect(await refusal({ resource_id: nobody })).toBe('ResourceNotFound');
      expect(await refusal({ target_id: nobody })).toBe('TargetResourceNotFound');
    });
    it('is about a port whose traffic passes Open vSwitch', async () => {
      expect(await refusal({ target_id: await port({ 'binding:vnic_type': 'macvtap' }) })).toBe(
        'LoggingTypeNotSupported',
      );
    });
    it('is about a port that has the group', async () => {
      const resource_id = await group();
      expect(await refusal({ resource_id, target_id: await port() })).toBe('InvalidResourceConstraint');
      const target_id = await port({ security_groups: [resource_id] });
      expect((await newLog({ resource_id, target_id })).status).toBe(201);
    });
    it('goes with its group or its port', async () => {
      const [resource_id, target_id] = [await group(), await port()];
      const ids = [];
      for (const given of [{ resource_id }, { target_id, enabled: false }]) ids.push((await newLog(given)).body.log.id);
      await api.remove(`/v2.0/security-groups/${resource_id}`, admin);
      await api.remove(`/v2.0/ports/${target_id}`, admin);
      for (const id of ids) {
        const { body } = await api.get(`/v2.0/log/logs/${id}`, admin);
        expect(body.NeutronError.type).toBe('LogResourceNotFound');
      }
    });
    it('can be renamed and turned off, and nothing else', async () => {
      const { id } = (await newLog()).body.log;
      const change = (log: object) => api.put(`/v2.0/log/logs/${id}`, { log }, admin);
      expect((await change({ enabled: false, name: 'off' })).body.log).toMatchObject({ enabled: false, name: 'off' });
      expect((await change({ event: 'DROP' })).status).toBe(400);
    });
    it('is the business of administrators', async () => {
      expect((await newLog({}, alice)).status).toBe(403);
      expect((await newLog({ project_id: alice.project })).status).toBe(201);
      expect((await api.get('/v2.0/log/logs', alice)).body).toEqual({ logs: [] });
      expect((await api.get('/v2.0/log/loggable-resources', alice)).body).toEqual({ loggable_resources: [] });
    });
  });
});
