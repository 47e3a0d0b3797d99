import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { listOf } from './list-of.ts';
import { uuid } from './uuid.ts';

const ids = listOf(uuid, 'group ids', 'a list of the UUIDs of security groups; null is an empty list');

/** The security groups of a port. */
export const groupIds: Kind<readonly string[]> = {
  ...ids,
  read: (value) => (value === null ? accept([]) : ids.read(value)),
  examples: {
    valid: [...ids.examples.valid, null],
    invalid: ids.examples.invalid.filter((value) => value !== null),
  },
};
