// Issues tokens, says what they are worth, and revokes them. A token is worth what its user, its target and the
// assignments are worth at the moment of its use: nothing has to hunt for tokens when one of those changes. What was
// found out is kept until the next change to the identity tables, whichever server makes it.

import { randomBytes } from 'node:crypto';
import { effectiveRoles, type Target } from './role-assignments.ts';
import type { IdentityDb, IdentityStore } from './tables.ts';
import { signToken, verifyToken, type ScopeClaim, type TokenClaims } from './token-claims.ts';
import type { ScopeFacts, TokenFacts } from './token-facts.ts';

/** Tokens about which we remember what they are worth; the oldest is forgotten first. */
const cacheSize = 10_000;

interface Remembered {
  readonly generation: number;
  readonly facts: TokenFacts;
}

export interface IssuedToken {
  readonly token: string;
  readonly facts: TokenFacts;
}

export interface TokenRequest {
  readonly userId: string;
  readonly scope: ScopeClaim;
  readonly methods: readonly string[];
  /** The token that this one is made from: it lends its expiry and its audit id. */
  readonly parent?: TokenFacts;
}

export class Tokens {
  readonly #store: IdentityStore;
  readonly #key: Uint8Array;
  readonly #lifetimeMs: number;
  readonly #now: () => Date;
  readonly #remembered = new Map<string, Remembered>();

  constructor(parts: {
    readonly store: IdentityStore;
    readonly key: Uint8Array;
    readonly lifetimeMs: number;
    readonly now: () => Date;
  }) {
    this.#store = parts.store;
    this.#key = parts.key;
    this.#lifetimeMs = parts.lifetimeMs;
    this.#now = parts.now;
  }

  /** A token for the user and scope; undefined when the user may not have one there. */
  async issue({ userId, scope, methods, parent }: TokenRequest): Promise<IssuedToken | undefined> {
    const issuedAt = this.#now();
    const found = await this.#store.read(async (db) => {
      const user = await db
        .selectFrom('identity_users')
        .select('credential_version')
        .where('id', '=', userId)
        .executeTakeFirst();
      if (user === undefined) return undefined;
      const claims: TokenClaims = {
        userId,
        credentialVersion: user.credential_version,
        scope,
        methods,
        auditIds: [randomBytes(16).toString('base64url'), ...(parent?.auditIds ?? []).slice(-1)],
        issuedAt,
        expiresAt: parent?.expiresAt ?? wholeSeconds(issuedAt.getTime() + this.#lifetimeMs),
      };
      const facts = await findFacts(db, claims);
      return facts === undefined ? undefined : { claims, facts };
    });
    if (found === undefined) return undefined;
    return { token: await signToken(found.claims, this.#key), facts: found.facts };
  }

  /** What the token is worth now; undefined when that is nothing. */
  async validate(token: string): Promise<TokenFacts | undefined> {
    const generation = await this.#store.read(readGeneration);
    const known = this.#remembered.get(token);
    if (known?.generation === generation) {
      if (known.facts.expiresAt > this.#now()) return known.facts;
      this.#remembered.delete(token);
      return undefined;
    }
    const claims = await verifyToken(token, this.#key, this.#now());
    // Generation and facts are of one reading: a change in between must not be hidden by the newer number.
    const found =
      claims === undefined
        ? undefined
        : await this.#store.read(async (db) => ({
            generation: await readGeneration(db),
            facts: await findFacts(db, claims),
          }));
    if (found?.facts === undefined) {
      this.#remembered.delete(token);
      return undefined;
    }
    this.#remember(token, { generation: found.generation, facts: found.facts });
    return found.facts;
  }

  /** From now on the token is worth nothing, at any server. */
  async revoke({ auditIds, expiresAt }: TokenFacts): Promise<void> {
    const [auditId = ''] = auditIds;
    const nowSeconds = Math.floor(this.#now().getTime() / 1000);
    await this.#store.write(async (db) => {
      await db.deleteFrom('identity_revocations').where('expires_at', '<', nowSeconds).execute();
      await db
        .insertInto('identity_revocations')
        .values({ audit_id: auditId, expires_at: Math.ceil(expiresAt.getTime() / 1000) })
        .onConflict((conflict) => conflict.column('audit_id').doNothing())
        .execute();
      await nextGeneration(db);
    });
  }

  #remember(token: string, entry: Remembered): void {
    this.#remembered.delete(token);
    this.#remembered.set(token, entry);
    if (this.#remembered.size <= cacheSize) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}

/** To be called in every transaction that changes what a token may depend on. */
export async function nextGeneration(db: IdentityDb): Promise<void> {
  await db
    .updateTable('identity_generation')
    .set(({ eb }) => ({ generation: eb('generation', '+', 1) }))
    .execute();
}

async function readGeneration(db: IdentityDb): Promise<number> {
  const { generation } = await db.selectFrom('identity_generation').select('generation').executeTakeFirstOrThrow();
  return generation;
}

function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}

async function findFacts(db: IdentityDb, claims: TokenClaims): Promise<TokenFacts | undefined> {
  const revoked = await db
    .selectFrom('identity_revocations')
    .select('audit_id')
    .where('audit_id', '=', claims.auditIds[0] ?? '')
    .executeTakeFirst();
  if (revoked !== undefined) return undefined;
  const user = await db
    .selectFrom('identity_users as user')
    .innerJoin('identity_domains as domain', 'domain.id', 'user.domain_id')
    .select(['user.id', 'user.name', 'user.credential_version', 'domain.id as domain_id', 'domain.name as domain_name'])
    .where('user.id', '=', claims.userId)
    .where('user.enabled', '=', 1)
    .where('domain.enabled', '=', 1)
    .executeTakeFirst();
  if (user === undefined || user.credential_version !== claims.credentialVersion) return undefined;
  const scope = await findScope(db, claims.scope);
  if (scope === undefined) return undefined;
  const roles = scope.kind === 'unscoped' ? [] : await effectiveRoles(db, user.id, targetOf(scope));
  if (scope.kind !== 'unscoped' && roles.length === 0) return undefined;
  return {
    user: { id: user.id, name: user.name, domain: { id: user.domain_id, name: user.domain_name } },
    scope,
    roles: roles.map(({ id, name }) => ({ id, name })),
    methods: claims.methods,
    auditIds: claims.auditIds,
    issuedAt: claims.issuedAt,
    expiresAt: claims.expiresAt,
  };
}

function targetOf(scope: Exclude<ScopeFacts, { kind: 'unscoped' }>): Target {
  switch (scope.kind) {
    case 'project':
      return { type: 'project', id: scope.project.id };
    case 'domain':
      return { type: 'domain', id: scope.domain.id };
    case 'system':
      return { type: 'system', id: 'all' };
  }
}

/** Undefined when the target is gone or switched off. */
async function findScope(db: IdentityDb, claim: ScopeClaim): Promise<ScopeFacts | undefined> {
  switch (claim.kind) {
    case 'unscoped':
    case 'system':
      return { kind: claim.kind };
    case 'domain': {
      const domain = await db
        .selectFrom('identity_domains')
        .select(['id', 'name'])
        .where('id', '=', claim.id)
        .where('enabled', '=', 1)
        .executeTakeFirst();
      return domain === undefined ? undefined : { kind: 'domain', domain };
    }
    case 'project': {
      const project = await db
        .selectFrom('identity_projects as project')
        .innerJoin('identity_domains as domain', 'domain.id', 'project.domain_id')
        .select(['project.id', 'project.name', 'domain.id as domain_id', 'domain.name as domain_name'])
        .where('project.id', '=', claim.id)
        .where('project.enabled', '=', 1)
        .where('domain.enabled', '=', 1)
        .executeTakeFirst();
      if (project === undefined) return undefined;
      const domain = { id: project.domain_id, name: project.domain_name };
      return { kind: 'project', project: { id: project.id, name: project.name, domain } };
    }
  }
}
