import { admin, alice, bob, withApi, type ApiAnswer } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const put = (project: string, quota: object): Promise<ApiAnswer> => api.put(`/v2.0/quotas/${project}`, { quota });
  const createNetworks = (project: string, count: number): Promise<ApiAnswer> =>
    api.post('/v2.0/networks', { networks: Array.from({ length: count }, () => ({})) }, { ...alice, project });

  describe('a quota', () => {
    it('is the configured one until an administrator sets another, and again once that is removed', async () => {
      const before = await api.get('/v2.0/quotas/q1');
      expect(before.body.quota).toMatchObject({ network: 100, subnet: 100, port: 500, subnetpool: -1 });
      expect((await put('q1', { network: '7' })).body.quota).toMatchObject({ network: 7, port: 500 });
      expect((await api.get('/v2.0/quotas')).body.quotas).toContainEqual(
        expect.objectContaining({ project_id: 'q1', tenant_id: 'q1', network: 7 }),
      );
      expect((await api.get('/v2.0/quotas/q1/default')).body.quota.network).toBe(100);
      expect((await api.remove('/v2.0/quotas/q1')).status).toBe(204);
      expect((await api.get('/v2.0/quotas/q1')).body).toEqual(before.body);
      expect((await api.remove('/v2.0/quotas/q1')).body.NeutronError.type).toBe('TenantQuotaNotFound');
    });

    it('is set for every kind at once, as tools do', async () => {
      const { project_id: _project, tenant_id: _tenant, ...limits } = (await api.get('/v2.0/quotas/q7')).body.quota;
      const wanted = Object.fromEntries(Object.keys(limits).map((kind, index) => [kind, 50 + index]));
      expect((await put('q7', wanted)).body.quota).toEqual(wanted);
      expect((await api.get('/v2.0/quotas/q7')).body.quota).toEqual(wanted);
    });

    it('tells how much of it is used', async () => {
      await createNetworks('q2', 2);
      const { body } = await api.get('/v2.0/quotas/q2/details.json');
      expect(body.quota.network).toEqual({ limit: 100, used: 2, reserved: 0 });
    });

    it('is kept by creating all of a request or nothing', async () => {
      await put('q3', { network: 3 });
      expect((await createNetworks('q3', 2)).status).toBe(201);
      const { status, body } = await createNetworks('q3', 2);
      expect([status, body.NeutronError]).toEqual([
        409,
        { type: 'OverQuota', message: "Quota exceeded for resources: ['network'].", detail: '' },
      ]);
      expect((await createNetworks('q3', 1)).status).toBe(201);
    });

    it('is kept by many who create at once', async () => {
      await put('q4', { network: 5 });
      const answers = await Promise.all(Array.from({ length: 12 }, () => createNetworks('q4', 1)));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(7);
    });

    it('is set below what is used only where the request forces it, or wants no check', async () => {
      await createNetworks('q5', 2);
      for (const check of [{}, { check_limit: true }, { check_limit: true, force: true }, { force: false }]) {
        const refused = await put('q5', { network: 1, ...check });
        expect([refused.status, refused.body.NeutronError.message]).toEqual([
          400,
          'Quota limit 1 for network must be greater than or equal to already used 2',
        ]);
      }
      expect((await put('q5', { network: 1, check_limit: false })).body.quota.network).toBe(1);
      expect((await put('q5', { network: 0, force: true })).body.quota.network).toBe(0);
      expect((await put('q5', { network: -1 })).body.quota.network).toBe(-1);
    });

    it.each([
      [{ network: -2 }, "Invalid input for network. Reason: '-2' is too small - must be at least '-1'."],
      [{ network: 'x' }, "Invalid input for operation: 'x' is not an integer."],
      [{ network: null }, "Invalid input for operation: 'None' is not an integer."],
      [{ nosuch: 1 }, "Unrecognized attribute(s) 'nosuch'"],
    ])('cannot be %j', async (quota, message) => {
      const { status, body } = await put('q6', quota);
      expect([status, body.NeutronError.message]).toEqual([400, message]);
    });

    it('is for administrators to see and set', async () => {
      for (const answer of [
        await api.get('/v2.0/quotas', alice),
        await api.get(`/v2.0/quotas/${bob.project}`, alice),
        await api.put(`/v2.0/quotas/${alice.project}`, { quota: { network: 1 } }, alice),
        await api.remove(`/v2.0/quotas/${alice.project}`, alice),
      ]) {
        expect([answer.status, answer.body.NeutronError.type]).toEqual([403, 'PolicyNotAuthorized']);
      }
    });

    it('is looked at before the right to create', async () => {
      const full = { project: 'full-project', roles: ['member', 'reader'] };
      await put(full.project, { network: 0 });
      const { status, body } = await api.post('/v2.0/networks', { network: { shared: true } }, full);
      expect([status, body.NeutronError.type]).toEqual([409, 'OverQuota']);
    });

    it('is for everyone to see of their own project, and refused before it is read to those who may not set it', async () => {
      const own = await api.get(`/v2.0/quotas/${alice.project}`, alice);
      expect([own.status, own.body.quota.network]).toEqual([200, 100]);
      expect((await api.get(`/v2.0/quotas/${alice.project}/details`, alice)).status).toBe(200);
      const nonsense = await api.put(`/v2.0/quotas/${alice.project}`, { quota: { network: 'x' } }, alice);
      expect(nonsense.status).toBe(403);
    });

    it('cannot be created, since every project has one', async () => {
      expect((await api.post('/v2.0/quotas', { quota: {} })).status).toBe(501);
    });
  });

  describe('whose quota requests count against', () => {
    it('is told by either name of it', async () => {
      expect((await api.get('/v2.0/quotas/project', alice)).body).toEqual({ project: { project_id: alice.project } });
      expect((await api.get('/v2.0/quotas/tenant', admin)).body).toEqual({ tenant: { tenant_id: admin.project } });
    });
  });
});

withApi(
  (api) => {
    describe('a quota of a server that checks no limits unless it is asked to', () => {
      it('can be set below what is used', async () => {
        await api.post('/v2.0/networks', { networks: [{}, {}] }, alice);
        const put = (given: object) => api.put(`/v2.0/quotas/${alice.project}`, { quota: given });
        expect((await put({ network: 1, check_limit: true })).status).toBe(400);
        expect((await put({ network: 1 })).body.quota.network).toBe(1);
      });

      it('is not said to be checked', async () => {
        expect((await api.get('/v2.0/extensions/quota-check-limit-default')).status).toBe(404);
        expect((await api.get('/v2.0/extensions/quota-check-limit')).status).toBe(200);
      });
    });
  },
  { settings: { 'quotas.check_limit_default': 'false' } },
);
