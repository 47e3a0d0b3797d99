import { asText, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse } from '../reading.ts';

const pattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** An id. Spellings without dashes and in upper case name the same object and become the canonical one. */
export const uuid: Kind<string> = {
  name: 'uuid',
  doc: 'a UUID',
  read: (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) return refuse(`'${pythonText(value)}' is not a valid UUID`);
    const digits = value.replaceAll('-', '').toLowerCase();
    return accept(digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  },
  filter: asText,
  schema: { type: 'string', format: 'uuid' },
  column: 'text',
  examples: {
    valid: ['7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11'],
    invalid: [
      '',
      'not-a-uuid',
      7,
      null,
      '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b1',
      ['7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11'],
    ],
  },
};
