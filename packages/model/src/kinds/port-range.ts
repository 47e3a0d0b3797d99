import type { Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';

const notARange = 'Port range must be two integers separated by a colon';

/** The first and the last port of a transport protocol, as `80:90`; one port alone is a range of one. */
const portRange: Kind<string> = {
  name: 'port range',
  doc: 'a port, or the first and the last port with a colon between, as text',
  read: readPortRange,
  // What is kept has both ends; anything else is no range, and nothing has it.
  filter: { by: 'value', read: (text) => accept(/^[0-9]+$/.test(text) ? `${text}:${text}` : text) },
  schema: { type: 'string', pattern: '^[0-9]{1,5}(:[0-9]{1,5})?$' },
  column: 'text',
  examples: { valid: ['80', '80:90', 80], invalid: ['', '0', '90:80', '80:', '1:2:3', 'x', '80:65536', {}] },
};

/** The same, and null in a request that says it otherwise, with a single port. */
export const portRangeOrPort: Kind<string | null, string> = {
  ...portRange,
  name: 'port range or null',
  doc: `${portRange.doc}; null where a single port is given`,
  read: (value) => (value === null ? accept(null) : readPortRange(value)),
  schema: { anyOf: [portRange.schema, { type: 'null' }] },
  examples: { valid: [...portRange.examples.valid, null], invalid: portRange.examples.invalid },
};

function readPortRange(value: unknown): Reading<string> {
  const text = pythonText(value);
  const ports = text.split(':');
  if (ports.length > 2 || ports.includes('')) return refuse(notARange);
  for (const port of ports) {
    if (!/^[0-9]+$/.test(port) || Number(port) > 65_535) return refuse(`Invalid port: ${port}`);
    if (Number(port) < 1) return refuse(`Invalid port: ${port}, the port must be in the range [1, 65535]`);
  }
  const [first = '', last = first] = ports;
  if (Number(first) > Number(last)) return refuse('First port in a port range must be lower than the second port');
  return accept(text);
}
