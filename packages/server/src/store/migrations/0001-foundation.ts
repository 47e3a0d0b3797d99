// The change log, networks, subnets, ports, subnet pools, agents and what belongs to them. Unique constraints are named
// indexes, so that both databases report a violation by the same name.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { databaseKind } from '../dialect.ts';
import { portableTypes } from './portable.ts';

export const foundation: Migration = {
  async up(db) {
    const { text, integer, serial } = portableTypes(db);

    await sql`create table change_log (
      entry ${serial},
      revision ${integer},
      kind ${text} not null,
      object_id ${text} not null,
      project_id ${text},
      op ${text} not null,
      actor ${text},
      request_id ${text} not null,
      at ${text} not null,
      before ${text},
      after ${text}
    )`.execute(db);
    await sql`create table change_log_head (revision ${integer} not null)`.execute(db);
    await sql`insert into change_log_head (revision) values (0)`.execute(db);
    if (databaseKind(db) === 'postgres') {
      // SQLite's revision is the entry itself.
      await sql`create unique index change_log_revision on change_log (revision)`.execute(db);
      await sql`create index change_log_unnumbered on change_log (entry) where revision is null`.execute(db);
    }

    await sql`create table tags (object_id ${text} not null, tag ${text} not null, primary key (object_id, tag))`.execute(
      db,
    );
    await sql`create index tags_tag on tags (tag)`.execute(db);

    await sql`create table rbac_entries (
      id ${text} not null primary key,
      project_id ${text} not null,
      object_type ${text} not null,
      object_id ${text} not null,
      action ${text} not null,
      target_project ${text} not null
    )`.execute(db);
    await sql`create unique index rbac_entries_object_id_action_target_project
                on rbac_entries (object_id, action, target_project)`.execute(db);
    await sql`create index rbac_entries_target on rbac_entries (object_type, target_project)`.execute(db);

    await sql`create table quota_limits (
      project_id ${text} not null,
      resource ${text} not null,
      "limit" ${integer} not null,
      primary key (project_id, resource)
    )`.execute(db);
  },
};
