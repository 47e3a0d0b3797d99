// Where what the change log tells of is kept: the tables of each kind of entry, and the rows that an object has there as
// a snapshot of the log says. With these, what was before a change can be put in the place of what is there now.

import { catalogue } from '@neutronium/model/catalogue';
import { columnsOf } from '@neutronium/model/columns';
import type { SegmentView } from '@neutronium/model/host-view';
import { addressGroupAddress } from '@neutronium/model/resources/address-group';
import { localIpAssociation } from '@neutronium/model/resources/local-ip-association';
import { inactivePortBinding } from '@neutronium/model/resources/port-binding';
import { network } from '@neutronium/model/resources/network';
import { segment } from '@neutronium/model/resources/segment';
import type { AnyResource } from '@neutronium/model/resource';
import type { Database } from '../database.ts';
import { encode, recordTable, type AnyRecord } from '../record-table.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A table that holds rows of objects of one kind, or of several. */
export interface KeptRows {
  readonly table: string;
  /** Columns that together, with slashes between, are what the log calls the object that a row belongs to. */
  readonly owner: readonly string[];
  /** `id` is what the log calls the object. */
  readonly rowsOf: (snapshot: AnyRecord, id: string) => readonly Row[];
}

/** Where objects of the kind are kept; nothing where they are not kept in tables that a GET looks into. */
export function keptRows(kind: string): readonly KeptRows[] {
  return kinds.get(kind) ?? [];
}

const kinds: ReadonlyMap<string, readonly KeptRows[]> = new Map([
  ...catalogue.flatMap((resource) =>
    columnsOf(resource).length === 0 ? [] : [[resource.name, keptRecord(resource)] as const],
  ),
  [network.name, [...keptRecord(network), wires()]],
  [segment.name, [segmentNotes()]],
  ['dhcp_binding', [asLogged('network_dhcp_agents', ['network_id', 'agent_id'])]],
  ['l3_binding', [asLogged('router_l3_agents', ['router_id', 'agent_id'])]],
  ['router_port', [asLogged('router_ports', ['port_id'])]],
  ['virtual_router', [asLogged('virtual_routers', ['router_id'])]],
  ['dvr_host_mac', [asLogged('dvr_host_macs', ['host'])]],
  ['agent_gateway', [asLogged('agent_gateways', ['port_id'])]],
  [addressGroupAddress, [asLogged('address_group_addresses', ['address_group_id', 'address'])]],
  [localIpAssociation.name, [asLogged('local_ip_port_associations', ['local_ip_id', 'fixed_port_id'])]],
  [inactivePortBinding, [inactiveBindings()]],
  ['quota', [quotaLimits()]],
]);

function keptRecord(resource: AnyResource): readonly KeptRows[] {
  const { name, primaryKey, columns, children } = recordTable(resource);
  const own: KeptRows = {
    table: name,
    owner: [primaryKey],
    rowsOf: (record) => [
      Object.fromEntries(columns.map((column) => [column.name, encode(column, record[column.name])])),
    ],
  };
  // Rows that are objects themselves have entries of their own.
  const lists = children.filter(({ codec }) => codec.kind === undefined);
  return [
    own,
    ...lists.map(({ attribute, codec }): KeptRows => ({
      table: codec.table,
      owner: [codec.owner],
      rowsOf: (record) =>
        codec
          .rowsOf(record, record[attribute])
          .map((values) => Object.fromEntries(codec.columns.map((column, index) => [column, values[index]]))),
    })),
  ];
}

/** A table whose rows are the snapshots themselves. */
function asLogged(table: keyof Database, owner: readonly string[]): KeptRows {
  return {
    table,
    owner,
    rowsOf: (row) => [
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value]),
      ),
    ],
  };
}

/** The wires that a network has taken, but for those of types that networks may share. */
function wires(): KeptRows {
  return {
    table: 'segment_allocations',
    owner: ['network_id'],
    rowsOf: ({ id, segments }) =>
      // The log holds whole records of the kind that it names: the store wrote them.
      (segments as readonly SegmentView[])
        .filter(({ network_type }) => network_type !== 'local')
        .map(({ network_type, physical_network, segmentation_id }) => ({
          network_type,
          physical_network: physical_network ?? '',
          segmentation_id: segmentation_id ?? 0,
          network_id: id,
        })),
  };
}

function segmentNotes(): KeptRows {
  return {
    table: 'segment_notes',
    owner: ['segment_id'],
    rowsOf: ({ id, network_id, name, description, created_at, updated_at, revision_number }) => [
      { segment_id: id, network_id, name, description, created_at, updated_at, revision_number },
    ],
  };
}

function inactiveBindings(): KeptRows {
  return {
    table: 'inactive_port_bindings',
    owner: ['port_id', 'host'],
    rowsOf: ({ host, vnic_type, vif_type, profile, vif_details }, id) => [
      {
        port_id: id.slice(0, id.indexOf('/')),
        host,
        vnic_type,
        vif_type,
        profile: JSON.stringify(profile),
        vif_details: JSON.stringify(vif_details),
      },
    ],
  };
}

function quotaLimits(): KeptRows {
  return {
    table: 'quota_limits',
    owner: ['project_id'],
    rowsOf: (limits, project_id) =>
      Object.entries(limits).map(([resource, limit]) => ({ project_id, resource, limit })),
  };
}
