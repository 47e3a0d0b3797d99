// The errors of segments, as errors.ts has those of other resources.

import { declareError } from './api-error.ts';

export const SegmentNotFound = declareError<{ readonly segment_id: string }>(
  404,
  'SegmentNotFound',
  ({ segment_id }) => `Segment ${segment_id} could not be found.`,
);
export const SegmentInUse = declareError<{ readonly segment_id: string; readonly reason: string }>(
  409,
  'SegmentInUse',
  ({ segment_id, reason }) => `Segment '${segment_id}' cannot be deleted: ${reason}.`,
);
