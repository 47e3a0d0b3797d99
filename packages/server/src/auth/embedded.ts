// Tokens of the identity service in this server.

import type { IncomingHttpHeaders } from 'node:http';
import type { RequestContext } from '../context.ts';
import type { TokenFacts } from '../identity/token-facts.ts';
import type { Standing } from '../policy/enforcer.ts';
import type { Credentials } from '../policy/evaluate.ts';
import { AuthenticationRequired, singleHeader, type Authenticator } from './authenticator.ts';

/** What the authenticator needs of the identity service. */
export interface TokenValidator {
  /** Undefined when the token is not good: not ours, expired, revoked, or its user has lost what it was for. */
  validate(token: string): Promise<TokenFacts | undefined>;
}

export class EmbeddedAuthenticator implements Authenticator {
  readonly #tokens: TokenValidator;
  readonly #standing: (credentials: Credentials) => Standing;
  readonly #identityUrl: (headers: IncomingHttpHeaders) => string;

  constructor(parts: {
    readonly tokens: TokenValidator;
    readonly standing: (credentials: Credentials) => Standing;
    /** Where the client of a request is told to get a token. */
    readonly identityUrl: (headers: IncomingHttpHeaders) => string;
  }) {
    this.#tokens = parts.tokens;
    this.#standing = parts.standing;
    this.#identityUrl = parts.identityUrl;
  }

  async authenticate(headers: IncomingHttpHeaders, requestId: string): Promise<RequestContext> {
    const token = singleHeader(headers, 'x-auth-token');
    const facts = token === undefined ? undefined : await this.#tokens.validate(token);
    if (facts === undefined) throw new AuthenticationRequired(this.#identityUrl(headers));
    const { scope } = facts;
    const caller = {
      userId: facts.user.id,
      userName: facts.user.name,
      projectId: scope.kind === 'project' ? scope.project.id : null,
      projectName: scope.kind === 'project' ? scope.project.name : null,
      domainId: scope.kind === 'domain' ? scope.domain.id : null,
      roles: facts.roles.map(({ name }) => name.toLowerCase()),
      systemScope: scope.kind === 'system' ? ('all' as const) : null,
    };
    const standing = this.#standing({
      user_id: caller.userId,
      project_id: caller.projectId,
      domain_id: caller.domainId,
      system_scope: caller.systemScope,
      roles: caller.roles,
    });
    return { requestId, ...caller, ...standing };
  }
}
