// The identity API on the server's port: Keystone's v3 below /identity. It reads and answers by itself, errors
// included, whose shape is not that of the Networking API.

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { originOf } from '../http/origin.ts';
import { StoreUnavailable } from '../store/store.ts';
import {
  addImpliedRole,
  grantHandlers,
  listImpliedRoles,
  listRoleInferences,
  removeImpliedRole,
  showImpliedRole,
  type GrantKind,
} from './assignment-routes.ts';
import { listRoleAssignments } from './assignment-list.ts';
import {
  issueToken,
  listOwnDomains,
  listOwnProjects,
  listOwnSystems,
  revokeToken,
  showCatalog,
  showToken,
} from './auth-routes.ts';
import { crudHandlers, type EntityApi } from './crud-routes.ts';
import { requestedObject } from './entity.ts';
import {
  domainApi,
  endpointApi,
  groupApi,
  projectApi,
  regionApi,
  roleApi,
  serviceApi,
  userApi,
} from './entity-apis.ts';
import {
  authenticatedCaller,
  param,
  parseJsonBody,
  send,
  type Exchange,
  type IdentityAnswer,
  type IdentityHandler,
} from './exchange.ts';
import { badRequest, IdentityError } from './identity-error.ts';
import type { IdentityService } from './identity-service.ts';
import {
  addUserToGroup,
  changePassword,
  checkUserInGroup,
  listGroupsOfUser,
  listProjectsOfUser,
  listUsersOfGroup,
  removeUserFromGroup,
} from './user-routes.ts';

export interface IdentityParts {
  readonly identity: IdentityService;
  /** URL under which clients reach this server, if the operator gave one. */
  readonly publicUrl: string | null;
}

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below /identity/v3. */
  readonly path: string;
  readonly handler: IdentityHandler;
}

/** Puts the identity API at /identity of the application. */
export function registerIdentity(app: FastifyInstance, parts: IdentityParts): void {
  void app.register(async (scope) => identityApi(scope, parts), { prefix: '/identity' });
}

function identityApi(scope: FastifyInstance, parts: IdentityParts): void {
  scope.removeAllContentTypeParsers();
  // Whatever a body is said to be, it is read as JSON, and only by routes that want one.
  scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  scope.setErrorHandler((error, request, reply) => send(reply, failure(error, request, parts)));
  scope.setNotFoundHandler((_request, reply) => send(reply, nothingHere));

  // With a prefix, this is both /identity and /identity/.
  scope.get('/', (request, reply) => send(reply, renderVersions(identityUrl(request, parts))));
  for (const url of ['/v3', '/v3/']) {
    scope.get(url, (request, reply) => send(reply, renderVersion(identityUrl(request, parts))));
  }
  // The two that need no token: the body says who asks.
  scope.post('/v3/auth/tokens', async (request, reply) => send(reply, await issueToken(exchangeOf(request, parts))));
  scope.post('/v3/users/:id/password', async (request, reply) =>
    send(reply, await changePassword(exchangeOf(request, parts))),
  );
  for (const { method, path, handler } of guardedRoutes) {
    scope.route({
      // Node sends no body in answer to a HEAD.
      method: method === 'GET' ? ['GET', 'HEAD'] : method,
      url: `/v3${path}`,
      handler: async (request, reply) => {
        const caller = await authenticatedCaller(parts.identity, request);
        return send(reply, await handler({ ...exchangeOf(request, parts), caller }));
      },
    });
  }
}

const guardedRoutes: readonly Route[] = [
  { method: 'GET', path: '/auth/tokens', handler: showToken },
  { method: 'DELETE', path: '/auth/tokens', handler: revokeToken },
  { method: 'GET', path: '/auth/catalog', handler: showCatalog },
  { method: 'GET', path: '/auth/projects', handler: listOwnProjects },
  { method: 'GET', path: '/auth/domains', handler: listOwnDomains },
  { method: 'GET', path: '/auth/system', handler: listOwnSystems },
  { method: 'GET', path: '/users/:id/projects', handler: listProjectsOfUser },
  { method: 'GET', path: '/users/:id/groups', handler: listGroupsOfUser },
  { method: 'GET', path: '/groups/:id/users', handler: listUsersOfGroup },
  { method: 'PUT', path: '/groups/:id/users/:userId', handler: addUserToGroup },
  { method: 'GET', path: '/groups/:id/users/:userId', handler: checkUserInGroup },
  { method: 'DELETE', path: '/groups/:id/users/:userId', handler: removeUserFromGroup },
  { method: 'GET', path: '/roles/:id/implies', handler: listImpliedRoles },
  { method: 'GET', path: '/roles/:id/implies/:impliedId', handler: showImpliedRole },
  { method: 'PUT', path: '/roles/:id/implies/:impliedId', handler: addImpliedRole },
  { method: 'DELETE', path: '/roles/:id/implies/:impliedId', handler: removeImpliedRole },
  { method: 'GET', path: '/role_inferences', handler: listRoleInferences },
  { method: 'GET', path: '/role_assignments', handler: listRoleAssignments },
  { method: 'PUT', path: '/regions/:id', handler: createRegionWithId },
  ...[domainApi, projectApi, userApi, groupApi, roleApi, regionApi, serviceApi, endpointApi].flatMap(crudRoutes),
  ...grantKinds().flatMap(grantRoutes),
];

function crudRoutes(api: EntityApi): readonly Route[] {
  const { list, create, get, update, remove } = crudHandlers(api);
  const path = `/${api.entity.plural}`;
  return [
    { method: 'GET', path, handler: list },
    { method: 'POST', path, handler: create },
    { method: 'GET', path: `${path}/:id`, handler: get },
    { method: 'PATCH', path: `${path}/:id`, handler: update },
    { method: 'DELETE', path: `${path}/:id`, handler: remove },
  ];
}

/** A region is the one thing that clients may also make under a path of their choice. */
async function createRegionWithId(exchange: Exchange): Promise<IdentityAnswer> {
  const region = requestedObject(regionApi.entity, exchange.body);
  return crudHandlers(regionApi).create({ ...exchange, body: { region: { ...region, id: param(exchange, 'id') } } });
}

function grantKinds(): readonly GrantKind[] {
  return (['user', 'group'] as const).flatMap((actor) => [
    { actor, target: 'project', inherited: false },
    { actor, target: 'domain', inherited: false },
    { actor, target: 'system', inherited: false },
    { actor, target: 'project', inherited: true },
    { actor, target: 'domain', inherited: true },
  ]);
}

function grantRoutes(kind: GrantKind): readonly Route[] {
  const { list, grant, check, revoke } = grantHandlers(kind);
  const target = kind.target === 'system' ? '/system' : `/${kind.target}s/:targetId`;
  const path = `${target}/${kind.actor}s/:actorId/roles`;
  const [before, after] = kind.inherited ? ['/OS-INHERIT', '/inherited_to_projects'] : ['', ''];
  const one = `${before}${path}/:roleId${after}`;
  return [
    { method: 'GET', path: `${before}${path}${after}`, handler: list },
    { method: 'PUT', path: one, handler: grant },
    { method: 'GET', path: one, handler: check },
    { method: 'DELETE', path: one, handler: revoke },
  ];
}

function exchangeOf(request: FastifyRequest, { identity, publicUrl }: IdentityParts): Omit<Exchange, 'caller'> {
  const origin = originOf(request.headers, publicUrl);
  const at = request.url.indexOf('?');
  const query = new URLSearchParams(at === -1 ? '' : request.url.slice(at + 1));
  // Fastify decodes the parameters of a path into an object of texts.
  const params = request.params as Readonly<Record<string, string>>;
  // No text in a PostgreSQL database can hold U+0000, so nothing has it in its name or id.
  if ([...Object.values(params), ...query.values()].some((text) => text.includes('\0'))) {
    throw badRequest('The URL holds the character U+0000.');
  }
  return {
    identity,
    params,
    query,
    body: typeof request.body === 'string' ? parseJsonBody(request.body) : undefined,
    origin,
    base: `${origin}/identity/v3`,
    headers: request.headers,
  };
}

function identityUrl({ headers }: FastifyRequest, { publicUrl }: IdentityParts): string {
  return `${originOf(headers, publicUrl)}/identity`;
}

function renderVersions(url: string): IdentityAnswer {
  return { status: 300, body: { versions: { values: [version(url)] } } };
}

function renderVersion(url: string): IdentityAnswer {
  return { status: 200, body: { version: version(url) } };
}

/** The version of Keystone's API that clients are to expect: 3.14, of its release 17 (Ussuri). */
function version(url: string): object {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${url}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

const nothingHere = answerTo(new IdentityError(404, 'Not Found', 'The resource could not be found.'));

function answerTo(error: IdentityError, headers: Readonly<Record<string, string>> = {}): IdentityAnswer {
  return { status: error.status, body: error.body(), headers };
}

function failure(error: unknown, request: FastifyRequest, parts: IdentityParts): IdentityAnswer {
  if (error instanceof IdentityError) {
    const challenge = { 'www-authenticate': `Keystone uri="${identityUrl(request, parts)}"` };
    return answerTo(error, error.status === 401 ? challenge : {});
  }
  if (isRefusedByServer(error)) return answerTo(new IdentityError(error.statusCode, 'Bad Request', error.message));
  request.log.error({ err: error, requestId: request.id, method: request.method }, 'identity request failed');
  if (error instanceof StoreUnavailable) {
    return answerTo(new IdentityError(503, 'Service Unavailable', 'The service is unavailable.'));
  }
  return answerTo(
    new IdentityError(
      500,
      'Internal Server Error',
      `An unexpected error prevented the server from fulfilling your request. (${request.id})`,
    ),
  );
}

/** What the HTTP server noticed before our code saw the request: a body that is too large, or cut short. */
function isRefusedByServer(error: unknown): error is Error & { readonly statusCode: number } {
  if (!(error instanceof Error) || !('statusCode' in error)) return false;
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500;
}
