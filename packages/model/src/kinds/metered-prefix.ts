import { parseIp } from '@neutronium/net/ip';
import { parseCidrLenient, prefixLength } from '@neutronium/net/cidr';
import { type Kind } from '../kind.ts';
import { Invalid } from '../metering-errors.ts';
import { pythonRepr, pythonText } from '../python-text.ts';
import { accept, refuseWith, type Reading } from '../reading.ts';

/**
 * Addresses at one end of metered traffic, or null. It is kept with its host bits, as it was written; a bare address is a
 * prefix of that one address. `attribute` is what messages call it.
 */
export function meteredPrefix(attribute: string): Kind<string | null> {
  const read = (value: unknown): Reading<string | null> => readPrefix(attribute, value);
  return {
    name: 'metered prefix',
    doc: 'an IPv4 or IPv6 prefix, an address, or null',
    read,
    filter: { by: 'value', read },
    schema: { type: ['string', 'null'] },
    column: 'text',
    mayBeNull: true,
    examples: {
      valid: [null, '', '10.0.0.0/24', '10.0.0.7/24', '10.0.0.7', 'fd00::/64', 'FD00::1', '0.0.0.0/0'],
      invalid: ['x', '10.0.0.0/33', 'fd00::/129', 7, {}, ['10.0.0.0/24']],
    },
  };
}

function readPrefix(attribute: string, value: unknown): Reading<string | null> {
  if (value === null || value === '') return accept(null);
  const text = typeof value === 'string' ? value : '';
  const [prefix, address] = [parseCidrLenient(text), parseIp(text.split('/')[0] ?? '')];
  if (prefix.ok && address.ok) return accept(`${address.value}/${prefixLength(prefix.value)}`);
  const reason = `${pythonRepr(value)} does not appear to be an IPv4 or IPv6 interface`;
  return refuseWith(new Invalid({ reason: `${attribute}: ${pythonText(value)} is invalid [${reason}].` }));
}
