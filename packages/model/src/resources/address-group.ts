import type { Cidr } from '@neutronium/net/cidr';
import { chosenByServer, computed, optional } from '../attribute.ts';
import { objectSchema } from '../kind.ts';
import { flag } from '../kinds/flag.ts';
import { name } from '../kinds/name.ts';
import { subnetList } from '../kinds/subnet-list.ts';
import { text } from '../kinds/text.ts';
import { resource, type Create, type Stored, type Update } from '../resource.ts';
import { identity, untagged } from './standard.ts';

const addresses = objectSchema({ addresses: subnetList.schema });

/**
 * Its addresses are rows and entries of the change log of their own (AddressGroupAddress), so that adding one to a
 * large group is one small entry.
 */
export const addressGroup = resource({
  name: 'address_group',
  plural: 'address_groups',
  doc: 'Addresses that rules of security groups can name together.',
  extension: 'address-group',
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true, index: true }),
    ...untagged,
    description: optional(text(1024), 'What people should know about the group.', {
      default: '',
      filter: true,
      sort: true,
    }),
    addresses: optional(subnetList, 'The prefixes of the group.', {
      default: chosenByServer,
      createOnly: true,
      derived: true,
    }),
    shared: computed(flag, 'Whether the group is shared with everyone; policy rules look at it.', {
      childTable: 'rbac_policies',
      internal: true,
    }),
  },
  actions: {
    add_addresses: { method: 'PUT', doc: 'Adds addresses to the group.', request: addresses, answer: 'object' },
    remove_addresses: { method: 'PUT', doc: 'Takes addresses from the group.', request: addresses, answer: 'object' },
  },
});

/** The kind of entries of the change log about one address of a group; their id is `<group's id>/<address>`. */
export const addressGroupAddress = 'address_group_address';

/** What such an entry says before or after the change, and what a row of address_group_addresses holds. */
export interface AddressGroupAddress {
  readonly address_group_id: string;
  readonly address: Cidr;
}

export type AddressGroupRecord = Stored<typeof addressGroup>;
export type AddressGroupCreate = Create<typeof addressGroup>;
export type AddressGroupUpdate = Update<typeof addressGroup>;
