// Work that hosts hand in by bits and the store takes in batches: what comes while one batch is written goes into the
// next, and what could not be written for now is tried again.

import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable } from '../store/store.ts';

/** Pause before a batch that the store could not take is tried again. */
const retryPauseMs = 500;

export interface BatchParts<T> {
  /** Later bits of the same name replace earlier ones that have not been written yet. */
  readonly nameOf: (bit: T) => string;
  readonly write: (bits: readonly T[]) => Promise<void>;
  /** Most bits in one batch, so that no transaction holds up requests for long. */
  readonly maxBits: number;
  /** How long the first bit waits for others. */
  readonly waitMs: number;
  /** Told of bits that were given up because of anything but an unavailable store. */
  readonly onProblem: (error: unknown) => void;
}

export class Batch<T> {
  readonly #parts: BatchParts<T>;
  readonly #waiting = new Map<string, T>();
  #running: Promise<void> | undefined;
  readonly #stopping = new AbortController();

  constructor(parts: BatchParts<T>) {
    this.#parts = parts;
  }

  add(bit: T): void {
    if (this.#stopping.signal.aborted) return;
    const name = this.#parts.nameOf(bit);
    // A bit that replaces another takes its place at the end: order among different names does not matter.
    this.#waiting.delete(name);
    this.#waiting.set(name, bit);
    this.#running ??= this.#run();
  }

  /** Writes what waits, if the store takes it, and takes nothing more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    await this.#pause(this.#parts.waitMs);
    while (this.#waiting.size > 0) {
      const taken = [...this.#waiting].slice(0, this.#parts.maxBits);
      for (const [name] of taken) this.#waiting.delete(name);
      try {
        await this.#parts.write(taken.map(([, bit]) => bit));
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) {
          this.#parts.onProblem(error);
          continue;
        }
        if (this.#stopping.signal.aborted) break;
        // What came meanwhile is newer and stays.
        for (const [name, bit] of taken) if (!this.#waiting.has(name)) this.#waiting.set(name, bit);
        await this.#pause(retryPauseMs);
      }
    }
    this.#running = undefined;
  }

  async #pause(ms: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
