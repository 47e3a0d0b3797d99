// Which database, as one URL: a file of the embedded SQLite, or a PostgreSQL server.

import { written } from '@neutronium/model/setting-kinds';
import { accept, refuse } from '@neutronium/net/parsed';

export type DatabaseUrl =
  | { readonly kind: 'sqlite'; readonly path: string }
  /** `url` is what PostgreSQL's own clients take (libpq, section "Connection URIs"). */
  | { readonly kind: 'postgres'; readonly url: string };

export const databaseUrl = written<DatabaseUrl>({
  placeholder: 'sqlite:PATH | postgres://…',
  parse: (text) => {
    if (text.startsWith('sqlite:')) {
      const path = text.slice('sqlite:'.length);
      return path === '' ? refuse(`'${text}' names no file`) : accept({ kind: 'sqlite', path });
    }
    if (/^postgres(ql)?:\/\//.test(text)) return accept({ kind: 'postgres', url: text });
    return refuse('a database is sqlite:PATH or postgres://USER@HOST/NAME');
  },
  render: (value) => (value.kind === 'sqlite' ? `sqlite:${value.path}` : value.url),
});
