// Which wire belongs to which network. The primary key is the guard: a wire that two servers reach for at once goes to
// one of them.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const segmentAllocations: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`create table segment_allocations (
      network_type ${text} not null,
      physical_network ${text} not null,
      segmentation_id ${integer} not null,
      network_id ${text} not null,
      primary key (network_type, physical_network, segmentation_id)
    )`.execute(db);
    await sql`create index segment_allocations_network_id on segment_allocations (network_id)`.execute(db);
  },
};
