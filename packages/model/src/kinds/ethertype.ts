import { SecurityGroupRuleInvalidEtherType } from '../security-group-errors.ts';
import type { Kind } from '../kind.ts';
import { accept, refuseWith, type Reading } from '../reading.ts';

export type Ethertype = 'IPv4' | 'IPv6';

const ethertypes: readonly Ethertype[] = ['IPv4', 'IPv6'];

/** A family of addresses, in any case. */
export const ethertype: Kind<Ethertype> = {
  name: 'ethertype',
  doc: '`IPv4` or `IPv6`',
  read: readEthertype,
  filter: { by: 'value', read: readEthertype },
  schema: { type: 'string', enum: ethertypes },
  column: 'text',
  examples: { valid: ['IPv4', 'IPv6', 'ipv4', 'IPV6'], invalid: [null, '', 'ipv5', 4, [], {}] },
};

function readEthertype(value: unknown): Reading<Ethertype> {
  const known = ethertypes.find((each) => typeof value === 'string' && value.toLowerCase() === each.toLowerCase());
  if (known !== undefined) return accept(known);
  return refuseWith(new SecurityGroupRuleInvalidEtherType({ ethertype: value, values: ethertypes }));
}
