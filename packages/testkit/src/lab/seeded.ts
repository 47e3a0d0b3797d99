// Choices that a printed number repeats.

/** Chooses among things as `seed`, a natural number, says: the same in every run. */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to and without 1. The generator is Tommy Ettinger's mulberry32. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(bound: number): number {
    return Math.floor(this.fraction() * bound);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of them; undefined where there is none. */
  pick<T>(things: readonly T[]): T | undefined {
    return things[this.below(things.length)];
  }

  /** One of them by weight. */
  weighted<T>(things: readonly (readonly [weight: number, thing: T])[]): T {
    const total = things.reduce((sum, [weight]) => sum + weight, 0);
    let left = this.fraction() * total;
    for (const [weight, thing] of things) {
      left -= weight;
      if (left < 0) return thing;
    }
    throw new Error('there is nothing to choose from');
  }
}
