import type { CatalogEntry } from './catalog.ts';
import type { ScopeFacts, TokenFacts } from './token-facts.ts';

/** The body of an answer about a token (Identity API v3). Without a catalog the key is left out. */
export function renderToken(facts: TokenFacts, catalog: readonly CatalogEntry[] | undefined): object {
  return {
    token: {
      methods: facts.methods,
      user: { ...facts.user, password_expires_at: null },
      audit_ids: facts.auditIds,
      expires_at: microseconds(facts.expiresAt),
      issued_at: microseconds(facts.issuedAt),
      ...renderScope(facts.scope),
      ...(facts.scope.kind === 'unscoped' ? {} : { roles: facts.roles, ...(catalog === undefined ? {} : { catalog }) }),
    },
  };
}

function renderScope(scope: ScopeFacts): object {
  switch (scope.kind) {
    case 'unscoped':
      return {};
    case 'project':
      return { project: scope.project, is_domain: false };
    case 'domain':
      return { domain: scope.domain };
    case 'system':
      return { system: { all: true } };
  }
}

/** `2026-01-02T03:04:05.000000Z`: clients parse exactly six digits. */
function microseconds(date: Date): string {
  return date.toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');
}
