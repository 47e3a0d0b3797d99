// Routers that several agents host: the networks on which those watch each other, and what each router is called there.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const haRouters: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table ha_networks (
      network_id ${text} not null primary key references networks (id) on delete cascade,
      project_id ${text} not null
    )`.execute(db);
    await sql`create index ha_networks_project on ha_networks (project_id)`.execute(db);
    await sql`create table virtual_routers (
      router_id ${text} not null primary key references routers (id),
      network_id ${text} not null references ha_networks (network_id) on delete cascade,
      vr_id ${integer} not null
    )`.execute(db);
    await sql`create unique index virtual_routers_network_id_vr_id
                on virtual_routers (network_id, vr_id)`.execute(db);
    await sql`alter table router_l3_agents add column ha_state ${text}`.execute(db);
  },
};
