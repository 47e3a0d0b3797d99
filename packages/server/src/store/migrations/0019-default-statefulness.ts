// Whether security groups for which nobody says so are stateful.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const defaultStatefulness: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table security_groups_default_statefulness (
      id ${text} not null primary key,
      project_id ${text},
      stateful ${integer} not null
    )`.execute(db);
    await sql`create index security_groups_default_statefulness_project_id
                on security_groups_default_statefulness (project_id)`.execute(db);
  },
};
