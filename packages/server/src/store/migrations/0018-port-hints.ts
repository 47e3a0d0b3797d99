// What ports ask of their hosts and of cards, the domains that the internal DNS has besides the configured one, and which
// subnets publish their addresses.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const portHints: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);
    await sql`alter table ports add column hints ${text}`.execute(db);
    await sql`alter table ports add column hardware_offload_type ${text}`.execute(db);
    await sql`alter table ports add column trusted ${integer}`.execute(db);
    await sql`alter table ports add column dns_zone ${text} not null default ''`.execute(db);
    await sql`alter table subnets add column dns_publish_fixed_ip ${integer} not null default 0`.execute(db);
  },
};
