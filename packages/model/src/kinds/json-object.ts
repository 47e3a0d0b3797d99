import { unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse } from '../reading.ts';
import { isKeyed, type Keyed } from './keyed.ts';

/** Any JSON object, kept as it comes. */
export const jsonObject: Kind<Keyed> = {
  name: 'object',
  doc: 'a JSON object',
  read: (value) => {
    if (value === null) return accept({});
    return isKeyed(value) ? accept(value) : refuse(`'${pythonText(value)}' is not a dictionary`);
  },
  filter: unsearchable,
  schema: { type: 'object' },
  column: 'json',
  examples: { valid: [{}, { a: 1 }, null], invalid: ['x', 7, [], true] },
};
