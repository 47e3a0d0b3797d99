import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Credentials } from './credentials.ts';
import { deletePort, findNetwork, showPort } from './networking.ts';
import { Session } from './session.ts';

/** What Keystone and Neutron answer, by `METHOD path`; anything else is not found. */
let answers: Record<string, { readonly status: number; readonly body: unknown }>;
let asked: string[];
let server: Server;
let credentials: Credentials;

beforeAll(async () => {
  server = createServer((request, response) => {
    const key = `${request.method} ${request.url}`;
    asked.push([key, request.headers['x-auth-token'] ?? []].flat().join(' '));
    const answer = answers[key] ?? {
      status: 404,
      body: { NeutronError: { type: 'NotFound', message: 'not here', detail: '' } },
    };
    response.writeHead(answer.status, { 'content-type': 'application/json', 'x-subject-token': 'ticket' });
    response.end(answer.body === null ? '' : JSON.stringify(answer.body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
});
beforeEach(() => {
  const address = server.address();
  const origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
  credentials = {
    cloud: null,
    authUrl: `${origin}/identity`,
    username: 'u',
    password: 'p',
    userDomain: 'Default',
    project: 'x',
    projectDomain: 'Default',
  };
  const endpoints = [
    { interface: 'admin', url: 'http://elsewhere' },
    { interface: 'public', url: `${origin}/` },
  ];
  const token = {
    catalog: [
      { type: 'identity', endpoints: [] },
      { type: 'network', endpoints },
    ],
  };
  answers = { 'POST /identity/v3/auth/tokens': { status: 201, body: { token } } };
  asked = [];
});

describe('a session', () => {
  it('finds the Networking API in the catalog and shows its token there', async () => {
    const session = await Session.open(credentials);
    answers['GET /v2.0/ports/1'] = { status: 200, body: { port: { id: '1' } } };
    expect(await showPort(session, '1')).toEqual({ id: '1' });
    expect(asked).toEqual(['POST /identity/v3/auth/tokens', 'GET /v2.0/ports/1 ticket']);
  });

  it('says what the API said when it refuses', async () => {
    answers = {
      'POST /identity/v3/auth/tokens': { status: 401, body: { error: { message: 'who are you?', code: 401 } } },
    };
    await expect(Session.open(credentials)).rejects.toThrow('who are you? (401)');
  });

  it('takes a port that is gone for an answer', async () => {
    const session = await Session.open(credentials);
    expect(await showPort(session, 'gone')).toBeNull();
    await expect(deletePort(session, 'gone')).resolves.toBeUndefined();
  });

  it('finds a network by id before it looks for a name, and refuses a name that several have', async () => {
    const session = await Session.open(credentials);
    const list = (...networks: readonly object[]) => ({ status: 200, body: { networks } });
    answers['GET /v2.0/networks?id=a'] = list({ id: 'a' });
    answers['GET /v2.0/networks?id=b'] = list();
    answers['GET /v2.0/networks?name=b'] = list({ id: '1' }, { id: '2' });
    answers['GET /v2.0/networks?id=c'] = list();
    answers['GET /v2.0/networks?name=c'] = list();
    expect(await findNetwork(session, 'a')).toEqual({ id: 'a' });
    await expect(findNetwork(session, 'b')).rejects.toThrow('2 networks have the name b');
    await expect(findNetwork(session, 'c')).rejects.toThrow('there is no network c');
  });
});
