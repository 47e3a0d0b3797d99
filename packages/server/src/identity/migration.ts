// The identity tables, written out as they are at their first release.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from '../store/migrations/portable.ts';

export const identityFoundation: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    const entity = sql`id ${text} not null primary key, extra ${text} not null`;

    await sql`create table identity_domains (
      ${entity}, name ${text} not null, description ${text} not null, enabled ${integer} not null
    )`.execute(db);
    await sql`create unique index identity_domains_name on identity_domains (name)`.execute(db);

    await sql`create table identity_projects (
      ${entity},
      name ${text} not null,
      domain_id ${text} not null references identity_domains (id) on delete cascade,
      parent_id ${text} references identity_projects (id),
      description ${text} not null,
      enabled ${integer} not null
    )`.execute(db);
    await sql`create unique index identity_projects_name on identity_projects (domain_id, name)`.execute(db);
    await sql`create index identity_projects_parent on identity_projects (parent_id)`.execute(db);

    await sql`create table identity_users (
      ${entity},
      name ${text} not null,
      domain_id ${text} not null references identity_domains (id) on delete cascade,
      default_project_id ${text},
      description ${text},
      email ${text},
      enabled ${integer} not null,
      password_hash ${text},
      credential_version ${integer} not null
    )`.execute(db);
    await sql`create unique index identity_users_name on identity_users (domain_id, name)`.execute(db);

    await sql`create table identity_groups (
      ${entity},
      name ${text} not null,
      domain_id ${text} not null references identity_domains (id) on delete cascade,
      description ${text} not null
    )`.execute(db);
    await sql`create unique index identity_groups_name on identity_groups (domain_id, name)`.execute(db);
    await sql`create table identity_memberships (
      user_id ${text} not null references identity_users (id) on delete cascade,
      group_id ${text} not null references identity_groups (id) on delete cascade,
      primary key (user_id, group_id)
    )`.execute(db);

    await sql`create table identity_roles (${entity}, name ${text} not null, description ${text})`.execute(db);
    await sql`create unique index identity_roles_name on identity_roles (name)`.execute(db);
    await sql`create table identity_implied_roles (
      prior_role_id ${text} not null references identity_roles (id) on delete cascade,
      implied_role_id ${text} not null references identity_roles (id) on delete cascade,
      primary key (prior_role_id, implied_role_id)
    )`.execute(db);

    // Actors and targets are of several kinds, so the rows that name them are removed by hand with them.
    await sql`create table identity_assignments (
      actor_type ${text} not null,
      actor_id ${text} not null,
      target_type ${text} not null,
      target_id ${text} not null,
      role_id ${text} not null references identity_roles (id) on delete cascade,
      inherited ${integer} not null,
      primary key (actor_id, target_id, role_id, inherited, actor_type, target_type)
    )`.execute(db);
    await sql`create index identity_assignments_target on identity_assignments (target_id)`.execute(db);

    await sql`create table identity_regions (
      ${entity}, description ${text} not null, parent_region_id ${text} references identity_regions (id)
    )`.execute(db);
    await sql`create table identity_services (
      ${entity}, type ${text} not null, name ${text} not null, description ${text} not null, enabled ${integer} not null
    )`.execute(db);
    await sql`create table identity_endpoints (
      ${entity},
      service_id ${text} not null references identity_services (id) on delete cascade,
      interface ${text} not null,
      region_id ${text} references identity_regions (id),
      url ${text} not null,
      enabled ${integer} not null
    )`.execute(db);

    await sql`create table identity_revocations (
      audit_id ${text} not null primary key, expires_at ${integer} not null
    )`.execute(db);
    await sql`create table identity_secrets (name ${text} not null primary key, value ${text} not null)`.execute(db);
    await sql`create table identity_generation (generation ${integer} not null)`.execute(db);
    await sql`insert into identity_generation (generation) values (0)`.execute(db);
  },

  async down(db) {
    for (const table of tablesInReverse) await sql`drop table ${sql.table(table)}`.execute(db);
  },
};

const tablesInReverse = [
  'identity_generation',
  'identity_secrets',
  'identity_revocations',
  'identity_endpoints',
  'identity_services',
  'identity_regions',
  'identity_assignments',
  'identity_implied_roles',
  'identity_roles',
  'identity_memberships',
  'identity_groups',
  'identity_users',
  'identity_projects',
  'identity_domains',
];
