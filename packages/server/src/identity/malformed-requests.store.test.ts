import { withStores } from '@neutronium/testkit/store';
import * as fc from 'fast-check';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bootstrapIdentity } from './bootstrap.ts';
import { registerIdentity } from './identity-routes.ts';
import { openIdentity } from './identity-service.ts';
import { identityStore } from './identity-store.ts';

const names = [
  'name',
  'id',
  'domain_id',
  'parent_id',
  'enabled',
  'password',
  'description',
  'service_id',
  'type',
  'url',
  'extra',
];
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('default', 'RegionOne', 'admin'),
  fc.jsonValue({ maxDepth: 2 }),
);
const attributes = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 6 });
const kinds = ['user', 'project', 'domain', 'group', 'role', 'region', 'service', 'endpoint'] as const;

/** Mostly of the right outer shape, so that the inner parts are reached. */
const request = fc.oneof(
  fc.constantFrom(...kinds).chain((kind) =>
    fc.record({
      method: fc.constantFrom('POST' as const, 'PATCH' as const, 'PUT' as const, 'DELETE' as const, 'GET' as const),
      path: fc.tuple(fc.constant(`/${kind}s`), fc.option(fc.string({ unit: 'binary', minLength: 1 }))).map(pathOf),
      body: fc.oneof(
        attributes.map((object) => ({ [kind]: object })),
        fc.jsonValue({ maxDepth: 2 }),
      ),
    }),
  ),
  fc.record({
    method: fc.constant('POST' as const),
    path: fc.constant('/auth/tokens'),
    body: fc.record({
      auth: fc.record({
        identity: fc.record({
          methods: fc.constantFrom(['password'], ['token'], [], 'password', [7]),
          password: fc.jsonValue(),
          token: fc.jsonValue(),
        }),
        scope: fc.oneof(fc.jsonValue(), fc.record({ project: attributes }), fc.record({ domain: attributes })),
      }),
    }),
  }),
  fc.record({
    method: fc.constantFrom('PUT' as const, 'GET' as const, 'DELETE' as const),
    path: fc
      .tuple(fc.constantFrom('/projects', '/domains', '/system'), value, value, value)
      .map(([target, a, b, c]) => `${target}/${encode(a)}/users/${encode(b)}/roles/${encode(c)}`),
    body: fc.constant(undefined),
  }),
);

function pathOf([collection, id]: readonly [string, string | null]): string {
  return id === null ? collection : `${collection}/${encode(id)}`;
}

function encode(part: unknown): string {
  const text = typeof part === 'string' ? part : JSON.stringify(part);
  // Lone surrogates cannot be written in a URL at all, and Fastify itself refuses parts of more than 100 characters.
  return encodeURIComponent(text.slice(0, 10).toWellFormed());
}

withStores((fixture) => {
  let app: FastifyInstance;
  let token: string;

  beforeAll(async () => {
    const store = identityStore(await fixture.open());
    await bootstrapIdentity(store, { adminPassword: 'pw', demoPassword: null });
    const identity = await openIdentity({ store, tokenLifetimeMs: 3_600_000, now: () => new Date() });
    app = fastify({ exposeHeadRoutes: false });
    registerIdentity(app, { identity, publicUrl: null });
    const issued = await identity.login.logIn({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: 'admin', domain: { id: 'default' }, password: 'pw' } },
        },
        scope: { system: { all: true } },
      },
    });
    token = issued.token;
  });
  afterAll(() => app.close());

  it('answers whatever is sent in its own shape and never fails', async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ method, path, body }) => {
        const response = await app.inject({
          method,
          url: `/identity/v3${path}`,
          headers: { 'x-auth-token': token },
          ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        });
        expect(response.statusCode).toBeLessThan(500);
        if (response.statusCode >= 400) {
          expect(response.json()).toEqual({
            error: { code: response.statusCode, title: expect.any(String), message: expect.any(String) },
          });
        }
      }),
      { numRuns: 400 },
    );
  });
});
