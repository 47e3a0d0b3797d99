// Builds what `auth.mode` asks for: who tells the caller of a request, and what that puts on the server's port.

import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { BadConfiguration } from '../config/load.ts';
import type { ServerConfig } from '../config/server-settings.ts';
import { originOf } from '../http/origin.ts';
import { bootstrapIdentity } from '../identity/bootstrap.ts';
import { registerIdentity } from '../identity/identity-routes.ts';
import { openIdentity } from '../identity/identity-service.ts';
import { identityStore } from '../identity/identity-store.ts';
import type { Standing } from '../policy/enforcer.ts';
import type { Credentials } from '../policy/evaluate.ts';
import type { Store } from '../store/store.ts';
import type { Authenticator } from './authenticator.ts';
import { EmbeddedAuthenticator } from './embedded.ts';
import { NoAuthAuthenticator } from './noauth.ts';

export interface Authentication {
  readonly authenticator: Authenticator;
  /** Adds the routes that belong to it, if it has any. */
  register(app: FastifyInstance): void;
}

export interface AuthenticationParts {
  readonly config: Pick<ServerConfig, 'auth' | 'api'>;
  readonly store: Store;
  /** What policy says of a caller, whatever it asks for. */
  readonly standing: (credentials: Credentials) => Standing;
  readonly now: () => Date;
}

export async function openAuthentication(parts: AuthenticationParts): Promise<Authentication> {
  switch (parts.config.auth.mode) {
    case 'embedded':
      return openEmbedded(parts);
    case 'noauth':
      return { authenticator: new NoAuthAuthenticator(parts.standing), register: () => {} };
    case 'keystone':
      throw new BadConfiguration(['auth.mode: this version cannot use an OpenStack Keystone yet; choose embedded']);
  }
}

async function openEmbedded({ config, store, standing, now }: AuthenticationParts): Promise<Authentication> {
  const tables = identityStore(store);
  await bootstrapIdentity(tables, {
    adminPassword: await readSecret(config.auth.admin_password_file),
    demoPassword: await readSecret(config.auth.demo_password_file),
  });
  const identity = await openIdentity({ store: tables, tokenLifetimeMs: config.auth.token_lifetime * 1000, now });
  const publicUrl = config.api.public_url;
  return {
    authenticator: new EmbeddedAuthenticator({
      tokens: identity.tokens,
      standing,
      identityUrl: (headers) => `${originOf(headers, publicUrl)}/identity`,
    }),
    register: (app) => registerIdentity(app, { identity, publicUrl }),
  };
}

/** The file's text without the line end that editors add; null when there is no file to read. */
async function readSecret(path: string | null): Promise<string | null> {
  if (path === null) return null;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`reading the password in ${path}`, { cause });
  });
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '') throw new BadConfiguration([`${path}: the password is empty`]);
  return secret;
}
