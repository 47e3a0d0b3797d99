// For tests of targets: what a round does with one target alone.

import type { Depth, Target } from '../target.ts';

export interface ConvergeOptions {
  readonly depth?: Depth;
  /** Stops after so many steps, as an agent does that is killed. */
  readonly stopAfter?: number;
}

/** Looks, plans, and runs the steps; gives those that were planned. */
export async function converge<Desired, Actual, Step>(
  target: Target<Desired, Actual, Step>,
  desired: Desired,
  { depth = 'verify', stopAfter = Infinity }: ConvergeOptions = {},
): Promise<readonly Step[]> {
  const { signal } = new AbortController();
  const steps = target.plan(desired, await target.observe(signal, depth));
  for (const [index, step] of steps.entries()) {
    if (index >= stopAfter) break;
    await target.apply(step, signal);
  }
  return steps;
}
