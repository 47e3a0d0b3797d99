// The agent's one loop. Rounds run one after another, each with the newest plan there is when it starts, so an older
// plan can never override a newer one. It touches nothing while there is no plan: the agent has not yet heard from
// the server what the host should look like.

import { Backoff } from '#effects/backoff';
import type { Clock } from '#effects/clock';
import { inspect, isAsPlanned, type Inspection, type Repair } from './inspect.ts';
import { runRound } from './round.ts';
import type { RoundOutcome } from './round.ts';
import type { Look, Stage } from './stage.ts';

/**
 * Why a round is wanted: something new is to be done, a program of ours has ended, something else that should be there
 * has gone, it is time to look at everything, or the last round failed. What is new can be done from memory, and so can
 * what has ended: the target that started it knows what it does not know any more.
 */
export type Trigger = 'view' | 'inventory' | 'ended' | 'lost' | 'period' | 'retry';

export interface RoundEnd<Plan> {
  readonly plan: Plan;
  readonly outcome: RoundOutcome;
  readonly triggers: readonly Trigger[];
  readonly tookMs: number;
}

export interface ReconcilerParts<Plan> {
  readonly stages: readonly Stage<Plan>[];
  /** The newest plan; null while the host must not be touched. */
  readonly plan: () => Plan | null;
  readonly onBegin: (plan: Plan) => void;
  /** A round came to its end, well or not. One that was aborted does not. */
  readonly onEnd: (end: RoundEnd<Plan>) => void;
  /** A plan could not be made: our own mistake, or a view that no host can carry out. */
  readonly onPlanFailed: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: () => number;
  /** Time between two full looks at the host. */
  readonly verifyEveryMs: number;
  /** The pauses before a round that failed is run again. */
  readonly retry: { readonly firstMs: number; readonly lastMs: number };
}

/** What a round has made, such as a device, may be what the next one needs. */
const roundsOfRepair = 5;

export class Reconciler<Plan> {
  readonly #parts: ReconcilerParts<Plan>;
  #triggers = new Set<Trigger>();
  #wake: (() => void) | null = null;
  /** Resolves when what has the host to itself is over. */
  #turn: Promise<void> = Promise.resolve();
  readonly #backoff: Backoff;
  #verifyAtMs = 0;
  #retryAtMs = Number.POSITIVE_INFINITY;

  constructor(parts: ReconcilerParts<Plan>) {
    this.#parts = parts;
    this.#backoff = new Backoff({ ...parts.retry, fraction: parts.random });
  }

  /** Asks for a round as soon as the one that runs is over. Many requests become one round. */
  request(trigger: Trigger): void {
    this.#triggers.add(trigger);
    this.#wake?.();
  }

  /** Runs until `signal` is aborted; what is on the host then stays as it is. */
  async run(signal: AbortSignal): Promise<void> {
    // What cannot be looked at now is looked at, and complained about, by the first round.
    await this.#alone(() => Promise.allSettled(this.#parts.stages.map((stage) => stage.begin(signal))));
    this.#verifyAtMs = this.#parts.clock.monotonicMs() + this.#parts.verifyEveryMs;
    while (!signal.aborted) {
      await this.#untilWanted(signal);
      if (signal.aborted) return;
      await this.#alone(() => this.#round(signal));
    }
  }

  /** Looks at everything between two rounds and changes nothing; null while there is no plan. */
  async inspect(signal: AbortSignal): Promise<Inspection<Plan> | null> {
    return await this.#alone(async () => {
      const plan = this.#parts.plan();
      return plan === null ? null : await inspect(plan, this.#parts.stages, signal);
    });
  }

  /** Looks at everything, puts right what is not as planned, and looks again; null while there is no plan. */
  async repair(signal: AbortSignal): Promise<Repair<Plan> | null> {
    return await this.#alone(async () => {
      const plan = this.#parts.plan();
      if (plan === null) return null;
      const found = await inspect(plan, this.#parts.stages, signal);
      let left = found;
      for (let round = 0; round < roundsOfRepair && !isAsPlanned(left); round += 1) {
        this.#triggers.add('lost');
        await this.#round(signal);
        left = await inspect(this.#parts.plan() ?? plan, this.#parts.stages, signal);
      }
      return { found, left };
    });
  }

  /** Runs `work` once what was there before it is over. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { clock, stages, verifyEveryMs } = this.#parts;
    const triggers = [...this.#triggers];
    this.#triggers.clear();
    const look = lookFor(triggers);

    const beganMs = clock.monotonicMs();
    let plan: Plan | null;
    let outcome: RoundOutcome | null = null;
    try {
      plan = this.#parts.plan();
      if (plan !== null) {
        this.#parts.onBegin(plan);
        outcome = await runRound({ plan, stages, look, signal });
      }
    } catch (error) {
      this.#parts.onPlanFailed(error);
      this.#scheduleRetry();
      return;
    }
    if (look !== 'recall') this.#verifyAtMs = clock.monotonicMs() + verifyEveryMs;
    if (plan === null || outcome === null || outcome.aborted) return;

    if (outcome.failures.length === 0) {
      this.#backoff.reset();
      this.#retryAtMs = Number.POSITIVE_INFINITY;
    } else {
      this.#scheduleRetry();
    }
    this.#parts.onEnd({ plan, outcome, triggers, tookMs: clock.monotonicMs() - beganMs });
  }

  /** Looks at what takes long while rounds go on, and asks for the round that acts upon it. */
  async #refresh(signal: AbortSignal): Promise<void> {
    // What could not be refreshed will be found out by the round.
    await Promise.allSettled(this.#parts.stages.map((stage) => stage.refresh(signal)));
    this.request('period');
  }

  #scheduleRetry(): void {
    this.#retryAtMs = this.#parts.clock.monotonicMs() + this.#backoff.nextMs();
  }

  async #untilWanted(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (this.#triggers.size === 0 && !signal.aborted) {
      const now = clock.monotonicMs();
      if (now >= this.#retryAtMs) {
        this.#retryAtMs = Number.POSITIVE_INFINITY;
        this.#triggers.add('retry');
      } else if (now >= this.#verifyAtMs) {
        // Not again before this one is over: then a round begins, and with its end a new period.
        this.#verifyAtMs = Number.POSITIVE_INFINITY;
        void this.#refresh(signal);
      } else {
        await this.#untilWokenOr(Math.min(this.#retryAtMs, this.#verifyAtMs) - now, signal);
      }
    }
  }

  #untilWokenOr(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer?.[Symbol.dispose]();
        signal.removeEventListener('abort', wake);
        this.#wake = null;
        resolve();
      };
      // With nothing to wait for in time, only a request wakes.
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : this.#parts.clock.after(ms, wake);
      signal.addEventListener('abort', wake, { once: true });
      this.#wake = wake;
    });
  }
}

function lookFor(triggers: readonly Trigger[]): Look {
  if (triggers.includes('lost') || triggers.includes('retry')) return 'verify';
  return triggers.includes('period') ? 'refreshed' : 'recall';
}
