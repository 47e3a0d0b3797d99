// The growing pause between attempts at something that keeps failing.

export interface BackoffRange {
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * The pause in milliseconds before attempt number `failures` + 1: doubled with each failure from `firstMs` up to
 * `lastMs`, and cut by up to half at random, so that a thousand agents do not knock together. `random` is in [0, 1).
 */
export function backoffMs(range: BackoffRange, failures: number, random: number): number {
  const full = Math.min(range.lastMs, range.firstMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(full * (1 - random / 2));
}
