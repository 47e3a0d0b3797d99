// Who is asking? One implementation for each `auth.mode`; the rest of the server knows only this interface.

import type { IncomingHttpHeaders } from 'node:http';
import type { RequestContext } from '../context.ts';

export interface Authenticator {
  /** The caller of the request, or AuthenticationRequired. */
  authenticate(headers: IncomingHttpHeaders, requestId: string): Promise<RequestContext>;
}

/** The request carries no token, or one that is not good. Answered in the words of Keystone's middleware. */
export class AuthenticationRequired extends Error {
  override readonly name = 'AuthenticationRequired';
  readonly status = 401;
  readonly headers: Readonly<Record<string, string>>;

  /** `identityUrl` is where the client is told to get a token. */
  constructor(identityUrl: string) {
    super('The request you have made requires authentication.');
    this.headers = { 'www-authenticate': `Keystone uri="${identityUrl}"` };
  }

  body(): { readonly error: { readonly code: number; readonly title: string; readonly message: string } } {
    return { error: { code: this.status, title: 'Unauthorized', message: this.message } };
  }
}

/** The value of a header that must not come twice; undefined when it did not come. */
export function singleHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
