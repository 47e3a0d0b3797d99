import { cidrContains, parseCidr, parseCidrLenient, cidr as prefix, type Cidr } from '@neutronium/net/cidr';
import type { Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, unconvertible, type Reading } from '../reading.ts';

/** An IP prefix. Host bits are cleared, and a bare address is a prefix of that one address. */
export const cidr: Kind<Cidr> = {
  name: 'cidr',
  doc: 'an IPv4 or IPv6 prefix such as `10.0.0.0/24`',
  read: readPrefix,
  filter: { by: 'value', read: readPrefix },
  schema: { type: 'string', pattern: '/' },
  column: 'text',
  examples: {
    valid: ['10.0.0.0/24', '10.0.0.7/24', 'fd00::/64', 'FD00:0::/64'],
    invalid: ['', 'x', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.256/24', 'fd00::/129', 7, null, {}],
  },
};

function readPrefix(value: unknown): Reading<Cidr> {
  const parsed = typeof value === 'string' ? parseLoose(value) : undefined;
  return parsed === undefined ? unconvertible(`${pythonText(value)} is not in a CIDR format`) : accept(parsed);
}

/** Also reads IPv4 prefixes whose trailing zero octets are left out (`10/8`). */
function parseLoose(text: string): Cidr | undefined {
  const padded = text.replace(/^([0-9]+(?:\.[0-9]+){0,2})\//, (_, octets: string) => {
    return `${octets}${'.0'.repeat(4 - octets.split('.').length)}/`;
  });
  const parsed = parseCidrLenient(padded);
  return parsed.ok ? parsed.value : undefined;
}

/** A prefix that must be spelled with its length; used where the rest of the value names it in messages. */
export function readSubnet(value: unknown): Reading<Cidr> {
  const text = typeof value === 'string' ? value : '';
  const parsed = parseCidrLenient(text);
  if (!parsed.ok) return refuse(`'${pythonText(value)}' is not a valid IP subnet`);
  if (!text.includes('/')) {
    return refuse(`'${text}' isn't a recognized IP subnet cidr, '${parsed.value}' is recommended`);
  }
  return accept(parsed.value);
}

const loopbacks = [prefix('127.0.0.0/8'), prefix('::1/128')];

/** The destination of a route: no host bits, and not the loopback network. */
export function readDestination(value: unknown): Reading<Cidr> {
  const text = typeof value === 'string' ? value : '';
  const lenient = parseCidrLenient(text);
  if (!lenient.ok) return refuse(`'${pythonText(value)}' is not a valid CIDR`);
  if (!parseCidr(text).ok) return refuse(`'${text}' is not a recognized CIDR, '${lenient.value}' is recommended`);
  if (loopbacks.some((loopback) => cidrContains(loopback, lenient.value))) {
    return refuse(`'${text}' is not a routable CIDR`);
  }
  return accept(lenient.value);
}
