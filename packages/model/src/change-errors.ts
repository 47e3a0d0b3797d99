// The errors of what looks back at changes. See errors.ts.

import { declareError } from './api-error.ts';

export const RevisionNotKept = declareError<{ readonly revision: number }>(
  410,
  'RevisionNotKept',
  ({ revision }) =>
    `The changes after revision ${revision} are no longer all kept. Read what is there now and go on from there.`,
);
export const RevisionNotReached = declareError<{ readonly revision: number; readonly newest: number }>(
  400,
  'RevisionNotReached',
  ({ revision, newest }) => `There is no revision ${revision} yet: the newest is ${newest}.`,
);
export const TooManyEventStreams = declareError<{ readonly most: number }>(
  503,
  'TooManyEventStreams',
  ({ most }) => `This server already feeds ${most} streams of events. Please try again later, or ask another server.`,
);
