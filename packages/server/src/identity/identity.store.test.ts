// The identity API as clients meet it, on a real database.

import { isDeepStrictEqual } from 'node:util';
import { withStores } from '@neutronium/testkit/store';
import fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../store/store.ts';
import { bootstrapIdentity } from './bootstrap.ts';
import { registerIdentity } from './identity-routes.ts';
import { openIdentity, type IdentityService } from './identity-service.ts';
import { identityStore } from './identity-store.ts';

const origin = 'http://cloud.example:9696';
let store: Store;
let identity: IdentityService;
let otherServer: IdentityService;
let app: FastifyInstance;
let now: Date;

type Json = Record<string, unknown>;
interface Answer {
  readonly status: number;
  // A test reads bodies where it knows their shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
  readonly headers: Record<string, unknown>;
}

async function call(
  method: NonNullable<InjectOptions['method']>,
  path: string,
  options: { token?: string; subject?: string; body?: Json } = {},
): Promise<Answer> {
  const response = await app.inject({
    method,
    url: `/identity${path}`,
    headers: {
      ...(options.token === undefined ? {} : { 'x-auth-token': options.token }),
      ...(options.subject === undefined ? {} : { 'x-subject-token': options.subject }),
    },
    ...(options.body === undefined ? {} : { payload: JSON.stringify(options.body) }),
  });
  return {
    status: response.statusCode,
    body: response.body === '' ? undefined : response.json(),
    headers: response.headers,
  };
}

const byName = (name: string, password: string) => ({
  methods: ['password'],
  password: { user: { name, domain: { id: 'default' }, password } },
});
const projectScope = (name: string) => ({ project: { name, domain: { name: 'Default' } } });

async function logIn(user: string, password: string, scope?: unknown): Promise<Answer & { readonly token: string }> {
  const auth = { identity: byName(user, password), ...(scope === undefined ? {} : { scope }) };
  const answer = await call('POST', '/v3/auth/tokens', { body: { auth } });
  return { ...answer, token: String(answer.headers['x-subject-token']) };
}

async function adminToken(): Promise<string> {
  return (await logIn('admin', 'admin-password', projectScope('admin'))).token;
}

/** A new user with a role in a new project of the same name. */
async function newTenant(name: string, role = 'member') {
  const token = await adminToken();
  const project = (await call('POST', '/v3/projects', { token, body: { project: { name } } })).body.project;
  const user = (await call('POST', '/v3/users', { token, body: { user: { name, password: 'pw' } } })).body.user;
  const roleId = (await call('GET', `/v3/roles?name=${role}`, { token })).body.roles[0].id;
  const grant = `/v3/projects/${project.id}/users/${user.id}/roles/${roleId}`;
  expect((await call('PUT', grant, { token })).status).toBe(204);
  return { project, user, roleId, grant };
}

withStores((fixture) => {
  beforeAll(async () => {
    now = new Date('2026-01-02T03:04:05.678Z');
    const database = await fixture.newDatabase();
    store = await fixture.open(database);
    const otherStore = await fixture.open(database);
    const tables = identityStore(store);
    const otherTables = identityStore(otherStore);
    const passwords = { adminPassword: 'admin-password', demoPassword: 'demo-password' };
    // Two servers that are started together on one empty database.
    await Promise.all([bootstrapIdentity(tables, passwords), bootstrapIdentity(otherTables, passwords)]);
    await bootstrapIdentity(tables, { adminPassword: 'another', demoPassword: 'another' });
    identity = await openIdentity({ store: tables, tokenLifetimeMs: 3_600_000, now: () => now });
    otherServer = await openIdentity({ store: otherTables, tokenLifetimeMs: 3_600_000, now: () => now });
    app = fastify({ exposeHeadRoutes: false });
    registerIdentity(app, { identity, publicUrl: origin });
  });
  afterAll(async () => {
    await app.close();
  });

  describe('versions', () => {
    it('are told without a token', async () => {
      expect(await call('GET', '')).toMatchObject({ status: 300, body: { versions: { values: [{ id: 'v3.14' }] } } });
      expect(await call('GET', '/v3')).toMatchObject({
        status: 200,
        body: { version: { links: [{ rel: 'self', href: `${origin}/identity/v3/` }] } },
      });
    });
  });

  describe('POST /v3/auth/tokens', () => {
    it('gives a token for a project, with roles that others imply and a catalog', async () => {
      const { status, body } = await logIn('admin', 'admin-password', projectScope('admin'));
      expect(status).toBe(201);
      expect(body.token).toMatchObject({
        methods: ['password'],
        user: { name: 'admin', domain: { id: 'default', name: 'Default' }, password_expires_at: null },
        project: { name: 'admin', domain: { id: 'default', name: 'Default' } },
        is_domain: false,
        issued_at: '2026-01-02T03:04:05.678000Z',
        expires_at: '2026-01-02T04:04:05.000000Z',
      });
      expect(body.token.roles.map(({ name }: { name: string }) => name)).toEqual([
        'admin',
        'manager',
        'member',
        'reader',
      ]);
      const endpoints = body.token.catalog.map(
        (service: { type: string; endpoints: readonly { url: string; interface: string }[] }) => [
          service.type,
          service.endpoints.map(({ interface: each, url }) => `${each} ${url}`),
        ],
      );
      expect(endpoints).toEqual([
        ['identity', ['admin', 'internal', 'public'].map((each) => `${each} ${origin}/identity`)],
        ['network', ['admin', 'internal', 'public'].map((each) => `${each} ${origin}`)],
      ]);
    });

    it('gives tokens for the system, a domain and nothing', async () => {
      const system = await logIn('admin', 'admin-password', { system: { all: true } });
      expect(system.body.token).toMatchObject({ system: { all: true }, roles: expect.any(Array) });
      const unscoped = await logIn('admin', 'admin-password', 'unscoped');
      expect(Object.keys(unscoped.body.token).toSorted()).toEqual([
        'audit_ids',
        'expires_at',
        'issued_at',
        'methods',
        'user',
      ]);
      const token = await adminToken();
      const { user, roleId } = await newTenant('domain-user');
      await call('PUT', `/v3/domains/default/users/${user.id}/roles/${roleId}`, { token });
      const domain = await logIn('domain-user', 'pw', { domain: { name: 'Default' } });
      expect(domain.body.token).toMatchObject({ domain: { id: 'default', name: 'Default' } });
    });

    it('exchanges a token for one of another scope that does not live longer', async () => {
      const first = await logIn('admin', 'admin-password', 'unscoped');
      now = new Date(now.getTime() + 60_000);
      const body = {
        auth: { identity: { methods: ['token'], token: { id: first.token } }, scope: projectScope('admin') },
      };
      const second = await call('POST', '/v3/auth/tokens', { body });
      expect(second.body.token).toMatchObject({
        methods: ['password', 'token'],
        expires_at: first.body.token.expires_at,
      });
      expect(second.body.token.audit_ids[1]).toBe(first.body.token.audit_ids[0]);
    });

    it('uses the default project when no scope is asked for', async () => {
      const { project, user } = await newTenant('defaulted');
      const token = await adminToken();
      await call('PATCH', `/v3/users/${user.id}`, { token, body: { user: { default_project_id: project.id } } });
      expect((await logIn('defaulted', 'pw')).body.token.project.id).toBe(project.id);
      await call('PATCH', `/v3/users/${user.id}`, { token, body: { user: { default_project_id: 'gone' } } });
      expect((await logIn('defaulted', 'pw')).body.token).not.toHaveProperty('project');
    });

    it('answers every wrong login alike', async () => {
      const answers = await Promise.all([
        logIn('admin', 'wrong', projectScope('admin')),
        logIn('nobody', 'wrong', projectScope('admin')),
        logIn('admin', 'admin-password', projectScope('nowhere')),
        logIn('demo', 'demo-password', projectScope('admin')),
        logIn('demo', 'demo-password', { system: { all: true } }),
        logIn('demo', '', projectScope('demo')),
      ]);
      const [first] = answers;
      expect(first).toMatchObject({
        status: 401,
        body: {
          error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
        },
      });
      expect(answers.every(({ body }) => isDeepStrictEqual(body, first?.body))).toBe(true);
    });

    it.each([
      ['not JSON', '{'],
      ['no body', ''],
      ['a list', '[]'],
      ['no identity', '{"auth":{}}'],
      ['no methods', '{"auth":{"identity":{}}}'],
      ['a user without a name', '{"auth":{"identity":{"methods":["password"],"password":{"user":{}}}}}'],
      [
        'a name that is a number',
        '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":1,"domain":{"id":"default"}}}}}}',
      ],
      ['an odd scope', '{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"x"}}},"scope":7}}'],
    ])('refuses %s with 400', async (_, payload) => {
      const response = await app.inject({ method: 'POST', url: '/identity/v3/auth/tokens', payload });
      expect([response.statusCode, response.json().error.title]).toEqual([400, 'Bad Request']);
    });
  });

  describe('a token', () => {
    it('is shown to its user and to administrators, not to others', async () => {
      const { token } = await logIn('demo', 'demo-password', projectScope('demo'));
      await newTenant('curious');
      const curious = (await logIn('curious', 'pw', projectScope('curious'))).token;
      const show = (asking: string) => call('GET', '/v3/auth/tokens', { token: asking, subject: token });
      expect((await show(token)).body.token.user.name).toBe('demo');
      expect((await show(await adminToken())).status).toBe(200);
      expect((await show(curious)).status).toBe(403);
      expect((await call('HEAD', '/v3/auth/tokens', { token, subject: token })).status).toBe(200);
      expect((await call('GET', '/v3/auth/tokens?nocatalog', { token, subject: token })).body.token).not.toHaveProperty(
        'catalog',
      );
    });

    it('is worth nothing once revoked, while others live on', async () => {
      const first = await logIn('demo', 'demo-password', projectScope('demo'));
      const second = await logIn('demo', 'demo-password', projectScope('demo'));
      expect(await identity.tokens.validate(first.token)).toBeDefined();
      expect((await call('DELETE', '/v3/auth/tokens', { token: first.token, subject: first.token })).status).toBe(204);
      expect(await identity.tokens.validate(first.token)).toBeUndefined();
      expect(await identity.tokens.validate(second.token)).toBeDefined();
      expect((await call('GET', '/v3/auth/tokens', { token: second.token, subject: first.token })).status).toBe(404);
    });

    it('that one server gives is good at another, until either revokes it', async () => {
      const { token, body } = await logIn('demo', 'demo-password', projectScope('demo'));
      expect((await otherServer.tokens.validate(token))?.auditIds).toEqual(body.token.audit_ids);
      await call('DELETE', '/v3/auth/tokens', { token, subject: token });
      expect(await otherServer.tokens.validate(token)).toBeUndefined();
    });

    it('expires', async () => {
      const { token } = await logIn('demo', 'demo-password', projectScope('demo'));
      const issued = now;
      now = new Date(issued.getTime() + 3_599_000);
      expect(await identity.tokens.validate(token)).toBeDefined();
      now = new Date(issued.getTime() + 3_601_000);
      expect(await identity.tokens.validate(token)).toBeUndefined();
    });

    it.each(['', 'x', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.', '\u0000'])(
      'that we did not sign is refused: %j',
      async (token) => {
        expect(await identity.tokens.validate(token)).toBeUndefined();
      },
    );

    it('of another server, with another key, is refused', async () => {
      const { token } = await logIn('demo', 'demo-password', projectScope('demo'));
      const [head, body, signature = ''] = token.split('.');
      const forged = [head, body, signature.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))].join('.');
      expect(await identity.tokens.validate(forged)).toBeUndefined();
    });

    it.each<[string, (tenant: Awaited<ReturnType<typeof newTenant>>, token: string) => Promise<unknown>]>([
      ['its role is taken away', ({ grant }, token) => call('DELETE', grant, { token })],
      ['its user is deleted', ({ user }, token) => call('DELETE', `/v3/users/${user.id}`, { token })],
      [
        'its user is switched off',
        ({ user }, token) => call('PATCH', `/v3/users/${user.id}`, { token, body: { user: { enabled: false } } }),
      ],
      [
        'its user gets a new password',
        ({ user }, token) => call('PATCH', `/v3/users/${user.id}`, { token, body: { user: { password: 'n' } } }),
      ],
      [
        'its user changes the password',
        ({ user }) =>
          call('POST', `/v3/users/${user.id}/password`, { body: { user: { original_password: 'pw', password: 'n' } } }),
      ],
      ['its project is deleted', ({ project }, token) => call('DELETE', `/v3/projects/${project.id}`, { token })],
      [
        'its project is switched off',
        ({ project }, token) =>
          call('PATCH', `/v3/projects/${project.id}`, { token, body: { project: { enabled: false } } }),
      ],
    ])('is worth nothing the moment %s', async (reason, change) => {
      const name = reason.replaceAll(' ', '-');
      const tenant = await newTenant(name);
      const { token } = await logIn(name, 'pw', projectScope(name));
      expect(await identity.tokens.validate(token)).toBeDefined();
      await change(tenant, await adminToken());
      expect(await identity.tokens.validate(token)).toBeUndefined();
    });
  });

  describe('entities', () => {
    it('are made, shown, found, changed and deleted', async () => {
      const token = await adminToken();
      const made = await call('POST', '/v3/projects', {
        token,
        body: { project: { name: 'p1', description: 'd', colour: 'red' } },
      });
      expect(made).toMatchObject({
        status: 201,
        body: {
          project: {
            name: 'p1',
            description: 'd',
            enabled: true,
            domain_id: 'default',
            parent_id: 'default',
            is_domain: false,
            tags: [],
            options: {},
            colour: 'red',
          },
        },
      });
      const { id, links } = made.body.project;
      expect(id).toMatch(/^[0-9a-f]{32}$/);
      expect(links).toEqual({ self: `${origin}/identity/v3/projects/${id}` });
      expect((await call('GET', '/v3/projects?name=p1&domain_id=default&enabled=True', { token })).body).toEqual({
        projects: [made.body.project],
        links: {
          next: null,
          previous: null,
          self: `${origin}/identity/v3/projects?name=p1&domain_id=default&enabled=True`,
        },
      });
      const changed = await call('PATCH', `/v3/projects/${id}`, {
        token,
        body: { project: { name: 'p2', enabled: false } },
      });
      expect(changed.body.project).toEqual({ ...made.body.project, name: 'p2', enabled: false });
      expect((await call('DELETE', `/v3/projects/${id}`, { token })).status).toBe(204);
      expect(await call('GET', `/v3/projects/${id}`, { token })).toMatchObject({
        status: 404,
        body: { error: { code: 404, title: 'Not Found', message: `Could not find project: ${id}.` } },
      });
    });

    it('never show a password', async () => {
      const token = await adminToken();
      const made = await call('POST', '/v3/users', {
        token,
        body: { user: { name: 'secretive', password: 'hunter2', email: 'a@b' } },
      });
      expect(made.body.user).toMatchObject({ name: 'secretive', email: 'a@b', password_expires_at: null });
      const shown = await call('GET', `/v3/users/${made.body.user.id}`, { token });
      expect(JSON.stringify([made.body, shown.body])).not.toMatch(/hunter2|scrypt|credential/);
    });

    it('have names of their own within a domain', async () => {
      const token = await adminToken();
      const body = { user: { name: 'twice' } };
      await call('POST', '/v3/users', { token, body });
      expect(await call('POST', '/v3/users', { token, body })).toMatchObject({
        status: 409,
        body: {
          error: {
            title: 'Conflict',
            message:
              'Conflict occurred attempting to store user - Duplicate entry found with name twice at domain ID default.',
          },
        },
      });
      const domain = (await call('POST', '/v3/domains', { token, body: { domain: { name: 'elsewhere' } } })).body
        .domain;
      expect(
        (await call('POST', '/v3/users', { token, body: { user: { name: 'twice', domain_id: domain.id } } })).status,
      ).toBe(201);
      expect((await call('DELETE', `/v3/domains/${domain.id}`, { token })).status).toBe(403);
      await call('PATCH', `/v3/domains/${domain.id}`, { token, body: { domain: { enabled: false } } });
      expect((await call('DELETE', `/v3/domains/${domain.id}`, { token })).status).toBe(204);
      expect((await call('GET', `/v3/users?domain_id=${domain.id}`, { token })).body.users).toEqual([]);
    });

    it.each([
      ['/v3/users', { user: {} }],
      ['/v3/users', { user: { name: '' } }],
      ['/v3/users', { user: { name: 'x'.repeat(256) } }],
      ['/v3/users', { user: { name: 'x', enabled: 'yes' } }],
      ['/v3/users', { user: { name: 7 } }],
      ['/v3/users', { users: [] }],
      ['/v3/endpoints', { endpoint: { service_id: 'x', interface: 'secret', url: 'u' } }],
    ])('refuse what is not one: %s %j', async (path, body) => {
      expect((await call('POST', path, { token: await adminToken(), body })).status).toBe(400);
    });

    it('may only be touched by administrators; everyone sees themselves', async () => {
      const { project, user, roleId, grant } = await newTenant('plain');
      const { token } = await logIn('plain', 'pw', projectScope('plain'));
      const refused = await Promise.all([
        call('GET', '/v3/users', { token }),
        call('POST', '/v3/projects', { token, body: { project: { name: 'x' } } }),
        call('PATCH', `/v3/users/${user.id}`, { token, body: { user: { enabled: true } } }),
        call('DELETE', `/v3/projects/${project.id}`, { token }),
        call('GET', '/v3/role_assignments', { token }),
        call('PUT', grant.replace(roleId, 'x'), { token }),
        call('POST', '/v3/domains', { token, body: { domain: { name: 'x' } } }),
      ]);
      expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 403));
      expect(refused[0]?.body.error.message).toBe(
        'You are not authorized to perform the requested action: identity:list_users.',
      );
      expect((await call('GET', `/v3/users/${user.id}`, { token })).status).toBe(200);
      expect((await call('GET', `/v3/projects/${project.id}`, { token })).status).toBe(200);
      expect((await call('GET', `/v3/users/${user.id}/projects`, { token })).body.projects).toHaveLength(1);
      expect((await call('GET', '/v3/auth/projects', { token })).body.projects).toMatchObject([{ name: 'plain' }]);
      expect((await call('GET', '/v3/users', {})).status).toBe(401);
    });
  });

  describe('the catalog', () => {
    it('shows what administrators add, with its region', async () => {
      const token = await adminToken();
      const service = (
        await call('POST', '/v3/services', { token, body: { service: { type: 'image', name: 'glance' } } })
      ).body.service;
      const endpoint = {
        service_id: service.id,
        interface: 'public',
        url: 'http://i/$(project_id)s',
        region: 'Elsewhere',
      };
      const made = await call('POST', '/v3/endpoints', { token, body: { endpoint } });
      expect(made).toMatchObject({
        status: 201,
        body: { endpoint: { region: 'Elsewhere', region_id: 'Elsewhere', enabled: true } },
      });
      expect((await call('GET', '/v3/regions/Elsewhere', { token })).status).toBe(200);
      const moved = { endpoint: { region: 'Nowhere' } };
      const path = `/v3/endpoints/${made.body.endpoint.id}`;
      expect((await call('PATCH', path, { token, body: moved })).body.endpoint).toMatchObject({
        region_id: 'Nowhere',
        url: endpoint.url,
      });
      await call('PATCH', path, { token, body: { endpoint: { region_id: 'Elsewhere' } } });
      const { body } = await call('GET', '/v3/auth/catalog', { token });
      const image = body.catalog.find(({ type }: { type: string }) => type === 'image');
      expect(image.endpoints[0].url).toMatch(/^http:\/\/i\/[0-9a-f]{32}$/);
      expect((await call('DELETE', '/v3/regions/Elsewhere', { token })).status).toBe(403);
      expect((await call('DELETE', `/v3/services/${service.id}`, { token })).status).toBe(204);
      expect((await call('GET', `/v3/endpoints/${made.body.endpoint.id}`, { token })).status).toBe(404);
    });

    it('has regions under ids that clients choose', async () => {
      const token = await adminToken();
      expect(await call('PUT', '/v3/regions/Two', { token, body: { region: { description: 'd' } } })).toMatchObject({
        status: 201,
        body: { region: { id: 'Two', description: 'd', parent_region_id: null } },
      });
      const again = await call('POST', '/v3/regions', { token, body: { region: { id: 'Two' } } });
      expect([again.status, again.body.error.title]).toEqual([409, 'Conflict']);
    });
  });

  describe('roles', () => {
    it('imply others as administrators say', async () => {
      const token = await adminToken();
      const make = async (name: string) =>
        (await call('POST', '/v3/roles', { token, body: { role: { name } } })).body.role;
      const [boss, clerk] = [await make('boss'), await make('clerk')];
      const path = `/v3/roles/${boss.id}/implies/${clerk.id}`;
      expect((await call('GET', path, { token })).status).toBe(404);
      expect((await call('PUT', path, { token })).status).toBe(201);
      expect((await call('GET', path, { token })).body.role_inference.implies.name).toBe('clerk');
      await newTenant('chief', 'boss');
      const names = (await logIn('chief', 'pw', projectScope('chief'))).body.token.roles.map(
        ({ name }: { name: string }) => name,
      );
      expect(names).toEqual(['boss', 'clerk']);
      expect((await call('DELETE', path, { token })).status).toBe(204);
      expect((await call('GET', `/v3/roles/${boss.id}/implies`, { token })).body.role_inference.implies).toEqual([]);
    });

    it('reach users through groups and down from domains', async () => {
      const token = await adminToken();
      const { body } = await call('POST', '/v3/groups', { token, body: { group: { name: 'team' } } });
      const { project, roleId } = await newTenant('team-project');
      const member = (
        await call('POST', '/v3/users', { token, body: { user: { name: 'team-member', password: 'pw' } } })
      ).body.user;
      expect((await logIn('team-member', 'pw', projectScope('team-project'))).status).toBe(401);
      const membership = `/v3/groups/${body.group.id}/users/${member.id}`;
      expect((await call('PUT', membership, { token })).status).toBe(204);
      await call('PUT', `/v3/projects/${project.id}/groups/${body.group.id}/roles/${roleId}`, { token });
      expect((await logIn('team-member', 'pw', projectScope('team-project'))).status).toBe(201);
      await call('DELETE', membership, { token });
      expect((await logIn('team-member', 'pw', projectScope('team-project'))).status).toBe(401);
      const inherited = `/v3/OS-INHERIT/domains/default/users/${member.id}/roles/${roleId}/inherited_to_projects`;
      expect((await call('PUT', inherited, { token })).status).toBe(204);
      expect((await logIn('team-member', 'pw', projectScope('team-project'))).status).toBe(201);
      expect((await logIn('team-member', 'pw', { domain: { id: 'default' } })).status).toBe(401);
    });

    it('are listed as assigned and as they come out', async () => {
      const token = await adminToken();
      const { user, project, grant } = await newTenant('listed', 'manager');
      const list = async (more: string) =>
        (await call('GET', `/v3/role_assignments?user.id=${user.id}&include_names${more}`, { token })).body
          .role_assignments;
      expect(await list('')).toEqual([
        {
          role: { id: expect.any(String), name: 'manager' },
          user: { id: user.id, name: 'listed', domain: { id: 'default', name: 'Default' } },
          scope: { project: { id: project.id, name: 'listed', domain: { id: 'default', name: 'Default' } } },
          links: { assignment: `${origin}/identity${grant}` },
        },
      ]);
      const names = (await list('&effective')).map(({ role }: { role: { name: string } }) => role.name);
      expect(names.toSorted()).toEqual(['manager', 'member', 'reader']);
      expect((await call('HEAD', grant, { token })).status).toBe(204);
      expect((await call('DELETE', grant, { token })).status).toBe(204);
      expect((await call('HEAD', grant, { token })).status).toBe(404);
      expect((await call('DELETE', grant, { token })).status).toBe(404);
    });
  });

  it('answers an unknown path and an oversized body in its own shape', async () => {
    expect(await call('GET', '/v3/nothing')).toMatchObject({ status: 404, body: { error: { code: 404 } } });
    const payload = JSON.stringify({ auth: 'x'.repeat(2_000_000) });
    const response = await app.inject({ method: 'POST', url: '/identity/v3/auth/tokens', payload });
    expect(response.json()).toMatchObject({ error: { code: 413 } });
  });
});
