// POST /v3/auth/tokens: who says that they are who, and what they want the token for (Identity API v3, "Password
// authentication" and "Token authentication", each with every kind of scope).

import { badRequest, unauthorized } from './identity-error.ts';
import { isObject, objectAt, optionalObjectAt, textAt, type JsonObject } from './json-value.ts';
import { KnownPasswords } from './known-passwords.ts';
import type { IdentityDb, IdentityStore } from './tables.ts';
import type { ScopeClaim } from './token-claims.ts';
import type { TokenFacts } from './token-facts.ts';
import type { IssuedToken, Tokens } from './tokens.ts';

/** Someone or something by id, or by a name within a domain. */
type Reference =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'name'; readonly name: string; readonly domain: DomainReference };
type DomainReference = { readonly id: string } | { readonly name: string };

type ScopeRequest =
  | { readonly kind: 'default' }
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'system' }
  | { readonly kind: 'project'; readonly project: Reference }
  | { readonly kind: 'domain'; readonly domain: DomainReference };

interface Identified {
  readonly userId: string;
  readonly methods: readonly string[];
  readonly parent?: TokenFacts;
}

export class Login {
  readonly #store: IdentityStore;
  readonly #tokens: Tokens;
  readonly #passwords = new KnownPasswords();

  constructor({ store, tokens }: { readonly store: IdentityStore; readonly tokens: Tokens }) {
    this.#store = store;
    this.#tokens = tokens;
  }

  /** A token for what the body asks. Throws an IdentityError. */
  async logIn(body: unknown): Promise<IssuedToken> {
    if (!isObject(body)) throw badRequest('Expecting to find auth in request body.');
    const auth = objectAt(body, 'auth');
    const identity = objectAt(auth, 'identity');
    const scope = readScope(auth['scope']);
    const identified = await this.#identify(identity);
    const claim = await this.#store.read((db) => resolveScope(db, scope, identified));
    const issued =
      claim === undefined
        ? undefined
        : ((await this.#tokens.issue({ ...identified, scope: claim })) ??
          // Someone whose default project is gone or closed to them can still log in, for no project.
          (scope.kind === 'default'
            ? await this.#tokens.issue({ ...identified, scope: { kind: 'unscoped' } })
            : undefined));
    if (issued === undefined) throw unauthorized();
    return issued;
  }

  async #identify(identity: JsonObject): Promise<Identified> {
    const methods = identity['methods'];
    const [method, ...more] = Array.isArray(methods) ? (methods as readonly unknown[]) : [];
    if (more.length > 0) throw badRequest('Only one authentication method at a time is supported.');
    if (method === 'password') return this.#byPassword(objectAt(objectAt(identity, 'password'), 'user'));
    if (method === 'token') return this.#byToken(objectAt(identity, 'token'));
    if (method === undefined) throw badRequest('Expecting to find methods in request body.');
    throw unauthorized();
  }

  async #byPassword(user: JsonObject): Promise<Identified> {
    const reference = readReference(user, 'user');
    const password = textAt(user, 'password') ?? '';
    const found = await this.#store.read(async (db) => {
      const query = db.selectFrom('identity_users').select(['id', 'password_hash']);
      if (reference.by === 'id') return query.where('id', '=', reference.id).executeTakeFirst();
      const domainId = await findDomainId(db, reference.domain);
      return query
        .where('name', '=', reference.name)
        .where('domain_id', '=', domainId ?? '')
        .executeTakeFirst();
    });
    const matches = await this.#passwords.matches(password, found?.password_hash ?? null);
    if (found === undefined || !matches) throw unauthorized();
    return { userId: found.id, methods: ['password'] };
  }

  async #byToken(token: JsonObject): Promise<Identified> {
    const parent = await this.#tokens.validate(textAt(token, 'id') ?? '');
    if (parent === undefined) throw unauthorized();
    return { userId: parent.user.id, methods: [...new Set([...parent.methods, 'token'])], parent };
  }
}

function readReference(value: JsonObject, kind: string): Reference {
  const id = textAt(value, 'id');
  if (id !== undefined) return { by: 'id', id };
  const name = textAt(value, 'name');
  if (name === undefined) throw badRequest(`Expecting to find id or name of ${kind} in request body.`);
  return { by: 'name', name, domain: readDomain(objectAt(value, 'domain')) };
}

function readDomain(domain: JsonObject): DomainReference {
  const id = textAt(domain, 'id');
  if (id !== undefined) return { id };
  const name = textAt(domain, 'name');
  if (name === undefined) throw badRequest('Expecting to find id or name of domain in request body.');
  return { name };
}

function readScope(scope: unknown): ScopeRequest {
  if (scope === undefined || scope === null) return { kind: 'default' };
  if (scope === 'unscoped') return { kind: 'unscoped' };
  if (!isObject(scope)) throw badRequest('Expecting to find scope in request body.');
  if ('unscoped' in scope) return { kind: 'unscoped' };
  if ('system' in scope) {
    if (objectAt(scope, 'system')['all'] !== true) throw badRequest('The only scope of the system is all.');
    return { kind: 'system' };
  }
  const project = optionalObjectAt(scope, 'project');
  if (project !== undefined) return { kind: 'project', project: readReference(project, 'project') };
  const domain = optionalObjectAt(scope, 'domain');
  if (domain !== undefined) return { kind: 'domain', domain: readDomain(domain) };
  throw badRequest('The scope is none of project, domain, system and unscoped.');
}

/** The ids of what the request names; undefined when it does not exist. */
async function resolveScope(
  db: IdentityDb,
  scope: ScopeRequest,
  { userId, parent }: Identified,
): Promise<ScopeClaim | undefined> {
  switch (scope.kind) {
    case 'unscoped':
    case 'system':
      return { kind: scope.kind };
    case 'domain': {
      const id = await findDomainId(db, scope.domain);
      return id === undefined ? undefined : { kind: 'domain', id };
    }
    case 'project': {
      const id = await findProjectId(db, scope.project);
      return id === undefined ? undefined : { kind: 'project', id };
    }
    case 'default': {
      const user = await db
        .selectFrom('identity_users')
        .select('default_project_id')
        .where('id', '=', userId)
        .executeTakeFirst();
      const id = parent === undefined ? (user?.default_project_id ?? null) : null;
      return id === null ? { kind: 'unscoped' } : { kind: 'project', id };
    }
  }
}

async function findDomainId(db: IdentityDb, domain: DomainReference): Promise<string | undefined> {
  const query = db.selectFrom('identity_domains').select('id');
  const row = await (
    'id' in domain ? query.where('id', '=', domain.id) : query.where('name', '=', domain.name)
  ).executeTakeFirst();
  return row?.id;
}

async function findProjectId(db: IdentityDb, project: Reference): Promise<string | undefined> {
  if (project.by === 'id') return project.id;
  const row = await db
    .selectFrom('identity_projects')
    .select('id')
    .where('name', '=', project.name)
    .where('domain_id', '=', (await findDomainId(db, project.domain)) ?? '')
    .executeTakeFirst();
  return row?.id;
}
