// Metering labels with their rules, and logs of traffic.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const meteringAndLogs: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table metering_labels (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      description ${text} not null,
      shared ${integer} not null
    )`.execute(db);
    await sql`create index metering_labels_project on metering_labels (project_id)`.execute(db);
    await sql`create table metering_label_rules (
      id ${text} not null primary key,
      metering_label_id ${text} not null references metering_labels (id),
      direction ${text} not null,
      remote_ip_prefix ${text},
      source_ip_prefix ${text},
      destination_ip_prefix ${text},
      excluded ${integer} not null
    )`.execute(db);
    await sql`create index metering_label_rules_label on metering_label_rules (metering_label_id)`.execute(db);
    await sql`create table logs (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      resource_type ${text} not null,
      resource_id ${text},
      event ${text} not null,
      target_id ${text},
      enabled ${integer} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index logs_project on logs (project_id)`.execute(db);
    await sql`create index logs_resource_id on logs (resource_id)`.execute(db);
    await sql`create index logs_target_id on logs (target_id)`.execute(db);
  },
};
