// Opens the store that a configuration names.

import { openPostgresStore } from './postgres-store.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

/** `sqlite:PATH`, or a libpq URL (`postgres://…`, `postgresql://…`). */
export function openStore(url: string): Promise<Store> {
  if (url.startsWith('sqlite:')) return openSqliteStore({ path: url.slice('sqlite:'.length) });
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgresStore({ url });
  throw new Error(`the database ${url.split(':')[0] ?? ''}: is none of sqlite:PATH and postgres://…`);
}
