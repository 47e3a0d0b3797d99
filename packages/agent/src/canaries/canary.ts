// Notices that somebody has emptied what we fill, long before the next full look at it: one thing that is always there is
// asked for every now and then, and when it is gone, so is probably everything else.

import type { Clock } from '#effects/clock';

/** How often Neutron's agent looks (polling_interval). */
const periodMs = 2_000;

export interface CanaryParts {
  readonly clock: Clock;
  /** Whether our things are believed to be there; where they are not, there is nothing to miss. */
  readonly believed: () => boolean;
  /** Whether what is always there is there; true also where nobody can say now. */
  readonly alive: () => Promise<boolean>;
  /** Called when it is missed; it is for the caller to stop believing. */
  readonly onLost: () => void;
}

export class Canary implements Disposable {
  readonly #parts: CanaryParts;
  #timer: Disposable;
  #closed = false;

  constructor(parts: CanaryParts) {
    this.#parts = parts;
    this.#timer = this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer[Symbol.dispose]();
  }

  #schedule(): Disposable {
    return this.#parts.clock.after(periodMs, () => {
      void this.#look().finally(() => {
        if (!this.#closed) this.#timer = this.#schedule();
      });
    });
  }

  async #look(): Promise<void> {
    const { believed, alive, onLost } = this.#parts;
    if (!believed() || (await alive())) return;
    // Meanwhile others may have found the same.
    if (believed() && !this.#closed) onLost();
  }
}
