import { asText, type Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { readText } from './text.ts';

/** The name of a compute host. Null is no host, as the empty text is. */
export const hostName: Kind<string> = {
  name: 'host name',
  doc: 'the name of a host; empty or null for none',
  read: (value) => (value === null ? accept('') : readText(value, 255)),
  filter: asText,
  schema: { type: ['string', 'null'], maxLength: 255 },
  column: 'text',
  examples: { valid: ['', 'compute-1', null], invalid: [7, [], {}, 'x'.repeat(256)] },
};
