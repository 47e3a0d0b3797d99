// Where ports are about to be. Where they are is in their own rows.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const portBindings: Migration = {
  async up(db) {
    const { text } = portableTypes(db);
    await sql`create table inactive_port_bindings (
      port_id ${text} not null references ports (id) on delete cascade,
      host ${text} not null,
      vnic_type ${text} not null,
      profile ${text} not null,
      vif_type ${text} not null,
      vif_details ${text} not null,
      primary key (port_id, host)
    )`.execute(db);
  },
};
