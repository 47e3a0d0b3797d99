// Brings a database to the newest schema. Servers that start together take turns: PostgreSQL by an advisory lock,
// SQLite by its write lock.

import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Database } from './database.ts';
import { migrations } from './migrations/list.ts';

export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const failed = results.find((result) => result.status === 'Error');
  throw new Error(`migrating the database: ${failed?.migrationName ?? 'before the first step'}`, { cause: error });
}
