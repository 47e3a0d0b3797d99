import { chosenByServer, computed, optional, required } from '../attribute.ts';
import { objectSchema } from '../kind.ts';
import { flag } from '../kinds/flag.ts';
import { ipVersion } from '../kinds/ip-version.ts';
import { nonEmptyName } from '../kinds/name.ts';
import { nullable } from '../kinds/nullable.ts';
import { quotaOrNone } from '../kinds/quota-or-none.ts';
import { prefixLength } from '../kinds/prefix-length.ts';
import { prefixes } from '../kinds/prefixes.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

const ofPrefixes = objectSchema({ prefixes: prefixes.schema });

export const subnetpool = resource({
  name: 'subnetpool',
  plural: 'subnetpools',
  doc: 'Prefixes that subnets are carved from.',
  attributes: {
    ...identity,
    name: required(nonEmptyName, 'For people; need not be unique.', { filter: true, sort: true, index: true }),
    prefixes: required(prefixes, 'What subnets are carved from. Updates can only add to it.', {}),
    default_quota: optional(quotaOrNone, 'How much of the pool one project may use: addresses of IPv4, /64s of IPv6.', {
      default: chosenByServer,
      filter: true,
      sort: true,
    }),
    ip_version: computed(ipVersion, 'The family of its prefixes.', { filter: true, sort: true }),
    default_prefixlen: optional(prefixLength, 'The length that a subnet gets when it asks for none.', {
      default: chosenByServer,
      filter: true,
      sort: true,
    }),
    min_prefixlen: optional(prefixLength, 'The shortest prefix that a subnet may ask for.', {
      default: chosenByServer,
      filter: true,
      sort: true,
    }),
    max_prefixlen: optional(prefixLength, 'The longest prefix that a subnet may ask for.', {
      default: chosenByServer,
      filter: true,
      sort: true,
    }),
    is_default: optional(flag, 'Whether subnets that ask for the default pool of the family get this one.', {
      default: false,
      filter: true,
      sort: true,
      policy: true,
      requiredByPolicy: true,
    }),
    address_scope_id: optional(nullable(uuid), 'The address scope, in which no other pool has its prefixes.', {
      default: null,
      references: 'address_scopes',
      filter: true,
      sort: true,
      index: true,
      extension: 'address-scope',
    }),
    shared: optional(flag, 'Whether every project may use the pool.', {
      default: false,
      childTable: 'rbac_policies',
      createOnly: true,
      filter: true,
      sort: true,
      policy: true,
      requiredByPolicy: true,
    }),
    ...standard,
  },
  actions: {
    add_prefixes: {
      method: 'PUT',
      doc: 'Adds prefixes to the pool.',
      extension: 'subnetpool-prefix-ops',
      request: ofPrefixes,
      answer: ofPrefixes,
    },
    remove_prefixes: {
      method: 'PUT',
      doc: 'Takes unused prefixes from the pool.',
      extension: 'subnetpool-prefix-ops',
      request: ofPrefixes,
      answer: ofPrefixes,
    },
    onboard_network_subnets: {
      method: 'PUT',
      doc: 'Makes existing subnets of a network subnets of the pool.',
      extension: 'subnet_onboard',
      request: objectSchema({ network_id: { ...uuid.schema, 'x-references': 'networks' } }),
      answer: {},
    },
  },
});

export type SubnetPool = View<typeof subnetpool>;
export type SubnetPoolRecord = Stored<typeof subnetpool>;
export type SubnetPoolCreate = Create<typeof subnetpool>;
export type SubnetPoolUpdate = Update<typeof subnetpool>;
