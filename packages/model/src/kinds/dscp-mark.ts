import type { Kind } from '../kind.ts';
import { accept, refuse } from '../reading.ts';
import { readInteger } from './integer.ts';

/** The codepoints that have a name: class selectors, assured and expedited forwarding, voice-admit (IANA: DSCP). */
export const dscpMarks = [
  0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 44, 46, 48, 56,
] as const;

/** A codepoint of differentiated services (RFC 2474 section 3), of those that have a name. */
export const dscpMark: Kind<number> = {
  name: 'DSCP mark',
  doc: `one of ${dscpMarks.join(', ')}`,
  read: (value) => {
    const number = readInteger(value);
    if (!number.ok) return number;
    const known = dscpMarks.find((mark) => mark === number.value);
    return known === undefined ? refuse(`${number.value} is not in valid_values`) : accept(known);
  },
  filter: { by: 'value', read: readInteger },
  schema: { type: 'integer', enum: dscpMarks },
  column: 'integer',
  examples: { valid: [0, 26, '46'], invalid: [null, 1, 64, -8, 'x', [], {}] },
};
