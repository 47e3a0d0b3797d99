// The lists of records that have tables of their own, since queries look into them: what their rows are made of. Each
// is data; record-reader.ts and record-writer.ts do the work for all of them alike.

import { family, ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import type { FixedIp } from '@neutronium/model/host-view';
import type { AnyRecord } from './record-table.ts';

export interface ChildTableCodec {
  readonly table: string;
  /** Column that holds the id of the record that owns the row. */
  readonly owner: string;
  /** Column that gives the order within the list. */
  readonly order: string;
  /** In the order in which `rowsOf` gives the values; the owner's first. */
  readonly columns: readonly string[];
  /** Column that a condition on members as such compares (tags). */
  readonly member?: string;
  /** Columns that make a row of one owner itself: a row that keeps these is kept, not written anew. */
  readonly key: readonly string[];
  /**
   * The unique constraint that refuses a row. A row of the same owner is no conflict: it may be there already, kept by
   * an update or claimed before its owner was written (allocations.ts).
   */
  readonly constraint: { readonly name: string; readonly columns: readonly string[] };
  rowsOf(record: AnyRecord, value: unknown): readonly (readonly unknown[])[];
  memberOf(row: AnyRecord): unknown;
}

const tags: ChildTableCodec = {
  table: 'tags',
  owner: 'object_id',
  order: 'tag',
  columns: ['object_id', 'tag'],
  member: 'tag',
  key: ['tag'],
  constraint: { name: 'tags_pkey', columns: ['object_id', 'tag'] },
  rowsOf: (record, value) => [...new Set(listOf<string>(value))].map((tag) => [record['id'], tag]),
  memberOf: (row) => row['tag'],
};

const ipAllocations: ChildTableCodec = {
  table: 'ip_allocations',
  owner: 'port_id',
  order: 'position',
  columns: ['port_id', 'network_id', 'subnet_id', 'ip_address', 'address_key', 'position'],
  key: ['subnet_id', 'ip_address'],
  constraint: { name: 'ip_allocations_network_id_ip_address', columns: ['network_id', 'ip_address'] },
  rowsOf: (record, value) =>
    listOf<FixedIp>(value).map(({ subnet_id, ip_address }, position) => [
      record['id'],
      record['network_id'],
      subnet_id,
      ip_address,
      addressKey(ip_address),
      position,
    ]),
  memberOf: (row) => ({ subnet_id: row['subnet_id'], ip_address: row['ip_address'] }),
};

/** By the name of the table, as declarations name it. */
export const childTables: ReadonlyMap<string, ChildTableCodec> = new Map(
  [tags, ipAllocations].map((codec) => [codec.table, codec]),
);

/**
 * An address as text whose order is the order of addresses of one family: 8 hexadecimal digits for IPv4, 32 for IPv6.
 * Lets SQL find ranges and gaps.
 */
export function addressKey(address: IpAddress): string {
  return ipToBigInt(address)
    .toString(16)
    .padStart(family(address) === 4 ? 8 : 32, '0');
}

/** The declaration's kind has made sure of the type before a value reaches the store. */
function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}
