// Believes what the headers say. For tests and for driving the API side by side with another one; whoever reaches the
// port is whoever it claims to be.

import type { IncomingHttpHeaders } from 'node:http';
import type { RequestContext } from '../context.ts';
import type { Credentials } from '../policy/evaluate.ts';
import { AuthenticationRequired, singleHeader, type Authenticator } from './authenticator.ts';

export class NoAuthAuthenticator implements Authenticator {
  readonly #isAdmin: (credentials: Credentials) => boolean;

  constructor(isAdmin: (credentials: Credentials) => boolean) {
    this.#isAdmin = isAdmin;
  }

  async authenticate(headers: IncomingHttpHeaders, requestId: string): Promise<RequestContext> {
    const userId = singleHeader(headers, 'x-user-id');
    const projectId = singleHeader(headers, 'x-project-id') ?? singleHeader(headers, 'x-tenant-id') ?? null;
    if (userId === undefined) throw new AuthenticationRequired('noauth');
    const roles = (singleHeader(headers, 'x-roles') ?? '')
      .split(',')
      .map((role) => role.trim().toLowerCase())
      .filter((role) => role !== '');
    return {
      requestId,
      userId,
      projectId,
      domainId: null,
      roles,
      isAdmin: this.#isAdmin({ user_id: userId, project_id: projectId, roles }),
      systemScope: null,
    };
  }
}
