// /v3/auth: tokens, and what a token may be exchanged for.

import { readCatalog } from './catalog.ts';
import { forbiddenUnlessOwnToken } from './caller.ts';
import { show } from './crud-routes.ts';
import { domainApi, projectApi } from './entity-apis.ts';
import { listEntities } from './entity-table.ts';
import { collection, noContent, type Exchange, type IdentityAnswer, type IdentityHandler } from './exchange.ts';
import { notFound } from './identity-error.ts';
import { renderToken } from './render-token.ts';
import { effectiveRoles, targetsOf } from './role-assignments.ts';
import type { TokenFacts } from './token-facts.ts';

/** The one route that needs no token. */
export async function issueToken(exchange: Omit<Exchange, 'caller'>): Promise<IdentityAnswer> {
  const { token, facts } = await exchange.identity.login.logIn(exchange.body);
  return { status: 201, body: await tokenBody(exchange, facts), headers: { 'x-subject-token': token } };
}

export const showToken: IdentityHandler = async (exchange) => {
  const { token, facts } = await subject(exchange);
  forbiddenUnlessOwnToken(exchange.caller, facts, 'validate_token');
  return { status: 200, body: await tokenBody(exchange, facts), headers: { 'x-subject-token': token } };
};

export const revokeToken: IdentityHandler = async (exchange) => {
  const { facts } = await subject(exchange);
  forbiddenUnlessOwnToken(exchange.caller, facts, 'revoke_token');
  await exchange.identity.tokens.revoke(facts);
  return noContent;
};

async function subject({
  identity,
  headers,
}: Exchange): Promise<{ readonly token: string; readonly facts: TokenFacts }> {
  const token = headers['x-subject-token'];
  const facts = typeof token === 'string' ? await identity.tokens.validate(token) : undefined;
  // The message does not repeat the token: it may end up in a log.
  if (typeof token !== 'string' || facts === undefined) throw notFound('token', 'it is not valid');
  return { token, facts };
}

async function tokenBody({ identity, query, origin }: Omit<Exchange, 'caller'>, facts: TokenFacts): Promise<object> {
  const wanted = facts.scope.kind !== 'unscoped' && !query.has('nocatalog');
  return renderToken(facts, wanted ? await catalogFor({ identity, origin }, facts) : undefined);
}

function catalogFor({ identity, origin }: Pick<Exchange, 'identity' | 'origin'>, { scope }: TokenFacts) {
  const projectId = scope.kind === 'project' ? scope.project.id : null;
  return identity.store.read((db) => readCatalog(db, { origin, projectId }));
}

export const showCatalog: IdentityHandler = async (exchange) => ({
  status: 200,
  body: {
    catalog: await catalogFor(exchange, exchange.caller),
    links: { next: null, self: `${exchange.base}/auth/catalog`, previous: null },
  },
});

export const listOwnProjects: IdentityHandler = async (exchange) => {
  const rows = await exchange.identity.store.read(async (db) =>
    listEntities(db, projectApi.entity, { id: await targetsOf(db, exchange.caller.user.id, 'project'), enabled: [1] }),
  );
  const items = rows.map((row) => show(projectApi, row, exchange));
  return collection(exchange, { name: 'projects', items, path: '/auth/projects' });
};

export const listOwnDomains: IdentityHandler = async (exchange) => {
  const rows = await exchange.identity.store.read(async (db) =>
    listEntities(db, domainApi.entity, { id: await targetsOf(db, exchange.caller.user.id, 'domain'), enabled: [1] }),
  );
  const items = rows.map((row) => show(domainApi, row, exchange));
  return collection(exchange, { name: 'domains', items, path: '/auth/domains' });
};

export const listOwnSystems: IdentityHandler = async (exchange) => {
  const roles = await exchange.identity.store.read((db) =>
    effectiveRoles(db, exchange.caller.user.id, { type: 'system', id: 'all' }),
  );
  const items = roles.length === 0 ? [] : [{ all: true }];
  return collection(exchange, { name: 'system', items, path: '/auth/system' });
};
