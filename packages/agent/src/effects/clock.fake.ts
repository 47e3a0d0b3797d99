import type { Clock } from './clock.ts';

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  #elapsedMs = 0;
  readonly #startMs: number;
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>();

  constructor(start = '2026-01-01T00:00:00Z') {
    this.#startMs = Date.parse(start);
  }

  now(): Date {
    return new Date(this.#startMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): Disposable {
    // Node fires a timer that it cannot count to after one millisecond.
    if (!(delayMs <= 2 ** 31 - 1)) throw new RangeError(`no timer counts to ${delayMs} ms`);
    const timer = { atMs: this.#elapsedMs + delayMs, callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** How many callbacks are still to come. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on and calls what falls due, in order of time, each seeing the time that it was set for. */
  advance(byMs: number): void {
    const endMs = this.#elapsedMs + byMs;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.#elapsedMs = Math.max(this.#elapsedMs, due.atMs);
      due.callback();
    }
    this.#elapsedMs = endMs;
  }

  /** Moves time on to the next callback and calls it; false when none is set. */
  advanceToNext(): boolean {
    const next = Math.min(...[...this.#timers].map((timer) => timer.atMs));
    if (next === Infinity) return false;
    this.advance(Math.max(0, next - this.#elapsedMs));
    return true;
  }
}
