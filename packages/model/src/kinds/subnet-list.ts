import type { Cidr } from '@neutronium/net/cidr';
import { unsearchable, type Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { readSubnet } from './cidr.ts';
import { readListOf } from './list-of.ts';

/** Prefixes of either family; null is an empty list. */
export const subnetList: Kind<readonly Cidr[]> = {
  name: 'subnet list',
  doc: 'a list of IP prefixes; null is an empty list',
  read: (value) => (value === null ? accept([]) : readListOf(value, readSubnet)),
  filter: unsearchable,
  schema: { type: 'array', items: { type: 'string' } },
  column: 'json',
  examples: {
    valid: [['10.0.0.0/8'], ['10.0.0.1/32', 'fd00::/48'], [], null],
    invalid: ['x', ['x'], ['10.0.0.1'], [7], ['10.0.0.0/8', '10.0.0.0/8'], {}],
  },
};
