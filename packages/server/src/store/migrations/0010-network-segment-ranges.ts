// Ranges of ids for networks, the segment that a subnet of a routed network is on, and the ports of DHCP servers at hand
// for those who look after them.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const networkSegmentRanges: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table network_segment_ranges (
      id ${text} not null primary key,
      name ${text} not null,
      "default" ${integer} not null,
      shared ${integer} not null,
      project_id ${text},
      network_type ${text} not null,
      physical_network ${text},
      minimum ${integer} not null,
      maximum ${integer} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index network_segment_ranges_project on network_segment_ranges (project_id)`.execute(db);
    await sql`create index network_segment_ranges_type on network_segment_ranges (network_type)`.execute(db);
    await sql`create index ports_of_dhcp on ports (network_id) where device_owner = 'network:dhcp'`.execute(db);
    await sql`alter table subnets add column segment_id ${text}`.execute(db);
    await sql`create index subnets_segment on subnets (segment_id)`.execute(db);
  },
};
