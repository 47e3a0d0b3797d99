// Believes what the headers say. For tests and for driving the API side by side with another one; whoever reaches the
// port is whoever it claims to be.

import type { IncomingHttpHeaders } from 'node:http';
import type { RequestContext } from '../context.ts';
import type { Standing } from '../policy/enforcer.ts';
import type { Credentials } from '../policy/evaluate.ts';
import { AuthenticationRequired, singleHeader, type Authenticator } from './authenticator.ts';

export class NoAuthAuthenticator implements Authenticator {
  readonly #standing: (credentials: Credentials) => Standing;

  constructor(standing: (credentials: Credentials) => Standing) {
    this.#standing = standing;
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
      userName: singleHeader(headers, 'x-user-name') ?? null,
      projectId,
      projectName: singleHeader(headers, 'x-project-name') ?? null,
      domainId: null,
      roles,
      ...this.#standing({ user_id: userId, project_id: projectId, roles }),
      systemScope: null,
    };
  }
}
