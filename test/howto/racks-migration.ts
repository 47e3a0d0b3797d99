import { portableTypes } from '@neutronium/server/store/migrations/portable';
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const racks: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table racks (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      units ${integer} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index racks_project on racks (project_id)`.execute(db);
  },
};
