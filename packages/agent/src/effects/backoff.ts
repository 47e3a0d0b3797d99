/** Growing delays between attempts, with jitter so that many clients of one server do not come back at once. */
export class Backoff {
  readonly #firstMs: number;
  readonly #lastMs: number;
  readonly #fraction: () => number;
  #nextMs: number;

  constructor(parts: { readonly firstMs: number; readonly lastMs: number; readonly fraction: () => number }) {
    this.#firstMs = parts.firstMs;
    this.#lastMs = parts.lastMs;
    this.#fraction = parts.fraction;
    this.#nextMs = parts.firstMs;
  }

  /** How long to wait before the next attempt: between half of the current step and all of it. The step doubles. */
  nextMs(): number {
    const step = this.#nextMs;
    this.#nextMs = Math.min(step * 2, this.#lastMs);
    return step * (0.5 + this.#fraction() / 2);
  }

  /** An attempt succeeded: the next wait is short again. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
