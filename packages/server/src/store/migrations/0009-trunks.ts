// Trunks. A port is in one trunk at most: the parent of one, or behind the parent of one.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const trunks: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table trunks (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      admin_state_up ${integer} not null,
      port_id ${text} not null references ports (id),
      status ${text} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index trunks_project on trunks (project_id)`.execute(db);
    await sql`create index trunks_name on trunks (name)`.execute(db);
    await sql`create unique index trunks_port on trunks (port_id)`.execute(db);
    await sql`create table subports (
      trunk_id ${text} not null references trunks (id) on delete cascade,
      port_id ${text} not null primary key references ports (id),
      segmentation_type ${text} not null,
      segmentation_id ${integer} not null
    )`.execute(db);
    await sql`create unique index subports_tag on subports (trunk_id, segmentation_type, segmentation_id)`.execute(db);
  },
};
