// What became of one object, and who may know it.

import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const network = async (name: string): Promise<string> =>
    (await api.post('/v2.0/networks', { network: { name } }, alice)).body.network.id;
  const rename = (id: string, name: string) => api.put(`/v2.0/networks/${id}`, { network: { name } }, alice);
  const of = (id: string, as = alice, more = '') => api.get(`/v2.0/history?resource=network&id=${id}${more}`, as);

  describe('the history of an object', () => {
    it('says who did what, and from what to what each attribute changed', async () => {
      const id = await network('a');
      const { headers } = await rename(id, 'b');
      const { body } = await of(id);
      expect(body.history.map(({ op }: { op: string }) => op)).toEqual(['update', 'create']);
      expect(body.history[0]).toMatchObject({
        user_id: 'a-user',
        request_id: headers.get('x-openstack-request-id'),
        object: { name: 'b' },
        was: { name: 'a' },
      });
      expect(body.history[0].changed).toContain('name');
      expect(body.history[1].was).toEqual({});
    });

    it('stays when the object is gone, for its project and for administrators', async () => {
      const id = await network('gone');
      await api.remove(`/v2.0/networks/${id}`, alice);
      for (const caller of [alice, admin]) expect((await of(id, caller)).body.history[0].op).toBe('delete');
      expect((await of(id, bob)).body.NeutronError.type).toBe('NetworkNotFound');
    });

    it('is not there for those who do not see the object, and has no attributes that policy hides', async () => {
      const id = await network('mine');
      expect((await of(id, bob)).body.NeutronError.type).toBe('NetworkNotFound');
      expect((await of(id, alice)).body.history[0].object).not.toHaveProperty('provider:network_type');
      expect((await of('nosuch', admin)).status).toBe(404);
    });

    it('does not tell other projects who did it', async () => {
      const id = await network('lent');
      const policy = { object_type: 'network', object_id: id, action: 'access_as_shared', target_tenant: bob.project };
      await api.post('/v2.0/rbac-policies', { rbac_policy: policy }, alice);
      const { body } = await of(id, bob);
      expect(new Set(body.history.map(({ user_id }: { user_id: unknown }) => user_id))).toEqual(new Set([null]));
    });

    it('is turned in pages of any length without gaps', async () => {
      const id = await network('n0');
      for (let count = 1; count < 5; count += 1) await rename(id, `n${count}`);
      const whole = (await of(id)).body.history;
      for (const limit of [1, 2, 5]) {
        const pages = [];
        let path: string | undefined = `/v2.0/history?resource=network&id=${id}&limit=${limit}`;
        while (path !== undefined) {
          const { body } = await api.get(path, alice);
          pages.push(...body.history);
          const next: string | undefined = body.history_links?.[0].href;
          path = next?.slice(next.indexOf('/v2.0'));
        }
        expect(pages).toEqual(whole);
      }
    });

    it.each(['resource=nosuch&id=x', 'resource=network&id=x&limit=0', 'resource=network&id=x&marker=y'])(
      'is refused for ?%s',
      async (query) => {
        const { status, body } = await api.get(`/v2.0/history?${query}`);
        expect([status, body.NeutronError.type]).toEqual([400, 'InvalidInput']);
      },
    );
  });
});
