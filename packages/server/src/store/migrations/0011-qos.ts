// QoS policies and their rules, and what has a policy.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const qos: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table policies (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      is_default ${integer} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index policies_project on policies (project_id)`.execute(db);

    await sql`create table bandwidth_limit_rules (
      id ${text} not null primary key,
      qos_policy_id ${text} not null references policies (id) on delete cascade,
      max_kbps ${integer} not null,
      max_burst_kbps ${integer} not null,
      direction ${text} not null
    )`.execute(db);
    await sql`create table dscp_marking_rules (
      id ${text} not null primary key,
      qos_policy_id ${text} not null references policies (id) on delete cascade,
      dscp_mark ${integer} not null
    )`.execute(db);
    await sql`create table minimum_bandwidth_rules (
      id ${text} not null primary key,
      qos_policy_id ${text} not null references policies (id) on delete cascade,
      min_kbps ${integer} not null,
      direction ${text} not null
    )`.execute(db);
    await sql`create table minimum_packet_rate_rules (
      id ${text} not null primary key,
      qos_policy_id ${text} not null references policies (id) on delete cascade,
      min_kpps ${integer} not null,
      direction ${text} not null
    )`.execute(db);
    await sql`create table packet_rate_limit_rules (
      id ${text} not null primary key,
      qos_policy_id ${text} not null references policies (id) on delete cascade,
      max_kpps ${integer} not null,
      max_burst_kpps ${integer} not null,
      direction ${text} not null
    )`.execute(db);
    for (const type of [
      'bandwidth_limit',
      'dscp_marking',
      'minimum_bandwidth',
      'minimum_packet_rate',
      'packet_rate_limit',
    ]) {
      await sql`create index ${sql.ref(`${type}_rules_policy`)} on ${sql.table(`${type}_rules`)} (qos_policy_id)`.execute(
        db,
      );
    }
    for (const user of ['networks', 'ports', 'floatingips', 'routers']) {
      await sql`alter table ${sql.table(user)} add column qos_policy_id ${text} references policies (id)`.execute(db);
      await sql`create index ${sql.ref(`${user}_qos_policy`)} on ${sql.table(user)} (qos_policy_id)`.execute(db);
    }
  },
};
