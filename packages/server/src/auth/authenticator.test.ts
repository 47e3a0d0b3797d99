import { describe, expect, it } from 'vitest';
import type { TokenFacts } from '../identity/token-facts.ts';
import type { Standing } from '../policy/enforcer.ts';
import type { Credentials } from '../policy/evaluate.ts';
import { EmbeddedAuthenticator } from './embedded.ts';
import { NoAuthAuthenticator } from './noauth.ts';

const standing = ({ roles }: Credentials): Standing => ({
  isAdmin: Array.isArray(roles) && roles.includes('admin'),
  isService: Array.isArray(roles) && roles.includes('service'),
});

const facts: TokenFacts = {
  user: { id: 'u', name: 'user', domain: { id: 'default', name: 'Default' } },
  scope: { kind: 'project', project: { id: 'p', name: 'project', domain: { id: 'default', name: 'Default' } } },
  roles: [
    { id: '1', name: 'Member' },
    { id: '2', name: 'reader' },
  ],
  methods: ['password'],
  auditIds: ['a'],
  issuedAt: new Date(0),
  expiresAt: new Date(1),
};

function embedded(known: Readonly<Record<string, TokenFacts>>): EmbeddedAuthenticator {
  return new EmbeddedAuthenticator({
    tokens: { validate: async (token) => known[token] },
    standing,
    identityUrl: ({ host }) => `http://${host}/identity`,
  });
}

describe('EmbeddedAuthenticator', () => {
  it.each<[string, TokenFacts['scope'], object]>([
    ['a project', facts.scope, { projectId: 'p', projectName: 'project', domainId: null, systemScope: null }],
    [
      'a domain',
      { kind: 'domain', domain: { id: 'd', name: 'D' } },
      { projectId: null, projectName: null, domainId: 'd', systemScope: null },
    ],
    ['the system', { kind: 'system' }, { projectId: null, projectName: null, domainId: null, systemScope: 'all' }],
    ['nothing', { kind: 'unscoped' }, { projectId: null, projectName: null, domainId: null, systemScope: null }],
  ])('knows the caller of a token for %s', async (_, scope, place) => {
    const context = await embedded({ good: { ...facts, scope } }).authenticate({ 'x-auth-token': 'good' }, 'req-1');
    expect(context).toEqual({
      requestId: 'req-1',
      userId: 'u',
      userName: 'user',
      roles: ['member', 'reader'],
      isAdmin: false,
      isService: false,
      ...place,
    });
  });

  it('asks policy who is an administrator', async () => {
    const admin = { ...facts, roles: [{ id: '0', name: 'admin' }] };
    expect(await embedded({ good: admin }).authenticate({ 'x-auth-token': 'good' }, 'r')).toMatchObject({
      isAdmin: true,
      isService: false,
    });
  });

  it.each([{}, { 'x-auth-token': '' }, { 'x-auth-token': 'bad' }])(
    'refuses %j as Keystone middleware does',
    async (headers) => {
      const refusal = embedded({ good: facts }).authenticate({ ...headers, host: 'h:1' }, 'r');
      await expect(refusal).rejects.toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Keystone uri="http://h:1/identity"' },
      });
      const error: unknown = await refusal.catch((reason: unknown) => reason);
      expect(error).toHaveProperty('message', 'The request you have made requires authentication.');
    },
  );
});

describe('NoAuthAuthenticator', () => {
  const noauth = new NoAuthAuthenticator(standing);

  it('believes the headers', async () => {
    const headers = {
      'x-user-id': 'u',
      'x-user-name': 'U',
      'x-project-id': 'p',
      'x-project-name': 'P',
      'x-roles': 'Admin, member,,reader',
    };
    expect(await noauth.authenticate(headers, 'r')).toMatchObject({
      userId: 'u',
      userName: 'U',
      projectId: 'p',
      projectName: 'P',
      roles: ['admin', 'member', 'reader'],
      isAdmin: true,
      isService: false,
    });
  });

  it('wants a user at least', async () => {
    await expect(noauth.authenticate({ 'x-project-id': 'p' }, 'r')).rejects.toMatchObject({ status: 401 });
  });
});
