// What the log says of rounds: what was done, and what could not be done, once for as long as it stays the same.

import type { Logger } from 'pino';
import type { RoundEnd } from '#reconcile/reconciler';

export class RoundLog {
  readonly #log: Logger;
  #failing = new Set<string>();

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
}
