// The part of Open vSwitch's configuration database that the agent reads and writes (ovs-vswitchd.conf.db(5)). What is
// declared here is what the agent monitors, and the type of its rows. Columns that change by themselves, such as
// statistics, are left out: each change would be sent to us.

import { type Column, integer, optional, reference, setOf, text, textMap } from './column.ts';

export interface Table<Columns extends Readonly<Record<string, Column<unknown>>>> {
  readonly name: TableName;
  readonly columns: Columns;
}

export type TableName = 'Open_vSwitch' | 'Bridge' | 'Port' | 'Interface';

/** A row with its columns' names and types, as read. */
export type Row<T> =
  T extends Table<infer Columns>
    ? { readonly uuid: string } & { readonly [C in keyof Columns]: Columns[C] extends Column<infer V> ? V : never }
    : never;

export const openVswitchTable = {
  name: 'Open_vSwitch',
  columns: {
    bridges: setOf(reference),
    /** Raised by whoever wants to know when a change has been carried out … */
    next_cfg: integer,
    /** … and set to the same by ovs-vswitchd when it has. */
    cur_cfg: integer,
    ovs_version: optional(text),
    iface_types: setOf(text),
    datapath_types: setOf(text),
    external_ids: textMap,
    other_config: textMap,
  },
} as const satisfies Table<Record<string, Column<unknown>>>;

export const bridgeTable = {
  name: 'Bridge',
  columns: {
    name: text,
    ports: setOf(reference),
    datapath_type: text,
    fail_mode: optional(text),
    protocols: setOf(text),
    external_ids: textMap,
    other_config: textMap,
  },
} as const satisfies Table<Record<string, Column<unknown>>>;

export const portTable = {
  name: 'Port',
  columns: {
    name: text,
    interfaces: setOf(reference),
    tag: optional(integer),
    external_ids: textMap,
    other_config: textMap,
  },
} as const satisfies Table<Record<string, Column<unknown>>>;

export const interfaceTable = {
  name: 'Interface',
  columns: {
    name: text,
    type: text,
    options: textMap,
    /** Null until ovs-vswitchd has seen the interface, -1 when it could not open it. */
    ofport: optional(integer),
    /** The kernel's number of the device: another device of the same name has another. */
    ifindex: optional(integer),
    error: optional(text),
    external_ids: textMap,
    other_config: textMap,
  },
} as const satisfies Table<Record<string, Column<unknown>>>;

export const tables = {
  Open_vSwitch: openVswitchTable,
  Bridge: bridgeTable,
  Port: portTable,
  Interface: interfaceTable,
} as const;

export type Tables = typeof tables;
export type OpenVswitchRow = Row<typeof openVswitchTable>;
export type BridgeRow = Row<typeof bridgeTable>;
export type PortRow = Row<typeof portTable>;
export type InterfaceRow = Row<typeof interfaceTable>;

/** Rows by UUID. */
export interface SwitchDatabase {
  readonly Open_vSwitch: ReadonlyMap<string, OpenVswitchRow>;
  readonly Bridge: ReadonlyMap<string, BridgeRow>;
  readonly Port: ReadonlyMap<string, PortRow>;
  readonly Interface: ReadonlyMap<string, InterfaceRow>;
}
