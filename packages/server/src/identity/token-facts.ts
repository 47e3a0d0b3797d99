// What a good token says, with everything that can change after it was issued (names, roles) as it is now.

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface InDomain extends Named {
  readonly domain: Named;
}

export type ScopeFacts =
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly project: InDomain }
  | { readonly kind: 'domain'; readonly domain: Named }
  | { readonly kind: 'system' };

export interface TokenFacts {
  readonly user: InDomain;
  readonly scope: ScopeFacts;
  /** With those that others imply. */
  readonly roles: readonly Named[];
  readonly methods: readonly string[];
  /** This token's own, then that of the token that it was made from. */
  readonly auditIds: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}
