import type { IpAddress } from '@neutronium/net/ip';
import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { ip } from './ip.ts';

/** An address that a request may leave to the server with null; an object has one. */
export const ipOrAny: Kind<IpAddress | null, IpAddress> = {
  name: 'ip or any',
  doc: `${ip.doc}; null in a request means any`,
  read: (value) => (value === null ? accept(null) : ip.read(value)),
  filter: ip.filter,
  schema: { anyOf: [ip.schema, { type: 'null' }] },
  column: ip.column,
  examples: { valid: [...ip.examples.valid, null], invalid: ip.examples.invalid.filter((value) => value !== null) },
};
