// Steps that may be carried out at the same time. A lane holds steps that have to do with one another, in their order;
// no subject is in two lanes.

import type { PendingStep, Subject } from './stage.ts';

/** More at a time would only wait for one another: what steps do is mostly done by processes. */
const lanesAtOnce = 4;

/** The lanes of `steps`: two steps that are of one subject are in the same, and so are those that each shares one with. */
export function lanesOf(steps: readonly PendingStep[]): readonly (readonly PendingStep[])[] {
  const parents = new Map<Subject, Subject>();
  const rootOf = (subject: Subject): Subject => {
    const parent = parents.get(subject) ?? subject;
    return parent === subject ? subject : rootOf(parent);
  };
  for (const { of } of steps) {
    const [first, ...others] = of;
    if (first === undefined) continue;
    for (const other of others) parents.set(rootOf(other), rootOf(first));
  }
  return [...Map.groupBy(steps, ({ of: [first] }) => (first === undefined ? undefined : rootOf(first))).values()];
}

/** Carries out the steps of each lane one after another, and a few lanes at the same time, until `signal` is aborted. */
export async function runLanes(
  lanes: readonly (readonly PendingStep[])[],
  carryOut: (step: PendingStep) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const waiting = lanes.values();
  const work = async (): Promise<void> => {
    for (const lane of waiting) {
      for (const step of lane) {
        if (signal.aborted) return;
        await carryOut(step);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanesAtOnce, lanes.length) }, work));
}
