import { admin, alice, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  const driver = 'neutron.services.l3_router.service_providers.single_node.SingleNodeDriver';
  const profile = (service_profile: object) => api.post('/v2.0/service_profiles', { service_profile }, admin);
  const newProfile = async (more: object): Promise<string> => (await profile(more)).body.service_profile.id;
  const flavor = (more: object = {}) =>
    api.post('/v2.0/flavors', { flavor: { name: 'f', service_type: 'L3_ROUTER_NAT', ...more } }, admin);
  const newFlavor = async (service_profiles: readonly string[], more: object = {}): Promise<string> =>
    (await flavor({ service_profiles, ...more })).body.flavor.id;
  const router = (flavor_id: string | null) => api.post('/v2.0/routers', { router: { flavor_id } }, alice);

  describe('a service profile', () => {
    it('has a driver that there is, or something to tell one', async () => {
      expect((await profile({ description: 'd' })).body.NeutronError.type).toBe('ServiceProfileEmpty');
      expect((await profile({ driver: 'nope' })).body.NeutronError.type).toBe('ServiceProfileDriverNotFound');
      expect((await profile({ metainfo: '{}' })).status).toBe(201);
    });
    it('stays as it is while a flavor has it', async () => {
      const id = await newProfile({ metainfo: '{}' });
      await newFlavor([id]);
      expect((await api.remove(`/v2.0/service_profiles/${id}`, admin)).body.NeutronError.type).toBe(
        'ServiceProfileInUse',
      );
      const change = { service_profile: { enabled: false } };
      expect((await api.put(`/v2.0/service_profiles/${id}`, change, admin)).status).toBe(409);
    });
    it('is the business of administrators', async () => {
      await newProfile({ metainfo: '{}' });
      expect((await api.get('/v2.0/service_profiles', alice)).body).toEqual({ service_profiles: [] });
      expect((await api.post('/v2.0/service_profiles', { service_profile: { metainfo: 'x' } }, alice)).status).toBe(
        403,
      );
    });
  });

  describe('a flavor', () => {
    it('is for everyone to see and for administrators to make', async () => {
      const id = await newFlavor([]);
      expect((await api.get(`/v2.0/flavors/${id}`, alice)).body.flavor).toEqual({
        id,
        name: 'f',
        description: '',
        service_type: 'L3_ROUTER_NAT',
        enabled: true,
        service_profiles: [],
      });
      expect((await api.post('/v2.0/flavors', { flavor: { service_type: 'QOS' } }, alice)).status).not.toBe(201);
      expect((await flavor({ service_type: 'NOPE' })).body.NeutronError).toMatchObject({
        type: 'InvalidServiceType',
        message: 'Invalid service type: NOPE.',
      });
    });
    it('gets and loses profiles one by one', async () => {
      const [id, sp] = [await newFlavor([]), await newProfile({ metainfo: '{}' })];
      const path = `/v2.0/flavors/${id}/service_profiles`;
      const add = (profileId: string, as = admin) => api.post(path, { service_profile: { id: profileId } }, as);
      expect((await add(sp, alice)).status).toBe(403);
      expect((await add(sp)).status).toBe(201);
      expect((await add(sp)).body.NeutronError.type).toBe('FlavorServiceProfileBindingExists');
      expect((await add(nobody)).body.NeutronError.type).toBe('ServiceProfileNotFound');
      expect((await add('x')).status).toBe(400);
      expect((await api.get(`/v2.0/flavors/${id}`, alice)).body.flavor.service_profiles).toEqual([sp]);
      expect((await api.remove(`${path}/${sp}`, admin)).status).toBe(204);
      expect((await api.remove(`${path}/${sp}`, admin)).body.NeutronError.type).toBe(
        'FlavorServiceProfileBindingNotFound',
      );
    });
  });

  describe('a router of a flavor', () => {
    it('is made by the first profile, and keeps the flavor', async () => {
      const id = await newFlavor([await newProfile({ driver })]);
      const made = (await router(id)).body.router;
      expect(made.flavor_id).toBe(id);
      expect((await api.remove(`/v2.0/flavors/${id}`, admin)).body.NeutronError.type).toBe('FlavorInUse');
      expect((await api.remove(`/v2.0/routers/${made.id}`, alice)).status).toBe(204);
      expect((await api.remove(`/v2.0/flavors/${id}`, admin)).status).toBe(204);
    });
    it('is not of another kind than the flavor is for', async () => {
      const flavor_id = await newFlavor([await newProfile({ driver })]);
      const made = async (more: object) =>
        (await api.post('/v2.0/routers', { router: { flavor_id, ...more } }, admin)).status;
      expect(await made({ distributed: false, ha: false })).toBe(201);
      expect(await made({ distributed: true })).toBe(400);
      expect(await made({ ha: true })).toBe(400);
    });
    it('becomes none of another kind', async () => {
      const made = (await router(await newFlavor([await newProfile({ driver })]))).body.router;
      const change = (changes: object) => api.put(`/v2.0/routers/${made.id}`, { router: changes }, admin);
      expect((await change({ admin_state_up: false, ha: false })).status).toBe(200);
      expect((await change({ ha: true })).body.NeutronError).toMatchObject({
        type: 'InvalidInput',
        message:
          'Invalid input for operation: ' +
          "Changing the 'ha' and 'distributed' attributes on a router associated with a flavor is not supported.",
      });
      expect((await api.get(`/v2.0/routers/${made.id}`)).body.router.ha).toBe(false);
    });
    it('cannot be had where the flavor says nothing, is disabled, or wants what there is not', async () => {
      const type = async (id: string | null) => (await router(id)).body.NeutronError.type;
      expect(await type(null)).toBe('FlavorNotFound');
      expect(await type(nobody)).toBe('FlavorNotFound');
      expect(await type(await newFlavor([]))).toBe('FlavorServiceProfileBindingNotFound');
      expect(await type(await newFlavor([], { enabled: false }))).toBe('FlavorDisabled');
      expect(await type(await newFlavor([await newProfile({ metainfo: '{}' })]))).toBe('ServiceProfileDriverNotFound');
      expect(await type(await newFlavor([await newProfile({ metainfo: '{}', enabled: false })]))).toBe(
        'ServiceProfileDisabled',
      );
    });
  });

  it('comes from one of the providers, which everyone may list', async () => {
    const { service_providers } = (await api.get('/v2.0/service-providers', alice)).body;
    const expected = ['dvr', 'dvrha', 'ha', 'single_node'];
    expect(service_providers).toEqual(
      expected.map((name) => ({ service_type: 'L3_ROUTER_NAT', name, default: false })),
    );
  });
});
