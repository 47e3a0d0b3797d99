// Keeps the change log from growing for ever: on a round of its own, what the operator does not want to keep goes.

import { randomUUID } from 'node:crypto';
import { cutLog } from '../store/log-retention.ts';
import type { Store } from '../store/store.ts';

/** As the settings say it; null for no limit. */
export interface HistorySettings {
  /** Seconds. */
  readonly max_age: number | null;
  readonly max_entries: number | null;
}

const roundMs = 10 * 60_000;

/** Twice as many as a host is spared a snapshot for. */
const entriesAlwaysKept = 10_000;

export interface LogKeeperParts {
  readonly store: Store;
  readonly now: () => Date;
  readonly history: HistorySettings;
  readonly onProblem: (error: unknown) => void;
  /** Of entries; more than a test wants to write. */
  readonly alwaysKept?: number;
}

export class LogKeeper {
  readonly #parts: LogKeeperParts;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;

  constructor(parts: LogKeeperParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.look(), roundMs);
    this.#timer.unref();
  }

  /** Cuts what is not to be kept; resolves when that is done. */
  look(): Promise<void> {
    this.#round ??= this.#cut().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  async #cut(): Promise<void> {
    const { store, now, history, onProblem, alwaysKept = entriesAlwaysKept } = this.#parts;
    const { max_age, max_entries } = history;
    const oldest = max_age === null ? null : new Date(now().getTime() - max_age * 1000);
    try {
      await cutLog(store, `req-${randomUUID()}`, {
        oldest: oldest === null ? null : oldest.toISOString().replace(/\.\d+Z$/, 'Z'),
        atMost: max_entries,
        atLeast: alwaysKept,
      });
    } catch (cause) {
      // The next round tries again.
      onProblem(new Error('cutting the change log', { cause }));
    }
  }
}
