// What hosts have for distributed routers: an address from which their routers send, and ports on external networks by
// which floating IPs are reached where their instances are.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const distributedRouters: Migration = {
  async up(db) {
    const { text } = portableTypes(db);
    await sql`create table dvr_host_macs (
      host ${text} not null primary key,
      mac_address ${text} not null unique
    )`.execute(db);
    await sql`create table agent_gateways (
      port_id ${text} not null primary key references ports (id) on delete cascade,
      network_id ${text} not null,
      host ${text} not null,
      unique (network_id, host)
    )`.execute(db);
    await sql`create index agent_gateways_host on agent_gateways (host)`.execute(db);
  },
};
