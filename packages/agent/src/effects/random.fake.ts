import type { Random } from './random.ts';

/** The same sequence on every run: a linear congruential generator (Numerical Recipes, 2nd edition, section 7.1). */
export class SeededRandom implements Random {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed >>> 0;
  }

  fraction(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }

  uuid(): string {
    const digits = this.hex(16);
    return [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`]
      .concat(digits.slice(20))
      .join('-');
  }

  hex(length: number): string {
    return Array.from({ length }, () =>
      Math.floor(this.fraction() * 256)
        .toString(16)
        .padStart(2, '0'),
    ).join('');
  }
}
