// Address scopes of subnet pools. In a scope no address is in two pools, and a network's subnets of one family are all in
// one scope.

import { IllegalSubnetPoolUpdate } from '@neutronium/model/errors';
import {
  AddressScopeNotFound,
  AddressScopePrefixConflict,
  IllegalSubnetPoolIpVersionAssociationToAddressScope,
  NetworkAddressScopeAffinityError,
} from '@neutronium/model/routing-errors';
import { addressScope } from '@neutronium/model/resources/address-scope';
import { subnet } from '@neutronium/model/resources/subnet';
import { subnetpool, type SubnetPoolRecord } from '@neutronium/model/resources/subnetpool';
import { cidrOverlaps } from '@neutronium/net/cidr';
import { visibility } from '../../context.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';

type ScopedPool = Pick<SubnetPoolRecord, 'id' | 'prefixes' | 'ip_version' | 'address_scope_id'>;

/** Throws when the pool cannot be in its scope as it is; holds the scope, so that no other pool comes in between. */
export async function requirePlaceInScope(call: Call<Writer>, pool: ScopedPool): Promise<void> {
  const { id, prefixes, ip_version, address_scope_id } = pool;
  if (address_scope_id === null) return;
  const [visible] = await call.store.list(addressScope, {
    where: [{ op: 'equals', attribute: 'id', values: [address_scope_id] }],
    ...visibility(call.context),
  });
  const scope = visible === undefined ? undefined : await call.store.get(addressScope, address_scope_id);
  if (scope === undefined) throw new AddressScopeNotFound({ address_scope_id });
  if (scope.ip_version !== ip_version) {
    throw new IllegalSubnetPoolIpVersionAssociationToAddressScope({
      subnetpool_id: id,
      address_scope_id,
      ip_version: scope.ip_version,
    });
  }
  const others = await call.store.list(subnetpool, {
    where: [{ op: 'equals', attribute: 'address_scope_id', values: [address_scope_id] }],
  });
  const taken = others.filter((other) => other.id !== id).flatMap((other) => other.prefixes);
  if (taken.some((other) => prefixes.some((prefix) => cidrOverlaps(other, prefix)))) {
    throw new AddressScopePrefixConflict();
  }
}

/** Throws when the pool is in a scope that someone else shares, and so is not its owner's to change. */
export async function requireOwnScope(
  { context, store }: Call<Reader>,
  { id, address_scope_id }: ScopedPool,
): Promise<void> {
  if (address_scope_id === null || context.isAdmin) return;
  const scope = await store.get(addressScope, address_scope_id);
  if (scope?.project_id === context.projectId) return;
  throw new IllegalSubnetPoolUpdate({
    reason: `subnetpool ${id} cannot be updated when associated with shared address scope ${address_scope_id}`,
  });
}

/** Throws when a network would be left with subnets of the pool's family inside and outside its new scope. */
export async function requireNetworksWhole(store: Reader, { id, ip_version }: ScopedPool): Promise<void> {
  const ofPool = await store.list(subnet, { where: [{ op: 'equals', attribute: 'subnetpool_id', values: [id] }] });
  if (ofPool.length === 0) return;
  const networkIds = [...new Set(ofPool.map(({ network_id }) => network_id))];
  const all = await store.list(subnet, {
    where: [
      { op: 'equals', attribute: 'network_id', values: networkIds },
      { op: 'equals', attribute: 'ip_version', values: [ip_version] },
    ],
  });
  if (all.some(({ subnetpool_id }) => subnetpool_id !== id)) throw new NetworkAddressScopeAffinityError();
}
