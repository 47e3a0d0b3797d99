// The change log is asked what became of one object.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const changeLogByObject: Migration = {
  async up(db) {
    // Hardly any id is that of two objects, so that the kind need not be in the index, which every write pays for.
    await sql`create index change_log_object on change_log (object_id)`.execute(db);
  },
};
