import { serverContext } from '../context.ts';
import type { Store } from '../store/store.ts';
import type { IdentityStore, IdentityTables } from './tables.ts';

/** The identity tables of the server's own database. Their changes are not in its change log. */
export function identityStore(store: Store): IdentityStore {
  return {
    read: (work) => store.read(({ db }) => work(db.$pickTables<keyof IdentityTables>())),
    write: (work) => store.write(serverContext('identity'), ({ db }) => work(db.$pickTables<keyof IdentityTables>())),
  };
}
