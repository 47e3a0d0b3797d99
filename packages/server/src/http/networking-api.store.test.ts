import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  describe('discovery', () => {
    it('needs no token', async () => {
      const { status, body } = await api.request('GET', '/', { as: null });
      expect(status).toBe(200);
      expect(body.versions).toMatchObject([{ id: 'v2.0', status: 'CURRENT' }]);
      expect((await api.request('GET', '/healthcheck', { as: null })).body).toEqual({ detailed: false, reasons: [] });
    });

    it('describes itself to anybody', async () => {
      const { status, body } = await api.request('GET', '/openapi.json', { as: null });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        openapi: '3.1.0',
        paths: { '/networks': { get: { operationId: 'list_networks' } } },
      });
    });

    it('names the core resources at the root of the API, which ends in a slash', async () => {
      const { body } = await api.get('/v2.0/');
      expect(body.resources.map((each: { name: string }) => each.name)).toEqual([
        'network',
        'subnet',
        'subnetpool',
        'port',
      ]);
      expect((await api.get('/v2.0')).status).toBe(404);
    });

    it('follows a proxy in the links that it gives', async () => {
      const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'cloud.example' };
      const { body } = await api.request('GET', '/', { headers });
      expect(body.versions[0].links[0].href).toBe('https://cloud.example/v2.0/');
    });

    it('lists extensions and tells each by its alias', async () => {
      const { body } = await api.get('/v2.0/extensions');
      const aliases = body.extensions.map((each: { alias: string }) => each.alias);
      expect(aliases).toContain('provider');
      for (const alias of aliases) expect((await api.get(`/v2.0/extensions/${alias}`)).status).toBe(200);
      expect((await api.get('/v2.0/extensions/nosuch')).body.code).toBe('404 Not Found');
    });
  });

  describe('the server', () => {
    it('describes its API', async () => {
      const { body } = await api.request('GET', '/openapi.json', { as: null });
      expect(body.openapi).toBe('3.1.0');
    });

    it('tells its own machine how it has been doing, by kinds of paths', async () => {
      await api.get('/v2.0/networks/some-id');
      const { body } = await api.request('GET', '/metrics', { as: null });
      expect(body).toContain('route="networks/{network_id}",status="404"');
      expect(body).not.toContain('some-id');
    });

    it('tells nobody behind a proxy', async () => {
      const headers = { 'x-forwarded-for': '192.0.2.1' };
      expect((await api.request('GET', '/metrics', { as: null, headers })).status).toBe(404);
    });
  });

  describe('a request', () => {
    it('without credentials is refused in the words of Keystone', async () => {
      const { status, headers, body } = await api.request('GET', '/v2.0/networks', { as: null });
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^Keystone uri=/);
      expect(body.error.code).toBe(401);
    });

    it('is given an id of its own, whatever the client calls it', async () => {
      const claimed = 'req-00000000-0000-0000-0000-000000000000';
      const { headers } = await api.request('GET', '/v2.0/networks', {
        headers: { 'x-openstack-request-id': claimed },
      });
      expect(headers.get('x-openstack-request-id')).toMatch(/^req-[0-9a-f-]{36}$/);
      expect(headers.get('x-openstack-request-id')).not.toBe(claimed);
    });

    it.each(['/v2.0/networks', '/v2.0/networks/', '/v2.0/networks.json', '/v2.0/availability-zones'])(
      'finds its resource in any spelling: %s',
      async (path) => {
        expect((await api.get(path)).status).toBe(200);
      },
    );

    it.each([
      ['PATCH', '/v2.0/networks', 405, 'HTTPMethodNotAllowed'],
      ['POST', '/v2.0/networks/x', 405, 'HTTPMethodNotAllowed'],
      ['PUT', '/v2.0/networks', 404, 'NetworkNotFound'],
      ['DELETE', '/v2.0/networks', 404, 'NetworkNotFound'],
      ['GET', '/v2.0/nosuch', 404, 'HTTPNotFound'],
      ['GET', '/v2.0/networks/x/y', 404, 'HTTPNotFound'],
      ['GET', '/v2.0/networks/%zz', 400, 'HTTPBadRequest'],
      ['GET', '/v2.0/networks?name=a%00b', 400, 'HTTPBadRequest'],
      ['GET', '/v2.0/networks/%00', 404, 'HTTPNotFound'],
    ])('that nothing answers is refused as Neutron refuses it: %s %s', async (method, path, status, type) => {
      const answer = await api.request(method, path, method === 'GET' ? {} : { text: '' });
      expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
    });

    it('may not ask for the head of anything', async () => {
      expect((await api.request('HEAD', '/v2.0/networks')).status).toBe(405);
    });

    it.each([
      ['{', 'Body contains invalid data'],
      ['[]', 'Body contains invalid data'],
      ['"network"', 'Body contains invalid data'],
      ['{"network":{"name":"\\u0000"}}', 'Body contains invalid data'],
      ['', "Unable to find 'network' in request body"],
      ['{}', "Unable to find 'network' in request body"],
      ['{"network":1}', "Object 'network' contains invalid data"],
      ['{"networks":[]}', 'Resources required'],
    ])('with the body %s is a bad one', async (text, message) => {
      const { status, body } = await api.request('POST', '/v2.0/networks', { text });
      expect([status, body.NeutronError]).toEqual([400, { type: 'HTTPBadRequest', message, detail: '' }]);
    });

    it('is read as JSON whatever it says it is', async () => {
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        ';;',
        'application/json; charset=utf-16',
      ]) {
        const { status } = await api.request('POST', '/v2.0/networks', {
          text: '{"network":{}}',
          headers: { 'content-type': type },
        });
        expect(status, type).toBe(201);
      }
    });

    it('with a body that nobody should have to read is refused', async () => {
      const text = JSON.stringify({ network: { name: 'x'.repeat(2_000_000) } });
      const { status, body } = await api.request('POST', '/v2.0/networks', { text });
      expect([status, body.NeutronError.type]).toEqual([413, 'HTTPRequestEntityTooLarge']);
    });
  });

  describe('the order of checks', () => {
    it('reads the body before it looks for the object', async () => {
      const bad = await api.put('/v2.0/networks/nosuch', { network: { name: 1 } }, alice);
      expect([bad.status, bad.body.NeutronError.type]).toEqual([400, 'HTTPBadRequest']);
      const good = await api.put('/v2.0/networks/nosuch', { network: { name: 'x' } }, alice);
      expect([good.status, good.body.NeutronError.type]).toEqual([404, 'NetworkNotFound']);
    });

    it('hides what belongs to others before it asks for a right', async () => {
      const { body } = await api.post('/v2.0/networks', { network: {} }, alice);
      const path = `/v2.0/networks/${body.network.id}`;
      for (const answer of [await api.get(path, bob), await api.remove(path, bob)]) {
        expect([answer.status, answer.body.NeutronError.type]).toEqual([404, 'NetworkNotFound']);
      }
    });

    it('refuses what is seen and not allowed, and names the rule', async () => {
      const { body } = await api.post('/v2.0/networks', { network: { shared: true } }, admin);
      const refused = await api.put(`/v2.0/networks/${body.network.id}`, { network: { name: 'mine' } }, bob);
      expect([refused.status, refused.body.NeutronError]).toEqual([
        403,
        { type: 'PolicyNotAuthorized', message: 'rule:update_network is disallowed by policy', detail: '' },
      ]);
      await api.remove(`/v2.0/networks/${body.network.id}`);
    });

    it('shows what was written even to those who may not read it afterwards', async () => {
      const writer = { project: 'writer-project', roles: ['member'] };
      const { status, body } = await api.post('/v2.0/networks', { network: { name: 'blind' } }, writer);
      expect([status, body.network.name]).toEqual([201, 'blind']);
      expect((await api.get(`/v2.0/networks/${body.network.id}`, writer)).status).toBe(404);
      expect((await api.get('/v2.0/networks', writer)).body.networks).not.toContainEqual(
        expect.objectContaining({ name: 'blind' }),
      );
    });

    it('asks for the right before it compares revisions', async () => {
      const { body } = await api.post('/v2.0/networks', { network: {} }, alice);
      const put = (network: object): ReturnType<typeof api.request> =>
        api.request('PUT', `/v2.0/networks/${body.network.id}`, {
          as: alice,
          body: { network },
          headers: { 'if-match': 'revision_number=99' },
        });
      expect((await put({ shared: true })).status).toBe(403);
      expect((await put({ name: 'x' })).status).toBe(412);
    });
  });

  describe('a list', () => {
    const names = async (query: string): Promise<readonly string[]> =>
      (await api.get(`/v2.0/networks?fields=name&${query}`, carol)).body.networks.map(
        (each: { name: string }) => each.name,
      );
    const carol = { project: 'carol-project', roles: ['member', 'reader'] };

    it('is turned page by page through its links, forwards and back', async () => {
      for (const name of ['n1', 'n2', 'n3', 'n4', 'n5']) await api.post('/v2.0/networks', { network: { name } }, carol);
      const forwards: string[][] = [];
      let next: string | undefined = '/v2.0/networks?fields=name&limit=2&sort_key=name&sort_dir=asc';
      let last = next;
      while (next !== undefined) {
        last = next;
        const { body } = await api.get(next, carol);
        forwards.push(body.networks.map((each: { name: string }) => each.name));
        next = linkOf(body.networks_links, 'next');
      }
      expect(forwards).toEqual([['n1', 'n2'], ['n3', 'n4'], ['n5']]);
      const back = linkOf((await api.get(last, carol)).body.networks_links, 'previous');
      const { body } = await api.get(back ?? '', carol);
      expect(body.networks.map((each: { name: string }) => each.name)).toEqual(['n3', 'n4']);
    });

    it('is filtered, with several values of one attribute meaning any of them', async () => {
      expect((await names('name=n1&name=n3&sort_key=name&sort_dir=desc')).toSorted()).toEqual(['n1', 'n3']);
      expect(await names('name=n1&admin_state_up=false')).toEqual([]);
      expect(await names('name=')).toEqual([]);
    });

    it.each([
      ['nosuch=1', 400, 'HTTPBadRequest'],
      ['limit=-1', 400, 'BadRequest'],
      ['sort_key=name', 400, 'HTTPBadRequest'],
      ['admin_state_up=perhaps', 400, 'InvalidInput'],
      ['limit=1&marker=nosuch', 404, 'NetworkNotFound'],
    ])('refuses the query %s', async (query, status, type) => {
      const answer = await api.get(`/v2.0/networks?${query}`);
      expect([answer.status, answer.body.NeutronError.type]).toEqual([status, type]);
    });

    it('shows the attributes that are asked for, and no others', async () => {
      const { body } = await api.get('/v2.0/networks?name=n1&fields=name&fields=tenant_id&fields=nosuch', carol);
      expect(body.networks).toEqual([{ name: 'n1', tenant_id: 'carol-project' }]);
    });
  });
});

function linkOf(links: readonly { rel: string; href: string }[] | undefined, rel: string): string | undefined {
  const href = links?.find((link) => link.rel === rel)?.href;
  return href === undefined ? undefined : new URL(href).pathname + new URL(href).search;
}
