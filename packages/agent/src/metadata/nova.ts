// Where Nova's metadata service is, and by what we and it know each other.

import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';

export interface NovaEndpoint {
  readonly host: string;
  readonly port: number;
  /** Null where it is spoken to in the clear. */
  readonly tls: NovaTls | null;
}

/** All certificates and keys are PEM (RFC 7468). */
export interface NovaTls {
  /** The authorities whose word counts for Nova's certificate; null for those that Node.js comes with. */
  readonly authorities: string | null;
  /** What we show when Nova asks who we are. */
  readonly client: { readonly certificate: string; readonly key: string } | null;
  /** Whether Nova's certificate is looked at. Otherwise whoever answers is taken for Nova. */
  readonly verifies: boolean;
}

/** Makes connections to Nova, at most so many at a time. None is kept: Nova may end it as the next request is sent. */
export function connectionsTo({ tls }: NovaEndpoint, most: number): Agent {
  const options = { keepAlive: false, maxSockets: most };
  if (tls === null) return new Agent(options);
  return new TlsAgent({
    ...options,
    rejectUnauthorized: tls.verifies,
    ...(tls.authorities !== null && { ca: tls.authorities }),
    ...(tls.client !== null && { cert: tls.client.certificate, key: tls.client.key }),
  });
}
