import { alice, bob, onlooker, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const newNetwork = async (network: object = {}): Promise<string> =>
    `/v2.0/networks/${(await api.post('/v2.0/networks', { network }, alice)).body.network.id}`;

  describe('the tags of an object', () => {
    it('are replaced, added, asked for and removed', async () => {
      const path = await newNetwork();
      expect((await api.get(`${path}/tags`, alice)).body).toEqual({ tags: [] });
      expect((await api.put(`${path}/tags`, { tags: ['a', 'b'] }, alice)).body).toEqual({ tags: ['a', 'b'] });
      const added = await api.request('PUT', `${path}/tags/c%2Fd`, { as: alice });
      expect([added.status, added.body]).toEqual([201, null]);
      expect((await api.get(path, alice)).body.network.tags).toEqual(['a', 'b', 'c/d']);
      expect((await api.get(`${path}/tags/a`, alice)).status).toBe(204);
      expect((await api.remove(`${path}/tags/a`, alice)).status).toBe(204);
      expect((await api.get(`${path}/tags/a`, alice)).body.NeutronError.type).toBe('TagNotFound');
      expect((await api.remove(`${path}/tags/a`, alice)).body.NeutronError.type).toBe('TagNotFound');
      const more = await api.post(`${path}/tags`, { tags: ['b', 'e'] }, alice);
      expect([more.status, more.body]).toEqual([200, { tags: ['b', 'c/d', 'e'] }]);
      expect((await api.remove(`${path}/tags`, alice)).status).toBe(204);
      expect((await api.get(`${path}/tags`, alice)).body).toEqual({ tags: [] });
    });

    it('are part of it: a change of them is a change of it', async () => {
      const path = await newNetwork();
      const { revision_number } = (await api.get(path, alice)).body.network;
      await api.request('PUT', `${path}/tags/x`, { as: alice });
      const changed = (await api.get(path, alice)).body.network.revision_number;
      expect(changed).toBeGreaterThan(revision_number);
      await api.request('PUT', `${path}/tags/x`, { as: alice });
      expect((await api.get(path, alice)).body.network.revision_number).toBe(changed);
      const stale = await api.request('PUT', `${path}/tags/y`, {
        as: alice,
        headers: { 'if-match': `revision_number=${revision_number}` },
      });
      expect(stale.status).toBe(412);
    });

    it('are at most fifty', async () => {
      const path = await newNetwork();
      const tags = Array.from({ length: 50 }, (_, index) => `t${index}`);
      expect((await api.put(`${path}/tags`, { tags }, alice)).status).toBe(200);
      expect((await api.request('PUT', `${path}/tags/one-more`, { as: alice })).status).toBe(400);
      expect((await api.request('PUT', `${path}/tags/t1`, { as: alice })).status).toBe(201);
    });

    it('exist for nobody who does not see the object', async () => {
      const path = await newNetwork();
      for (const answer of [
        await api.get(`${path}/tags`, bob),
        await api.put(`${path}/tags`, { tags: [] }, bob),
        await api.get('/v2.0/networks/nosuch/tags', bob),
      ]) {
        expect([answer.status, answer.body.NeutronError.type]).toEqual([404, 'TagResourceNotFound']);
      }
    });

    it('can be read and not written by those who only read', async () => {
      const path = await newNetwork();
      expect((await api.get(`${path}/tags`, onlooker)).status).toBe(200);
      expect((await api.put(`${path}/tags`, { tags: ['x'] }, onlooker)).status).toBe(403);
    });

    it('find it in lists', async () => {
      const tagged = async (...tags: string[]): Promise<void> => {
        await api.put(`${await newNetwork({ name: tags.join('+') })}/tags`, { tags }, alice);
      };
      await tagged('red', 'blue');
      await tagged('red');
      await tagged('green');
      const found = async (query: string): Promise<readonly string[]> =>
        (await api.get(`/v2.0/networks?${query}&fields=name&sort_key=name&sort_dir=asc`, alice)).body.networks
          .map((network: { name: string }) => network.name)
          .filter((name: string) => name !== '');
      expect(await found('tags=red')).toEqual(['red', 'red+blue']);
      expect(await found('tags=red,blue')).toEqual(['red+blue']);
      expect(await found('tags-any=blue,green')).toEqual(['green', 'red+blue']);
      expect(await found('not-tags=red,blue')).toEqual(['green', 'red']);
      expect(await found('not-tags-any=blue,green')).toEqual(['red']);
    });
  });

  describe('a resource without tags', () => {
    it('has no such path', async () => {
      expect((await api.get('/v2.0/agents/x/tags')).body.NeutronError.type).toBe('HTTPNotFound');
    });
  });
});
