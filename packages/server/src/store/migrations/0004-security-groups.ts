// Security groups with their rules and the templates of those, address groups, the groups of ports, and RBAC entries
// as the policies that the API shows.

import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const securityGroups: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    const standard = sql`
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null`;
    const traffic = sql`
      direction ${text} not null,
      ethertype ${text} not null,
      protocol ${text},
      port_range_min ${integer},
      port_range_max ${integer},
      remote_ip_prefix ${text}`;

    await sql`create table security_groups (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      stateful ${integer} not null,
      ${standard}
    )`.execute(db);
    await sql`create index security_groups_project on security_groups (project_id)`.execute(db);
    await sql`create index security_groups_name on security_groups (name)`.execute(db);
    // Servers make the default group of a project when they first need it, and may need it at the same time.
    await sql`create unique index security_groups_default on security_groups (project_id)
                where name = 'default'`.execute(db);

    await sql`create table address_groups (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      ${standard}
    )`.execute(db);
    await sql`create index address_groups_project on address_groups (project_id)`.execute(db);
    await sql`create index address_groups_name on address_groups (name)`.execute(db);
    await sql`create table address_group_addresses (
      address_group_id ${text} not null references address_groups (id) on delete cascade,
      address ${text} not null,
      primary key (address_group_id, address)
    )`.execute(db);

    await sql`create table security_group_rules (
      id ${text} not null primary key,
      project_id ${text} not null,
      security_group_id ${text} not null references security_groups (id),
      ${traffic},
      normalized_cidr ${text},
      remote_group_id ${text} references security_groups (id),
      remote_address_group_id ${text} references address_groups (id),
      belongs_to_default_sg ${integer} not null,
      ${standard}
    )`.execute(db);
    await sql`create index security_group_rules_project on security_group_rules (project_id)`.execute(db);
    await sql`create index security_group_rules_group on security_group_rules (security_group_id)`.execute(db);
    await sql`create index security_group_rules_remote on security_group_rules (remote_group_id)`.execute(db);
    await sql`create index security_group_rules_addresses on security_group_rules (remote_address_group_id)`.execute(
      db,
    );

    await sql`create table default_security_group_rules (
      id ${text} not null primary key,
      ${traffic},
      remote_group_id ${text},
      remote_address_group_id ${text},
      used_in_default_sg ${integer} not null,
      used_in_non_default_sg ${integer} not null,
      ${standard}
    )`.execute(db);
    // What groups have always started with: all of them let everything out, default groups let each other in.
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    for (const ethertype of ['IPv4', 'IPv6']) {
      await sql`insert into default_security_group_rules (id, direction, ethertype, remote_group_id, used_in_default_sg,
                  used_in_non_default_sg, description, created_at, updated_at, revision_number)
                values (${randomUUID()}, 'egress', ${ethertype}, null, 1, 1, '', ${now}, ${now}, 1),
                  (${randomUUID()}, 'ingress', ${ethertype}, 'PARENT', 1, 0, '', ${now}, ${now}, 1)`.execute(db);
    }

    await sql`create table port_security_groups (
      port_id ${text} not null references ports (id) on delete cascade,
      security_group_id ${text} not null references security_groups (id),
      position ${integer} not null,
      primary key (port_id, security_group_id)
    )`.execute(db);
    await sql`create index port_security_groups_group on port_security_groups (security_group_id)`.execute(db);

    await sql`drop index rbac_entries_target`.execute(db);
    await sql`drop index rbac_entries_object_id_action_target_project`.execute(db);
    await sql`alter table rbac_entries rename to rbac_policies`.execute(db);
    await sql`alter table rbac_policies rename column target_project to target_tenant`.execute(db);
    await sql`create unique index rbac_policies_object_id_action_target_tenant
                on rbac_policies (object_id, action, target_tenant)`.execute(db);
    await sql`create index rbac_policies_target on rbac_policies (object_type, target_tenant)`.execute(db);
    await sql`create index rbac_policies_project on rbac_policies (project_id)`.execute(db);
  },
};
