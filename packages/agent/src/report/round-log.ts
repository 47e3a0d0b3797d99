// What the log says of rounds: what was done, and what could not be done, once for as long as it stays the same.

import type { Logger } from 'pino';
import type { PlannedHost } from '#plan/planner';
import type { RoundEnd } from '#reconcile/reconciler';
import type { ReportedPort } from './port-states.ts';

export class RoundLog {
  readonly #log: Logger;
  #failing = new Set<string>();
  /** Why each port is silent whose device is there. */
  #silent = new Map<string, string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  write({ outcome, triggers, tookMs }: RoundEnd<unknown>, revision: number): void {
    const failing = new Set<string>();
    for (const { what, error } of outcome.failures) {
      const text = `${what}: ${error.message}`;
      failing.add(text);
      if (!this.#failing.has(text)) this.#log.error({ err: error, revision }, what);
    }
    if (this.#failing.size > 0 && failing.size === 0) this.#log.info({ revision }, 'everything is as planned again');
    this.#failing = failing;
    for (const [stage, count] of outcome.drift) {
      this.#log.warn({ stage, count }, 'repaired what something else had changed on this host');
    }
    const facts = { revision, steps: outcome.steps, ms: Math.round(tookMs), triggers };
    if (outcome.steps > 0) this.#log.info(facts, 'brought the host to the plan');
    else this.#log.debug(facts, 'the host is as planned');
  }

  /** Says of each port whose device is there why it forwards nothing, and that it does so again. */
  writePorts({ inventory }: Pick<PlannedHost, 'inventory'>, ports: readonly ReportedPort[]): void {
    const silent = new Map<string, string>();
    for (const { id, state, why } of ports) {
      if (state === 'wired' || !inventory.plugged.has(id)) {
        if (state === 'wired' && this.#silent.has(id)) this.#log.info({ port: id }, 'the port forwards again');
        continue;
      }
      silent.set(id, why);
      if (this.#silent.get(id) !== why) this.#log.warn({ port: id, state, why }, 'the port forwards nothing');
    }
    this.#silent = silent;
  }
}
