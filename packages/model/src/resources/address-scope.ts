// Subnet pools of one scope have no address twice, so a router forwards between their networks without translating. The
// change log has the record below; `subnetpool` records name their scope.

import { optional, required } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { ipVersion } from '../kinds/ip-version.ts';
import { name } from '../kinds/name.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity } from './standard.ts';

export const addressScope = resource({
  name: 'address_scope',
  plural: 'address_scopes',
  doc: 'A range of networks in which no address means two things.',
  extension: 'address-scope',
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true }),
    ip_version: required(ipVersion, 'The family of its addresses.', { createOnly: true, filter: true, sort: true }),
    shared: optional(flag, 'Whether every project may make subnet pools in the scope.', {
      default: false,
      childTable: 'rbac_policies',
      filter: true,
      sort: true,
      policy: true,
      requiredByPolicy: true,
    }),
  },
});

export type AddressScope = View<typeof addressScope>;
export type AddressScopeRecord = Stored<typeof addressScope>;
export type AddressScopeCreate = Create<typeof addressScope>;
export type AddressScopeUpdate = Update<typeof addressScope>;
