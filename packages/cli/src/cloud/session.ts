// A small client of the OpenStack APIs: a Keystone v3 token (Identity API v3: password authentication with project
// scope), the Networking endpoint from its catalog, and requests to it.

import type { Credentials } from './credentials.ts';

/** The API answered with an error. The message is what the API said. */
export class ApiRefused extends Error {
  readonly status: number;
  /** NeutronError's type; empty where the error has none. */
  readonly type: string;

  constructor(parts: {
    readonly what: string;
    readonly status: number;
    readonly type: string;
    readonly message: string;
  }) {
    super(`${parts.what}: ${parts.message} (${parts.status}${parts.type === '' ? '' : ` ${parts.type}`})`);
    this.name = 'ApiRefused';
    this.status = parts.status;
    this.type = parts.type;
  }
}

export class Session {
  readonly #token: string;
  readonly #network: string;

  private constructor(parts: { readonly token: string; readonly network: string }) {
    this.#token = parts.token;
    this.#network = parts.network;
  }

  /** Logs in. */
  static async open(credentials: Credentials): Promise<Session> {
    const { authUrl, username, password, userDomain, project, projectDomain } = credentials;
    const user = { name: username, password, domain: { name: userDomain } };
    const body = {
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: project, domain: { name: projectDomain } } },
      },
    };
    const base = authUrl.replace(/\/+$/, '');
    const url = `${base.endsWith('/v3') ? base : `${base}/v3`}/auth/tokens`;
    const what = `logging in as ${username} at ${authUrl}`;
    const response = await ask(what, url, { method: 'POST', headers: jsonHeaders, body: JSON.stringify(body) });
    const token = response.headers.get('x-subject-token');
    const network = publicEndpoint(await response.json(), 'network');
    if (token === null) throw new Error(`${what}: the answer holds no token`);
    if (network === undefined) throw new Error(`${what}: the catalog has no network service`);
    return new Session({ token, network: `${network.replace(/\/+$/, '').replace(/\/v2\.0$/, '')}/v2.0` });
  }

  /** A request to the Networking API; `path` begins with a slash and leaves out /v2.0. Gives the answer's body. */
  async request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const response = await ask(`${method} ${path}`, `${this.#network}${path}`, {
      method,
      headers: { ...jsonHeaders, 'x-auth-token': this.#token },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return text === '' ? null : JSON.parse(text);
  }

  /** A GET whose answer is read as it comes; `signal` ends it. The path is as for `request`. */
  async open(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    const url = `${this.#network}${path}`;
    return await ask(`GET ${path}`, url, { headers: { ...headers, 'x-auth-token': this.#token }, signal });
  }
}

const jsonHeaders = { 'content-type': 'application/json', accept: 'application/json' } as const;

async function ask(what: string, url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    throw new Error(`${what}: nothing answers at ${new URL(url).origin}; does \`neutronium up\` run?`, { cause });
  }
  if (response.ok) return response;
  const { message, type } = errorOf(await response.text());
  throw new ApiRefused({ what, status: response.status, type, message });
}

/** What an error's body says, in Neutron's form, in Keystone's, or in none. */
function errorOf(text: string): { readonly message: string; readonly type: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { message: text.slice(0, 200), type: '' };
  }
  const error = member(body, 'NeutronError') ?? member(body, 'error');
  const [message, type] = [member(error, 'message') ?? error, member(error, 'type')];
  return {
    message: typeof message === 'string' ? message : text.slice(0, 200),
    type: typeof type === 'string' ? type : '',
  };
}

function publicEndpoint(body: unknown, type: string): string | undefined {
  for (const service of list(member(member(body, 'token'), 'catalog'))) {
    if (member(service, 'type') !== type) continue;
    for (const endpoint of list(member(service, 'endpoints'))) {
      const url = member(endpoint, 'url');
      if (member(endpoint, 'interface') === 'public' && typeof url === 'string') return url;
    }
  }
  return undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
