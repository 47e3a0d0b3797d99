// The floor under port creation: better-sqlite3 alone, writing the very rows that the server wrote, one durable
// transaction per port, in the same kind of file.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

interface TableRows {
  readonly table: string;
  readonly columns: readonly string[];
  /** One list of rows per port, in the order of creation. */
  readonly rowsPerPort: readonly (readonly unknown[])[][];
}

/**
 * Transactions per second of a plain loop that writes again what `file` holds of `portIds`. Rows belong to a port when
 * one of their columns is its id; the file is only read.
 */
export function rawPortRate(file: string, portIds: readonly string[]): number {
  const source = new Database(file, { readonly: true });
  const schema = source
    .prepare<[], { name: string; type: string; sql: string }>(
      "select name, type, sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by rowid",
    )
    .all();
  const tables = schema.filter(({ type }) => type === 'table').map(({ name }) => rowsOf(source, name, portIds));
  source.close();

  const folder = mkdtempSync(join(tmpdir(), 'nn-raw-'));
  const copy = new Database(join(folder, 'raw.db'));
  try {
    copy.pragma('journal_mode = WAL');
    copy.pragma('synchronous = FULL');
    copy.pragma('foreign_keys = OFF'); // The parents of the rows are not copied.
    for (const { sql } of schema) copy.exec(sql);
    const inserts = tables.map(({ table, columns }) =>
      copy.prepare(
        `insert into "${table}" (${columns.map((c) => `"${c}"`).join()}) values (${columns.map(() => '?').join()})`,
      ),
    );
    const writePort = copy.transaction((port: number) => {
      for (const [index, { rowsPerPort }] of tables.entries()) {
        for (const row of rowsPerPort[port] ?? []) inserts[index]?.run(...row);
      }
    });
    const startedAt = performance.now();
    for (const port of portIds.keys()) writePort(port);
    return (portIds.length * 1000) / (performance.now() - startedAt);
  } finally {
    copy.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf(source: Database.Database, table: string, portIds: readonly string[]): TableRows {
  const columns = source
    .prepare<[string], { name: string }>('select name from pragma_table_info(?)')
    .all(table)
    .map(({ name }) => name);
  const owned = new Map(portIds.map((id, index) => [id, index]));
  const rowsPerPort: unknown[][][] = portIds.map(() => []);
  for (const row of source.prepare(`select * from "${table}"`).raw().iterate() as Iterable<unknown[]>) {
    const port = row.map((value) => owned.get(String(value))).find((index) => index !== undefined);
    if (port !== undefined) rowsPerPort[port]?.push(row);
  }
  return { table, columns, rowsPerPort };
}
