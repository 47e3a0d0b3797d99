import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { uuid } from './uuid.ts';

/** Asks for a prefix by prefix delegation instead of one from a pool (Networking API: subnets). */
export const prefixDelegationPool = 'prefix_delegation';

/** The id of a subnet pool, or the word that stands for prefix delegation. */
export const subnetPoolId: Kind<string | null> = {
  name: 'subnet pool id',
  doc: `the id of a subnet pool, \`${prefixDelegationPool}\`, or null`,
  read: (value) => (value === null || value === prefixDelegationPool ? accept(value) : uuid.read(value)),
  filter: uuid.filter,
  schema: { anyOf: [uuid.schema, { const: prefixDelegationPool }, { type: 'null' }] },
  column: 'text',
  mayBeNull: true,
  examples: { valid: [...uuid.examples.valid, prefixDelegationPool, null], invalid: ['', 'pool', 7, [], {}] },
};
