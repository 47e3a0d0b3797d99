// A router may have several ways out, which have an order.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const severalGateways: Migration = {
  async up(db) {
    const { integer } = portableTypes(db);
    await sql`alter table router_ports add column position ${integer} not null default 0`.execute(db);
  },
};
