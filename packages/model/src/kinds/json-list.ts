import { unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { refuse } from '../reading.ts';
import type { Keyed } from './keyed.ts';

/** A list of objects that the server makes up. No request gives one. */
export const jsonList: Kind<readonly Keyed[]> = {
  name: 'list of objects',
  doc: 'a list of JSON objects',
  read: (value) => refuse(`'${pythonText(value)}' is computed`),
  filter: unsearchable,
  schema: { type: 'array', items: { type: 'object' } },
  column: 'json',
  examples: { valid: [], invalid: [[], null, 'x'] },
};
