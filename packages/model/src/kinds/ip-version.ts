import type { Kind } from '../kind.ts';
import { accept, refuse } from '../reading.ts';
import { readInteger } from './integer.ts';

/** 4 or 6, also as text. */
export const ipVersion: Kind<4 | 6> = {
  name: 'ip version',
  doc: '4 or 6',
  read: (value) => {
    const version = readInteger(value);
    if (!version.ok) return version;
    return version.value === 4 || version.value === 6
      ? accept(version.value)
      : refuse(`${version.value} is not in valid_values`);
  },
  filter: { by: 'value', read: readInteger },
  schema: { type: 'integer', enum: [4, 6] },
  column: 'integer',
  examples: { valid: [4, 6, '4'], invalid: [5, 0, null, 'x', [], {}] },
};
