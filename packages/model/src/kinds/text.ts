import { asText, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';

/** Text of at most `maxLength` characters, counted as Unicode code points. */
export function text(maxLength: number): Kind<string> {
  return {
    name: `text(${maxLength})`,
    doc: `text of at most ${maxLength} characters`,
    read: (value) => readText(value, maxLength),
    filter: asText,
    schema: { type: 'string', maxLength },
    column: 'text',
    examples: { valid: ['', 'web', 'grün'], invalid: [1, null, [], {}, 'x'.repeat(maxLength + 1)] },
  };
}

/** The part that every kind of text shares: it is a string, and not too long. */
export function readText(value: unknown, maxLength: number | undefined): Reading<string> {
  if (typeof value !== 'string') return refuse(`'${pythonText(value)}' is not a valid string`);
  // A string has at least half as many code points as UTF-16 units, so short ones need no counting.
  if (maxLength !== undefined && value.length > maxLength && Array.from(value).length > maxLength) {
    return refuse(`'${value}' exceeds maximum length of ${maxLength}`);
  }
  return accept(value);
}
