import { SecurityGroupInvalidPortValue } from '../security-group-errors.ts';
import type { Kind } from '../kind.ts';
import { accept, refuseWith, type Reading } from '../reading.ts';

/** An end of a range of ports, or the type or code of ICMP messages; null for all of them. */
export const portOrType: Kind<number | null> = {
  name: 'port or ICMP type',
  doc: 'a whole number from 0 to 65535, or null',
  read: (value) => (value === null ? accept(null) : readPort(value)),
  filter: { by: 'value', read: readPort },
  schema: { type: ['integer', 'null'], minimum: 0, maximum: 65_535 },
  column: 'integer',
  mayBeNull: true,
  examples: { valid: [null, 0, 22, '22', 65_535], invalid: ['', 'ssh', -1, 65_536, [], {}, true] },
};

function readPort(value: unknown): Reading<number> {
  const number = typeof value === 'string' && /^\s*\+?[0-9]+\s*$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 65_535) return accept(number);
  return refuseWith(new SecurityGroupInvalidPortValue({ port: value }));
}
