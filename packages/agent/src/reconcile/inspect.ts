// What is not as planned: every stage looks at the host in full and says what it would do, and nothing is done.

import type { Stage } from './stage.ts';

export interface Difference {
  readonly stage: string;
  /** What would be done about it. */
  readonly what: string;
  /** What there is and should not be (`-`), and what there should be and is not (`+`). */
  readonly details: readonly string[];
}

export interface Inspection<Plan> {
  readonly plan: Plan;
  readonly differences: readonly Difference[];
  /** Stages that could not look, and why. */
  readonly unseen: readonly { readonly stage: string; readonly why: string }[];
}

/** What was not as planned, and what is not after it was put right. */
export interface Repair<Plan> {
  readonly found: Inspection<Plan>;
  readonly left: Inspection<Plan>;
}

export function isAsPlanned({ differences, unseen }: Pick<Inspection<unknown>, 'differences' | 'unseen'>): boolean {
  return differences.length === 0 && unseen.length === 0;
}

export async function inspect<Plan>(
  plan: Plan,
  stages: readonly Stage<Plan>[],
  signal: AbortSignal,
): Promise<Inspection<Plan>> {
  const differences: Difference[] = [];
  const unseen: { stage: string; why: string }[] = [];
  for (const stage of stages) {
    try {
      const { steps } = await stage.prepare(plan, signal, 'verify');
      differences.push(...steps.map(({ text, details }) => ({ stage: stage.name, what: text, details })));
    } catch (error) {
      signal.throwIfAborted();
      unseen.push({ stage: stage.name, why: error instanceof Error ? error.message : String(error) });
    }
  }
  return { plan, differences, unseen };
}
