import type { Kind } from '../kind.ts';
import { integer } from './integer.ts';

/** A limit that a request gives as a number from 0; an object may have none. */
export const quotaOrNone: Kind<number, number | null> = {
  ...integer({ min: 0 }),
  mayBeNull: true,
  schema: { type: ['integer', 'null'], minimum: 0 },
};
