import { parseCidrLenient, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { parseIp } from '@neutronium/net/ip';
import { trusted } from '@neutronium/net/parsed';
import { InvalidCIDR } from '../security-group-errors.ts';
import type { Kind } from '../kind.ts';
import { accept, refuseWith, type Reading } from '../reading.ts';

/**
 * The far end of a rule's traffic. It is kept with its host bits, as it was written; a bare address is a prefix of that
 * one address.
 */
export const remotePrefix: Kind<string | null> = {
  name: 'remote prefix',
  doc: 'an IPv4 or IPv6 prefix, an address, or null',
  read: readRemotePrefix,
  filter: { by: 'value', read: readRemotePrefix },
  schema: { type: ['string', 'null'] },
  column: 'text',
  mayBeNull: true,
  examples: {
    valid: [null, '', '10.0.0.0/24', '10.0.0.7/24', '10.0.0.7', 'fd00::/64', 'FD00::1', '0.0.0.0/0', '::/0'],
    invalid: ['x', '10.0.0.0/33', '10.0.0.256', 'fd00::/129', 7, {}, ['10.0.0.0/24']],
  },
};

function readRemotePrefix(value: unknown): Reading<string | null> {
  if (value === null || value === '') return accept(null);
  const text = typeof value === 'string' ? value : '';
  const prefix = parseCidrLenient(text);
  const address = parseIp(text.split('/')[0] ?? '');
  if (!prefix.ok || !address.ok) return refuseWith(new InvalidCIDR({ input: value }));
  return accept(`${address.value}/${prefixLength(prefix.value)}`);
}

/** The prefix without host bits. */
export function normalizedPrefix(remote: string): Cidr {
  return trusted(parseCidrLenient(remote));
}
