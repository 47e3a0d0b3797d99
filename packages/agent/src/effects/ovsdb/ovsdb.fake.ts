// A database in memory with the manners of the real one: all of a transaction or nothing, names that are unique,
// references that must lead somewhere, rows of Port and Interface that go when nothing refers to them; and with an
// ovs-vswitchd that numbers the interfaces whose device exists.

import { columnOf, type Mutation, type Operation, type Values, type Where } from './operation.ts';
import { type Ovsdb, OvsdbRefused, OvsdbUnreachable } from './ovsdb.ts';
import type { SwitchDatabase, TableName } from './schema.ts';

type FakeRow = { readonly uuid: string } & Values;
type FakeTables = Record<TableName, Map<string, FakeRow>>;

const emptyRows: Readonly<Record<TableName, Values>> = {
  Open_vSwitch: {
    bridges: [],
    next_cfg: 0,
    cur_cfg: 0,
    ovs_version: '3.1.0',
    iface_types: [],
    datapath_types: [],
    external_ids: {},
    other_config: {},
  },
  Bridge: {
    name: '',
    ports: [],
    datapath_type: '',
    fail_mode: null,
    protocols: [],
    external_ids: {},
    other_config: {},
  },
  Port: { name: '', interfaces: [], tag: null, external_ids: {}, other_config: {} },
  Interface: {
    name: '',
    type: '',
    options: {},
    ofport: null,
    ifindex: null,
    error: null,
    external_ids: {},
    other_config: {},
  },
};

export class FakeOvsdb implements Ovsdb {
  /** Devices of the host; an interface of another device gets no number. Types other than '' make their own device. */
  readonly devices = new Set<string>();
  /** How many transactions have changed something. */
  changes = 0;
  readonly #listeners = new Set<() => void>();
  #tables: FakeTables;
  #reachable = true;
  #lastUuid = 0;
  #lastOfport = 0;
  readonly #ifindexes = new Map<string, number>();

  constructor() {
    this.#tables = { Open_vSwitch: new Map(), Bridge: new Map(), Port: new Map(), Interface: new Map() };
    this.#insert('Open_vSwitch', {});
  }

  get database(): SwitchDatabase | null {
    // The rows are made of the columns' own values, which the operations' types have checked.
    return this.#reachable ? (this.#tables as unknown as SwitchDatabase) : null;
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async transact(operations: readonly Operation[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    signal?.throwIfAborted();
    if (!this.#reachable) throw new OvsdbUnreachable('there is no connection');
    const before = structuredClone(this.#tables);
    try {
      const names = new Map<string, string>();
      for (const operation of operations) {
        if (operation.op === 'insert' && operation.as !== null) names.set(operation.as, this.#newUuid());
      }
      const results = operations.map((operation) => this.#carryOut(operation, names));
      this.#settle();
      this.changes++;
      for (const listener of this.#listeners) listener();
      return results;
    } catch (error) {
      this.#tables = before;
      throw error;
    }
  }

  async apply(operations: readonly Operation[], signal?: AbortSignal): Promise<readonly (string | null)[]> {
    return this.transact(operations, signal);
  }

  /** Another device takes the place of one of the same name; ovs-vswitchd may not notice (seen with version 3.1). */
  async remakeDevice(name: string): Promise<void> {
    this.#ifindexes.delete(name);
    await this.transact([]);
  }

  /** The connection is lost; `reconnect` brings it back. */
  disconnect(): void {
    this.#reachable = false;
    for (const listener of this.#listeners) listener();
  }

  reconnect(): void {
    this.#reachable = true;
    for (const listener of this.#listeners) listener();
  }

  #carryOut(operation: Operation, names: ReadonlyMap<string, string>): string | null {
    const { op, table } = operation;
    const refuse = (error: string, details: string): OvsdbRefused => new OvsdbRefused({ error, details, operation });
    switch (op) {
      case 'insert': {
        const row = resolved(operation.row, names);
        for (const name of Object.keys(row)) columnOf(table, name);
        return this.#insert(table, row, operation.as === null ? undefined : names.get(operation.as));
      }
      case 'update': {
        const { tag } = operation.row;
        if (typeof tag === 'number' && tag > 4095) throw refuse('constraint violation', 'tag is out of range');
        for (const row of this.#matching(table, operation.where)) {
          this.#tables[table].set(row.uuid, { ...row, ...resolved(operation.row, names) });
        }
        return null;
      }
      case 'mutate':
        for (const row of this.#matching(table, operation.where)) {
          const changed = operation.mutations.reduce((values, mutation) => mutated(values, mutation, names), row);
          this.#tables[table].set(row.uuid, changed);
        }
        return null;
      case 'delete':
        for (const row of this.#matching(table, operation.where)) this.#tables[table].delete(row.uuid);
        return null;
      case 'select':
        return null;
    }
  }

  #insert(table: TableName, row: Values, uuid = this.#newUuid()): string {
    this.#tables[table].set(uuid, { ...emptyRows[table], ...row, uuid });
    return uuid;
  }

  #matching(table: TableName, where: Where): readonly FakeRow[] {
    const rows = [...this.#tables[table].values()];
    if (where === 'every') return rows;
    return rows.filter((row) => ('uuid' in where ? row.uuid === where.uuid : row['name'] === where.name));
  }

  /** What the server checks at the end of a transaction, and what ovs-vswitchd does after it. */
  #settle(): void {
    const { Open_vSwitch, Bridge, Port, Interface } = this.#tables;
    const bridges = references(Open_vSwitch, 'bridges');
    keepReferred(Bridge, bridges);
    const ports = references(Bridge, 'ports');
    keepReferred(Port, ports);
    keepReferred(Interface, references(Port, 'interfaces'));
    requireAll(Bridge, bridges);
    requireAll(Port, ports);
    requireAll(Interface, references(Port, 'interfaces'));
    for (const table of [Bridge, Port, Interface]) requireUniqueNames(table);
    for (const row of Interface.values()) {
      const opened = row['type'] !== '' || this.devices.has(String(row['name']));
      const ofport = opened ? (Number(row['ofport'] ?? -1) > 0 ? row['ofport'] : ++this.#lastOfport) : -1;
      const error = opened ? null : `could not open network device ${String(row['name'])}`;
      const ifindex = opened ? this.#ifindexOf(String(row['name'])) : null;
      Interface.set(row.uuid, { ...row, ofport, ifindex, error });
    }
    for (const row of Open_vSwitch.values()) Open_vSwitch.set(row.uuid, { ...row, cur_cfg: row['next_cfg'] });
  }

  #ifindexOf(name: string): number {
    const known = this.#ifindexes.get(name) ?? Math.max(0, ...this.#ifindexes.values()) + 1;
    this.#ifindexes.set(name, known);
    return known;
  }

  #newUuid(): string {
    return `00000000-0000-4000-8000-${String(++this.#lastUuid).padStart(12, '0')}`;
  }
}

function mutated(row: FakeRow, { column, mutator, value }: Mutation, names: ReadonlyMap<string, string>): FakeRow {
  const before = row[column];
  if (mutator === 'add') return { ...row, [column]: Number(before) + Number(value) };
  if (Array.isArray(before)) {
    const members = new Set<unknown>(before);
    for (const member of resolvedList(value, names)) {
      if (mutator === 'insert') members.add(member);
      else members.delete(member);
    }
    return { ...row, [column]: [...members].toSorted((a, b) => (String(a) < String(b) ? -1 : 1)) };
  }
  const map = Object.entries({ ...(before as Readonly<Record<string, string>>) });
  if (mutator === 'insert') {
    return { ...row, [column]: { ...(value as Readonly<Record<string, string>>), ...Object.fromEntries(map) } };
  }
  const removed = new Set(value as readonly string[]);
  return { ...row, [column]: Object.fromEntries(map.filter(([key]) => !removed.has(key))) };
}

function resolved(values: Values, names: ReadonlyMap<string, string>): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? resolvedList(value, names) : value]),
  );
}

function resolvedList(value: unknown, names: ReadonlyMap<string, string>): readonly unknown[] {
  return (value as readonly unknown[]).map((member) => names.get(String(member)) ?? member);
}

function references(table: ReadonlyMap<string, FakeRow>, column: string): ReadonlySet<string> {
  return new Set([...table.values()].flatMap((row) => row[column] as readonly string[]));
}

function keepReferred(table: Map<string, FakeRow>, referred: ReadonlySet<string>): void {
  for (const uuid of table.keys()) if (!referred.has(uuid)) table.delete(uuid);
}

function requireAll(table: ReadonlyMap<string, FakeRow>, referred: ReadonlySet<string>): void {
  for (const uuid of referred) {
    if (table.has(uuid)) continue;
    throw new OvsdbRefused({ error: 'referential integrity violation', details: `no row ${uuid}`, operation: null });
  }
}

function requireUniqueNames(table: ReadonlyMap<string, FakeRow>): void {
  const names = [...table.values()].map((row) => row['name']);
  if (new Set(names).size === names.length) return;
  throw new OvsdbRefused({ error: 'constraint violation', details: 'two rows have the same name', operation: null });
}
