// Local IPs, and the ports that they lead to.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const localIps: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table local_ips (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      local_port_id ${text} not null references ports (id),
      network_id ${text} not null,
      local_ip_address ${text} not null,
      ip_mode ${text} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index local_ips_project on local_ips (project_id)`.execute(db);
    await sql`create index local_ips_port on local_ips (local_port_id)`.execute(db);
    await sql`create table local_ip_port_associations (
      local_ip_id ${text} not null references local_ips (id),
      fixed_port_id ${text} not null references ports (id),
      fixed_ip ${text} not null,
      primary key (local_ip_id, fixed_port_id)
    )`.execute(db);
    await sql`create index local_ip_port_associations_port on local_ip_port_associations (fixed_port_id)`.execute(db);
  },
};
