// What people say of segments. A segment of which nobody has said anything has no row.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const segmentNotes: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table segment_notes (
      segment_id ${text} not null primary key,
      network_id ${text} not null references networks (id) on delete cascade,
      name ${text},
      description ${text},
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index segment_notes_network on segment_notes (network_id)`.execute(db);
  },
};
