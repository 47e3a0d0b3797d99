// The live copy of the database, kept by folding the server's monitor updates into it (RFC 7047 section 4.1.6).

import type { Column, Json } from './column.ts';
import type { SwitchDatabase, TableName } from './schema.ts';
import { tables } from './schema.ts';

type Rows = Map<string, { readonly uuid: string }>;

export class DatabaseCache {
  readonly #rows: Readonly<Record<TableName, Rows>> = {
    Open_vSwitch: new Map(),
    Bridge: new Map(),
    Port: new Map(),
    Interface: new Map(),
  };

  /** The copy. Its maps change with `fold`; a row that changes is replaced by a new object. */
  get database(): SwitchDatabase {
    // Each map is filled by `fold` with rows decoded by its own table's columns.
    return this.#rows as unknown as SwitchDatabase;
  }

  /** Takes in a <table-updates> object: the initial contents, or what a transaction has changed. */
  fold(updates: Json): void {
    for (const [name, rows] of Object.entries(record(updates))) {
      if (!isTableName(name)) throw new Error(`OVSDB speaks of the table ${name}, which is not monitored`);
      for (const [uuid, change] of Object.entries(record(rows))) {
        const after = record(change)['new'];
        if (after === undefined) this.#rows[name].delete(uuid);
        else this.#rows[name].set(uuid, decodeRow(name, uuid, record(after)));
      }
    }
  }
}

/** What to ask the server for: the declared columns of the declared tables. */
export function monitorRequests(): Json {
  return Object.fromEntries(
    Object.values(tables).map(({ name, columns }) => [name, { columns: Object.keys(columns) }] as const),
  );
}

function decodeRow(table: TableName, uuid: string, wire: Readonly<Record<string, Json>>): { readonly uuid: string } {
  const columns: Readonly<Record<string, Column<unknown>>> = tables[table].columns;
  const values = Object.entries(columns).map(([name, column]) => {
    const value = wire[name];
    if (value === undefined) throw new Error(`OVSDB sent a row of ${table} without its column ${name}`);
    return [name, column.decode(value)] as const;
  });
  return { uuid, ...Object.fromEntries(values) };
}

function isTableName(name: string): name is TableName {
  return Object.hasOwn(tables, name);
}

export function record(json: Json | undefined): Readonly<Record<string, Json>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error(`OVSDB sent ${JSON.stringify(json)} where an object was expected`);
  }
  // Array.isArray does not take a readonly array out of the union.
  return json as Readonly<Record<string, Json>>;
}
