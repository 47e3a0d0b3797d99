// The further domain of a port's name. No answer shows it; hosts hear of it.

import { port } from '@neutronium/model/resources/port';
import { alice, startApi, type TestApi } from '@neutronium/testkit/api';
import { withStores } from '@neutronium/testkit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../store/store.ts';

withStores((fixture) => {
  let api: TestApi;
  let store: Store;
  beforeAll(async () => {
    const database = await fixture.newDatabase();
    api = await startApi({ database, settings: { 'ports.dns_domain': 'cloud.example.' } });
    store = await fixture.open(database);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  interface Made {
    readonly id: string;
    readonly network_id: string;
  }
  const made = async (network: object, given: object, headers: Record<string, string> = {}): Promise<Made> => {
    const { body } = await api.post('/v2.0/networks', { network }, alice);
    const answer = await api.request('POST', '/v2.0/ports', {
      as: alice,
      headers,
      body: { port: { network_id: body.network.id, ...given } },
    });
    expect(answer.body).toHaveProperty('port');
    return answer.body.port;
  };
  const zone = async ({ id }: Pick<Made, 'id'>) => (await store.read((reader) => reader.get(port, id)))?.dns_zone;
  const zoneOf = async (...given: Parameters<typeof made>) => zone(await made(...given));

  describe('the zone of a port', () => {
    it('is its own domain, or the one of its network', async () => {
      expect(await zoneOf({ dns_domain: 'net.test.' }, { dns_name: 'web', dns_domain: 'own.test.' })).toBe('own.test.');
      expect(await zoneOf({ dns_domain: 'net.test.' }, { dns_name: 'web' })).toBe('net.test.');
    });

    it('is none without a name, without a domain, or with a name that says its domain itself', async () => {
      expect(await zoneOf({ dns_domain: 'net.test.' }, {})).toBe('');
      expect(await zoneOf({}, { dns_name: 'web' })).toBe('');
      expect(await zoneOf({ dns_domain: 'net.test.' }, { dns_name: 'web.cloud.example.' })).toBe('');
    });

    it('has what is meant in the place of words', async () => {
      const names = { 'x-project-name': 'Blue', 'x-user-name': 'alice' };
      const domain = '<project_id>.<user_name>.<user_id>.test.';
      expect(await zoneOf({}, { dns_name: 'web', dns_domain: domain }, names)).toBe('alice-project.alice.a-user.test.');
      expect(await zoneOf({ dns_domain: '<project_name>.test.' }, { dns_name: 'web' }, names)).toBe('blue.test.');
    });

    it('is none where a word means nothing, or nothing that can be in a name', async () => {
      const named = { dns_name: 'web', dns_domain: '<project_name>.test.' };
      expect(await zoneOf({}, named)).toBe('');
      expect(await zoneOf({}, named, { 'x-project-name': 'My project' })).toBe('');
    });

    it('changes with the port, and not with its network', async () => {
      const { id, network_id } = await made({ dns_domain: 'net.test.' }, {});
      const change = (given: object) => api.put(`/v2.0/ports/${id}`, { port: given }, alice);
      await change({ dns_name: 'web' });
      expect(await zone({ id })).toBe('net.test.');
      await api.put(`/v2.0/networks/${network_id}`, { network: { dns_domain: 'other.test.' } }, alice);
      await change({ name: 'x' });
      expect(await zone({ id })).toBe('net.test.');
      await change({ dns_domain: 'own.test.' });
      expect(await zone({ id })).toBe('own.test.');
      await change({ dns_domain: '' });
      expect(await zone({ id })).toBe('other.test.');
      await change({ dns_name: '' });
      expect(await zone({ id })).toBe('');
    });
  });
});
