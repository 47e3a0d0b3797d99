// What a caller of the identity API may do. As in Keystone, whoever has the role admin anywhere may do everything, and
// a reader of the system may see everything; everyone may see themselves and what their own token is about.

import { forbidden } from './identity-error.ts';
import type { TokenFacts } from './token-facts.ts';

export function isAdmin({ roles }: TokenFacts): boolean {
  return roles.some(({ name }) => name.toLowerCase() === 'admin');
}

function readsAll(caller: TokenFacts): boolean {
  return (
    isAdmin(caller) ||
    (caller.scope.kind === 'system' && caller.roles.some(({ name }) => name.toLowerCase() === 'reader'))
  );
}

export function requireAdmin(caller: TokenFacts, action: string): void {
  if (!isAdmin(caller)) throw forbidden(action);
}

/** `own` says that the caller asks about what is its own. */
export function requireReader(caller: TokenFacts, action: string, own = false): void {
  if (!own && !readsAll(caller)) throw forbidden(action);
}

/** Whether the domain is one that the caller's token mentions. */
export function mentionsDomain({ user, scope }: TokenFacts, domainId: string): boolean {
  return (
    user.domain.id === domainId ||
    (scope.kind === 'domain' && scope.domain.id === domainId) ||
    (scope.kind === 'project' && scope.project.domain.id === domainId)
  );
}

/** Services look into everyone's tokens; everyone else into their own. */
export function forbiddenUnlessOwnToken(caller: TokenFacts, subject: TokenFacts, action: string): void {
  const isService = caller.roles.some(({ name }) => name.toLowerCase() === 'service');
  if (!isService && caller.user.id !== subject.user.id) requireReader(caller, action);
}
