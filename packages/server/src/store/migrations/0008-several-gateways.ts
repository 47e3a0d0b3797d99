// A router may have several ways out, which have an order and translate or not, each by itself.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const severalGateways: Migration = {
  async up(db) {
    const { integer } = portableTypes(db);
    await sql`alter table router_ports add column position ${integer} not null default 0`.execute(db);
    await sql`alter table router_ports add column enable_snat ${integer}`.execute(db);
    await sql`update router_ports set enable_snat =
                (select enable_snat from routers where routers.id = router_ports.router_id)
                where role = 'gateway'`.execute(db);
    await sql`alter table routers drop column enable_snat`.execute(db);
    await sql`alter table routers add column enable_default_route_ecmp ${integer} not null default 0`.execute(db);
  },
};
