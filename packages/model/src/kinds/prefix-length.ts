import type { Kind } from '../kind.ts';
import { integer } from './integer.ts';

const length = integer({ min: 0 });

/** The length of a prefix of a subnet pool. Answers show it as text, which clients have learnt to expect. */
export const prefixLength: Kind<number> = {
  ...length,
  name: 'prefix length',
  doc: 'a prefix length; answers show it as text',
  show: (kept) => String(kept),
  schema: {
    anyOf: [
      { type: 'integer', minimum: 0 },
      { type: 'string', pattern: '^[0-9]+$' },
    ],
  },
};
