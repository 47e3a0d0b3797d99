import { unsearchable, type Kind } from '../kind.ts';
import { jsonNumber } from '../json-number.ts';
import { pythonText } from '../python-text.ts';
import { refuse } from '../reading.ts';

/** How many addresses. IPv6 has more of them than other numbers of the API can count. */
export const addressCount: Kind<bigint> = {
  name: 'address count',
  doc: 'a number of addresses, exact beyond 2^53',
  read: (value) => refuse(`'${pythonText(value)}' is computed`),
  filter: unsearchable,
  show: (count) => (typeof count === 'bigint' ? jsonNumber(count) : count),
  schema: { type: 'integer', minimum: 0 },
  column: 'text',
  examples: { valid: [], invalid: [0, null, 'x'] },
};
