// The attributes of records that have tables of their own, since queries look into them: what their rows are made of.
// Each is data; record-reader.ts and record-writer.ts do the work for all of them alike.

import { randomUUID } from 'node:crypto';
import { rbacObjectTypeOf, type RbacAction } from '@neutronium/model/rbac-objects';
import type { AnyResource } from '@neutronium/model/resource';
import { everyProject, rbacPolicy } from '@neutronium/model/resources/rbac-policy';
import { family, ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import type { FixedIp, SegmentView } from '@neutronium/model/host-view';
import type { SubPort } from '@neutronium/model/kinds/sub-ports';
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
  /**
   * The unique constraint that refuses a row. A row of the same owner is no conflict: it may be there already, kept by
   * an update or claimed before its owner was written (allocations.ts).
   */
  readonly constraint: { readonly name: string; readonly columns: readonly string[] };
  /** What the log calls the rows, where they are objects that have entries of their own. */
  readonly kind?: string;
  /** Column and value that all rows of the attribute have, where the table holds rows of others too. */
  readonly only?: Readonly<Record<string, string>>;
  rowsOf(record: AnyRecord, value: unknown): readonly (readonly unknown[])[];
  /** The attribute's value, from the rows of one owner in their order. */
  valueOf(rows: readonly AnyRecord[]): unknown;
}

const tags: ChildTableCodec = {
  table: 'tags',
  owner: 'object_id',
  order: 'tag',
  columns: ['object_id', 'tag'],
  member: 'tag',
  constraint: { name: 'tags_pkey', columns: ['object_id', 'tag'] },
  rowsOf: (record, value) => [...new Set(stringsOf(value))].map((tag) => [record['id'], tag]),
  valueOf: (rows) => rows.map((row) => row['tag']),
};

/**
 * The position of an address that is claimed, within a transaction, for a port that is to have it: it is none of the
 * port's yet, or writing the port would find nothing to change.
 */
export const claimedPosition = -1;

const ipAllocations: ChildTableCodec = {
  table: 'ip_allocations',
  owner: 'port_id',
  order: 'position',
  columns: ['port_id', 'network_id', 'subnet_id', 'ip_address', 'address_key', 'position'],
  constraint: { name: 'ip_allocations_network_id_ip_address', columns: ['network_id', 'ip_address'] },
  rowsOf: (record, value) =>
    fixedIpsOf(value).map(({ subnet_id, ip_address }, position) => [
      record['id'],
      record['network_id'],
      subnet_id,
      ip_address,
      addressKey(ip_address),
      position,
    ]),
  valueOf: (rows) =>
    rows
      .filter((row) => row['position'] !== claimedPosition)
      .map((row) => ({ subnet_id: row['subnet_id'], ip_address: row['ip_address'] })),
};

const networkSegments: ChildTableCodec = {
  table: 'network_segments',
  owner: 'network_id',
  order: 'position',
  columns: ['network_id', 'id', 'network_type', 'physical_network', 'segmentation_id', 'position'],
  constraint: { name: 'network_segments_pkey', columns: ['id'] },
  rowsOf: (record, value) =>
    segmentsOf(value).map(({ id, network_type, physical_network, segmentation_id }, position) => [
      record['id'],
      id,
      network_type,
      physical_network,
      segmentation_id,
      position,
    ]),
  valueOf: (rows) =>
    rows.map(({ id, network_type, physical_network, segmentation_id }) => ({
      id,
      network_type,
      physical_network,
      segmentation_id,
    })),
};

const portSecurityGroups: ChildTableCodec = {
  table: 'port_security_groups',
  owner: 'port_id',
  order: 'position',
  columns: ['port_id', 'security_group_id', 'position'],
  member: 'security_group_id',
  constraint: { name: 'port_security_groups_pkey', columns: ['port_id', 'security_group_id'] },
  rowsOf: (record, value) => stringsOf(value).map((id, position) => [record['id'], id, position]),
  valueOf: (rows) => rows.map((row) => row['security_group_id']),
};

const subports: ChildTableCodec = {
  table: 'subports',
  owner: 'trunk_id',
  order: 'segmentation_id',
  columns: ['trunk_id', 'port_id', 'segmentation_type', 'segmentation_id'],
  constraint: { name: 'subports_pkey', columns: ['port_id'] },
  rowsOf: (record, value) =>
    subPortsOf(value).map(({ port_id, segmentation_type, segmentation_id }) => [
      record['id'],
      port_id,
      segmentation_type,
      segmentation_id,
    ]),
  valueOf: (rows) =>
    rows.map(({ port_id, segmentation_type, segmentation_id }) => ({ port_id, segmentation_type, segmentation_id })),
};

/**
 * The flags that are RBAC policies for everyone. `shared` says that there is one; what is shared with single projects,
 * each sees for itself (sharing.ts). A network is external as soon as anybody may take it for a way out.
 */
const rbacFlags: Readonly<Record<string, { readonly action: RbacAction; readonly whoever: boolean }>> = {
  shared: { action: 'access_as_shared', whoever: false },
  'router:external': { action: 'access_as_external', whoever: true },
};

function rbacFlag(resource: AnyResource, attribute: string): ChildTableCodec {
  const flag = rbacFlags[attribute];
  const objectType = rbacObjectTypeOf(resource);
  if (flag === undefined || objectType === undefined) {
    throw new Error(`${resource.name}.${attribute} names no RBAC action`);
  }
  const { action, whoever } = flag;
  return {
    table: 'rbac_policies',
    kind: rbacPolicy.name,
    owner: 'object_id',
    order: 'id',
    columns: ['id', 'project_id', 'object_type', 'object_id', 'action', 'target_tenant'],
    constraint: {
      name: 'rbac_policies_object_id_action_target_tenant',
      columns: ['object_id', 'action', 'target_tenant'],
    },
    only: { action, ...(whoever ? {} : { target_tenant: everyProject }) },
    rowsOf: (record, value) =>
      value === true ? [[randomUUID(), record['project_id'], objectType, record['id'], action, everyProject]] : [],
    valueOf: (rows) => rows.length > 0,
  };
}

/** By the name of the table, as declarations name it. */
export const childTables: ReadonlyMap<string, (resource: AnyResource, attribute: string) => ChildTableCodec> = new Map([
  ['tags', () => tags],
  ['ip_allocations', () => ipAllocations],
  ['network_segments', () => networkSegments],
  ['port_security_groups', () => portSecurityGroups],
  ['subports', () => subports],
  ['rbac_policies', rbacFlag],
]);

/**
 * An address as text whose order is the order of addresses of one family: 8 hexadecimal digits for IPv4, 32 for IPv6.
 * Lets SQL find ranges and gaps.
 */
export function addressKey(address: IpAddress): string {
  return ipToBigInt(address)
    .toString(16)
    .padStart(family(address) === 4 ? 8 : 32, '0');
}

// The declaration's kind has made sure of these types before a value reaches the store.
function stringsOf(value: unknown): readonly string[] {
  return value as readonly string[];
}

function fixedIpsOf(value: unknown): readonly FixedIp[] {
  return value as readonly FixedIp[];
}

function segmentsOf(value: unknown): readonly SegmentView[] {
  return value as readonly SegmentView[];
}

function subPortsOf(value: unknown): readonly SubPort[] {
  return value as readonly SubPort[];
}
