import type { Mac } from '@neutronium/net/mac';
import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { mac } from './mac.ts';

/** A MAC address; null in a request means a new one (Networking API: port-mac-address-regenerate). */
export const macOrNew: Kind<Mac | null, Mac> = {
  name: 'mac or new',
  doc: `${mac.doc}; null in a request means a new one`,
  read: (value) => (value === null ? accept(null) : mac.read(value)),
  filter: mac.filter,
  schema: { anyOf: [mac.schema, { type: 'null' }] },
  column: mac.column,
  examples: { valid: [...mac.examples.valid, null], invalid: mac.examples.invalid },
};
