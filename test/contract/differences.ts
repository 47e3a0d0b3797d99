// Where we answer otherwise than Neutron 21, on purpose. Each has its reason; anything that is not here is a defect.

import type { Answer, Step } from './step.ts';

export interface Difference {
  readonly reason: string;
  applies(step: Step, ours: Answer, theirs: Answer): boolean;
}

export const agreedDifferences: readonly Difference[] = [
  {
    reason: 'Neutron 21 answers 500 where a request is plainly wrong; we say what is wrong with it.',
    applies: (_, ours, theirs) => theirs.status >= 500 && ours.status >= 400 && ours.status < 500,
  },
];
