// The addresses of address groups: a row each, and an entry of the change log of its own for each that comes or goes,
// also with the whole group: a host that was away learns from the log what it may still hold.

import { addressGroupAddress, type AddressGroupAddress } from '@neutronium/model/resources/address-group';
import type { Cidr } from '@neutronium/net/cidr';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader, Writer } from '../../store/store.ts';

/** Rows of one statement: two parameters each, far below what either database takes. */
const rowsPerInsert = 10_000;

/** The addresses of each group that has any, in the order of their text. */
export async function addressesOf(
  { db }: Reader,
  groupIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Cidr[]>> {
  if (groupIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('address_group_addresses')
    .selectAll()
    .where(isOneOf(databaseKind(db), sql.ref('address_group_id'), groupIds))
    .orderBy('address_group_id')
    .orderBy('address')
    .execute();
  const byGroup = Map.groupBy(rows, ({ address_group_id }) => address_group_id);
  return new Map([...byGroup].map(([id, addresses]) => [id, addresses.map(({ address }) => address)]));
}

/** Those of `addresses` that the group has; its size is no matter. */
export async function presentAddresses(
  { db }: Reader,
  groupId: string,
  addresses: readonly Cidr[],
): Promise<ReadonlySet<Cidr>> {
  const rows = await db
    .selectFrom('address_group_addresses')
    .select('address')
    .where('address_group_id', '=', groupId)
    .where(isOneOf(databaseKind(db), sql.ref('address'), addresses))
    .execute();
  return new Set(rows.map(({ address }) => address));
}

/** Adds addresses that the group does not have. */
export async function addAddresses(store: Writer, groupId: string, addresses: readonly Cidr[]): Promise<void> {
  const rows = addresses.map((address): AddressGroupAddress => ({ address_group_id: groupId, address }));
  for (let from = 0; from < rows.length; from += rowsPerInsert) {
    await store.db
      .insertInto('address_group_addresses')
      .values(rows.slice(from, from + rowsPerInsert))
      .execute();
  }
  for (const row of rows) store.log({ kind: addressGroupAddress, id: nameOf(row), before: null, after: { ...row } });
}

/** Takes addresses from the group that it has. */
export async function removeAddresses(store: Writer, groupId: string, addresses: readonly Cidr[]): Promise<void> {
  if (addresses.length === 0) return;
  const { db } = store;
  await db
    .deleteFrom('address_group_addresses')
    .where('address_group_id', '=', groupId)
    .where(isOneOf(databaseKind(db), sql.ref('address'), addresses))
    .execute();
  for (const address of addresses) {
    const row: AddressGroupAddress = { address_group_id: groupId, address };
    store.log({ kind: addressGroupAddress, id: nameOf(row), before: { ...row }, after: null });
  }
}

function nameOf({ address_group_id, address }: AddressGroupAddress): string {
  return `${address_group_id}/${address}`;
}
