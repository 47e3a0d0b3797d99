import { asText, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse } from '../reading.ts';

/** One of a few words. */
export function choice<const W extends string>(words: readonly W[]): Kind<W> {
  return {
    name: `one of ${words.join(', ')}`,
    doc: `one of ${words.map((word) => `\`${word}\``).join(', ')}`,
    read: (value) => {
      const known = words.find((word) => word === value);
      if (known === undefined) return refuse(`${pythonText(value)} is not in valid_values`);
      return accept(known);
    },
    filter: asText,
    schema: { type: 'string', enum: words },
    column: 'text',
    examples: { valid: words, invalid: [null, 'nonsense', 1, [], {}] },
  };
}
