// The API of a lab, asked from the machine that the lab runs on: by the door of the controller, as a user of its own
// identity service.

import { request } from 'node:http';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One request through a UNIX socket; any status is an answer. */
export async function ask(socketPath: string, { method, path, body, headers }: ApiRequest): Promise<ApiAnswer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
  const json = payload === undefined ? {} : { 'content-type': 'application/json' };
  const outgoing = request(
    { socketPath, method, path, headers: { host: '127.0.0.1', ...json, ...headers } },
    (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      incoming.on('error', reject).on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          // Every answer of the API that has a body is a JSON object.
          body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
        }),
      );
    },
  );
  outgoing.on('error', reject).end(payload);
  return await promise;
}

export interface LabUser {
  readonly username: string;
  readonly password: string;
  readonly project: string;
}

export class LabApi {
  readonly #door: string;
  readonly #user: LabUser;
  #login: { readonly token: string; readonly projectId: string } | undefined;

  constructor(door: string, user: LabUser) {
    this.#door = door;
    this.#user = user;
  }

  /** A request to the Networking API; `path` leaves out /v2.0. Any status is an answer. */
  async request(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const headers = { 'x-auth-token': (await this.#authenticated()).token };
    return await ask(this.#door, { method, path: `/v2.0${path}`, body, headers });
  }

  /** A request to the Identity API; `path` leaves out /identity/v3. Any status is an answer. */
  async identity(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const headers = { 'x-auth-token': (await this.#authenticated()).token };
    return await ask(this.#door, { method, path: `/identity/v3${path}`, body, headers });
  }

  /** What is in the answer; throws unless it is a success. `T` is the caller's word for it. */
  async expect<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    // An answer of the Networking API holds one thing under the name of its kind.
    return Object.values(answer.body)[0] as T;
  }

  /** The project that the user works in. */
  async projectId(): Promise<string> {
    return (await this.#authenticated()).projectId;
  }

  async #authenticated(): Promise<{ readonly token: string; readonly projectId: string }> {
    if (this.#login !== undefined) return this.#login;
    const { username, password, project } = this.#user;
    const domain = { name: 'Default' };
    const answer = await ask(this.#door, {
      method: 'POST',
      path: '/identity/v3/auth/tokens',
      body: {
        auth: {
          identity: { methods: ['password'], password: { user: { name: username, domain, password } } },
          scope: { project: { name: project, domain } },
        },
      },
    });
    const token = answer.headers['x-subject-token'];
    if (typeof token !== 'string') throw new Error(`logging in as ${username}: ${answer.status}`);
    // What a token of the Identity API with a project's scope says (Identity API v3, POST /v3/auth/tokens).
    const { project: scope } = answer.body['token'] as { readonly project: { readonly id: string } };
    this.#login = { token, projectId: scope.id };
    return this.#login;
  }
}
