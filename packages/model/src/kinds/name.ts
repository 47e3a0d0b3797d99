import { asText, type Kind } from '../kind.ts';
import { accept, refuse } from '../reading.ts';
import { readText } from './text.ts';

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/;

/** A name for people: any printable text that does not begin or end with white space, so that it can be typed again. */
export const name: Kind<string> = namedText(readName);

/** A name that must not be empty. */
export const nonEmptyName: Kind<string> = namedText((value) => {
  const reading = readText(value, 255);
  if (!reading.ok) return reading;
  return reading.value.trim() === '' ? refuse(`'${reading.value}' Blank strings are not permitted`) : readName(value);
});

function readName(value: unknown): ReturnType<Kind<string>['read']> {
  const reading = readText(value, 255);
  if (!reading.ok) return reading;
  if (reading.value !== reading.value.trim() || controlCharacter.test(reading.value)) {
    return refuse(`'${reading.value}' Leading or trailing white space and control characters are not permitted`);
  }
  return accept(reading.value);
}

function namedText(read: Kind<string>['read']): Kind<string> {
  return {
    name: read('').ok ? 'name' : 'non-empty name',
    doc: 'text of at most 255 characters without control characters or white space at its ends',
    read,
    filter: asText,
    schema: { type: 'string', maxLength: 255 },
    column: 'text',
    examples: {
      valid: ['web', 'two words', 'größer', ...(read('').ok ? [''] : [])],
      invalid: [1, null, [], {}, ' lead', 'trail ', 'tab\tinside', 'x'.repeat(256)],
    },
  };
}
