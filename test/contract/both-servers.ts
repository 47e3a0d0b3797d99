// Our server and the real Neutron 21, beside the same hosts.

import { ServerProcess } from '@neutronium/testkit/server-process';
import { expect, vi } from 'vitest';
import { connectAgents } from './agents.ts';
import { compare, type Comparison } from './compare.ts';
import { ReferenceNeutron } from './reference.ts';
import { comparedSettings } from './settings.ts';
import type { Setup } from './setups.ts';
import { Side, type Step } from './step.ts';

export class BothServers implements AsyncDisposable {
  readonly #setup: Setup;
  readonly #urls: readonly [string, string];
  readonly #ends: AsyncDisposableStack;
  #runs = 0;

  private constructor(parts: { setup: Setup; urls: readonly [string, string]; ends: AsyncDisposableStack }) {
    this.#setup = parts.setup;
    this.#urls = parts.urls;
    this.#ends = parts.ends;
  }

  static async start(setup: Setup): Promise<BothServers> {
    await using ends = new AsyncDisposableStack();
    const [ours, theirs] = await Promise.all([
      ServerProcess.start({ settings: comparedSettings }),
      ReferenceNeutron.start(setup.agents),
    ]);
    ends.use(theirs);
    ends.use(ours);
    ends.use(await connectAgents(ours.url, setup.agents));
    // What an agent says of itself is written down some time after it is heard.
    const side = new Side(ours.url, 'beginning');
    await vi.waitFor(
      async () => {
        const { body } = await side.send({ as: 'admin', method: 'GET', path: '/v2.0/agents?fields=id' });
        const agents = Object.values(setup.agents).flat();
        expect(body).toMatchObject({ agents: agents.map(() => ({})) });
      },
      { timeout: 60_000, interval: 50 },
    );
    return new BothServers({ setup, urls: [ours.url, theirs.url], ends: ends.move() });
  }

  /** Asks both the same, in projects of its own, and takes away what would be in the way of the next sequence. */
  async compare(steps: readonly Step[]): Promise<Comparison> {
    this.#runs += 1;
    const run = `run${this.#runs}`;
    const [ours, theirs] = this.#urls;
    const sides = [new Side(ours, run), new Side(theirs, run)] as const;
    const comparison = await compare(steps, ...sides);
    await Promise.all(sides.map((side) => this.#setup.clear(side)));
    return comparison;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ends.disposeAsync();
  }
}
