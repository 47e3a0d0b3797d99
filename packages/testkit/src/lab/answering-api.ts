// The API of a lab for tests that ask for whatever comes to mind: what it refuses has not happened, and what it cannot
// carry out ends the test.

import type { LabApi } from '@neutronium/cli/lab/api';

export class AnsweringApi {
  readonly #api: LabApi;
  /** Requests that the API has refused. */
  refused = 0;

  constructor(api: LabApi) {
    this.#api = api;
  }

  /** What the API has made; null where it refuses. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T | null> {
    const answer = await this.#api.request(method, path, body);
    // A host whose agent is dead gets no port, which is said with the status of a server's mistake.
    const isUnbindable = JSON.stringify(answer.body).includes('"PortBindingError"');
    if (answer.status >= 500 && !isUnbindable)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    if (answer.status >= 400) {
      this.refused += 1;
      return null;
    }
    // An answer of the Networking API holds one thing under the name of its kind.
    return (Object.values(answer.body)[0] ?? {}) as T;
  }
}
