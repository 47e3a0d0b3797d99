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
export const TimeNotReached = declareError<{ readonly time: string }>(
  400,
  'TimeNotReached',
  ({ time }) => `It is not ${time} yet.`,
);
/** `first` is the first revision that is known. */
export const PastNotKept = declareError<{ readonly as_of: string; readonly first: number }>(
  410,
  'PastNotKept',
  ({ as_of, first }) => `What there was at ${as_of} is not kept any more. What there was since revision ${first} is.`,
);
export const TooManyEventStreams = declareError<{ readonly most: number }>(
  503,
  'TooManyEventStreams',
  ({ most }) => `This server already feeds ${most} streams of events. Please try again later, or ask another server.`,
);
