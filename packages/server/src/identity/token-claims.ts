// A token is a JWT (RFC 7519) signed with a key that all servers of one database share. It says who, for what and
// until when; what that is worth now is looked up when it is used.

import { errors, jwtVerify, SignJWT } from 'jose';

export type ScopeClaim =
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly id: string }
  | { readonly kind: 'domain'; readonly id: string }
  | { readonly kind: 'system' };

export interface TokenClaims {
  readonly userId: string;
  /** The user's credential_version when the token was issued. */
  readonly credentialVersion: number;
  readonly scope: ScopeClaim;
  readonly methods: readonly string[];
  readonly auditIds: readonly string[];
  readonly issuedAt: Date;
  /** Whole seconds. */
  readonly expiresAt: Date;
}

const algorithm = 'HS256';
const issuer = 'neutronium';

export async function signToken(claims: TokenClaims, key: Uint8Array): Promise<string> {
  return new SignJWT({
    ver: claims.credentialVersion,
    scp: claims.scope,
    amr: claims.methods,
    aud_ids: claims.auditIds,
    at: claims.issuedAt.getTime(),
  })
    .setProtectedHeader({ alg: algorithm })
    .setIssuer(issuer)
    .setSubject(claims.userId)
    .setExpirationTime(Math.floor(claims.expiresAt.getTime() / 1000))
    .sign(key);
}

/** The claims of a token that we signed and that has not expired at `now`; undefined for any other text. */
export async function verifyToken(token: string, key: Uint8Array, now: Date): Promise<TokenClaims | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: [algorithm], issuer, currentDate: now });
    // The signature says that signToken wrote the payload.
    const { sub, exp, ver, scp, amr, aud_ids, at } = payload as unknown as SignedPayload;
    return {
      userId: sub,
      credentialVersion: ver,
      scope: scp,
      methods: amr,
      auditIds: aud_ids,
      issuedAt: new Date(at),
      expiresAt: new Date(exp * 1000),
    };
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

interface SignedPayload {
  readonly sub: string;
  readonly exp: number;
  readonly ver: number;
  readonly scp: ScopeClaim;
  readonly amr: readonly string[];
  readonly aud_ids: readonly string[];
  readonly at: number;
}
