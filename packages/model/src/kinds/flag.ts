import type { Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, unconvertible, type Reading } from '../reading.ts';

const words = new Map([
  ...['1', 't', 'true', 'on', 'y', 'yes'].map((word) => [word, true] as const),
  ...['0', 'f', 'false', 'off', 'n', 'no'].map((word) => [word, false] as const),
]);

/** Yes or no. Clients send it as a boolean, as 0 or 1, or as one of many words. */
export const flag: Kind<boolean> = {
  name: 'flag',
  doc: 'true or false',
  read: readFlag,
  filter: { by: 'value', read: readFlag },
  schema: { type: 'boolean' },
  column: 'boolean',
  examples: { valid: [true, false, 0, 1, 'True', 'off', 'yes'], invalid: [null, 2, 'maybe', [], {}] },
};

function readFlag(value: unknown): Reading<boolean> {
  if (typeof value === 'boolean') return accept(value);
  const known = words.get(pythonText(value).trim().toLowerCase());
  return known === undefined ? unconvertible(`'${pythonText(value)}' cannot be converted to boolean`) : accept(known);
}
