import type { Cidr } from '@neutronium/net/cidr';
import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { readSubnet } from './cidr.ts';
import { readListOf } from './list-of.ts';

/** Prefixes that subnets are carved from. */
export const prefixes: Kind<readonly Cidr[]> = {
  name: 'prefixes',
  doc: 'a list of IP prefixes of one family',
  read: (value) => readListOf(value, readSubnet),
  filter: { by: 'member', read: (text) => accept(text) },
  schema: { type: 'array', items: { type: 'string' } },
  column: 'json',
  examples: {
    valid: [['10.0.0.0/8'], ['fd00::/48', 'fd01::/48'], []],
    invalid: ['x', null, ['x'], ['10.0.0.0'], [7], ['10.0.0.0/8', '10.0.0.0/8'], {}],
  },
};
