// The embedded identity service: what the HTTP routes and the authenticator work with.

import { Login } from './login.ts';
import type { IdentityStore } from './tables.ts';
import { Tokens } from './tokens.ts';

export interface IdentityService {
  readonly store: IdentityStore;
  readonly tokens: Tokens;
  readonly login: Login;
}

/** The service on a database that bootstrapIdentity has prepared. */
export async function openIdentity(parts: {
  readonly store: IdentityStore;
  readonly tokenLifetimeMs: number;
  readonly now: () => Date;
}): Promise<IdentityService> {
  const { store } = parts;
  const secret = await store.read((db) =>
    db.selectFrom('identity_secrets').select('value').where('name', '=', tokenKeyName).executeTakeFirst(),
  );
  if (secret === undefined) throw new Error('the identity tables hold no token key: bootstrapIdentity has not run');
  const tokens = new Tokens({
    store,
    key: Buffer.from(secret.value, 'base64'),
    lifetimeMs: parts.tokenLifetimeMs,
    now: parts.now,
  });
  return { store, tokens, login: new Login({ store, tokens }) };
}

export const tokenKeyName = 'token-key';
