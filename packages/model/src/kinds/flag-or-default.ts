import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { flag } from './flag.ts';

/** Yes or no; null in a request leaves it to the server. */
export const flagOrDefault: Kind<boolean | null, boolean> = {
  ...flag,
  name: 'flag or null',
  doc: 'true, false or null for the default',
  read: (value) => (value === null ? accept(null) : flag.read(value)),
  schema: { type: ['boolean', 'null'] },
  examples: { valid: [...flag.examples.valid, null], invalid: flag.examples.invalid.filter((value) => value !== null) },
};
