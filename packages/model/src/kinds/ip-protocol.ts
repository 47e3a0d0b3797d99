import { SecurityGroupRuleInvalidProtocol } from '../security-group-errors.ts';
import { ipProtocols } from '../ip-protocols.ts';
import type { Kind } from '../kind.ts';
import { accept, refuseWith, type Reading } from '../reading.ts';

/** An IP protocol as its name or number; null, or the word `any`, is all of them. The spelling is kept. */
export const ipProtocol: Kind<string | null> = {
  name: 'IP protocol',
  doc: 'the name of an IP protocol in lower case, its number as text, or null for all',
  read: (value) => (value === null ? accept(null) : readProtocol(value)),
  filter: { by: 'value', read: readProtocol },
  schema: { type: ['string', 'null'] },
  column: 'text',
  mayBeNull: true,
  examples: {
    valid: [null, 'any', 'tcp', 'UDP', 'icmp', 'ipv6-icmp', 'icmpv6', 6, '6', 0, 255, '112', 'vrrp'],
    invalid: ['', 'nonsense', 256, -1, '256', [], {}, true, 6.5],
  },
};

function readProtocol(value: unknown): Reading<string | null> {
  if (typeof value === 'number' && Number.isInteger(value) && isProtocolNumber(value)) return accept(String(value));
  if (typeof value === 'string') {
    const word = value.toLowerCase();
    if (word === 'any') return accept(null);
    if (Object.hasOwn(ipProtocols, word)) return accept(word);
    if (/^[0-9]{1,3}$/.test(value) && isProtocolNumber(Number(value))) return accept(String(Number(value)));
  }
  return refuseWith(
    new SecurityGroupRuleInvalidProtocol({ protocol: value, values: [null, ...Object.keys(ipProtocols)] }),
  );
}

/** The field of the IP header has eight bits (RFC 791 section 3.1, RFC 8200 section 3). */
function isProtocolNumber(number: number): boolean {
  return number >= 0 && number <= 255;
}
