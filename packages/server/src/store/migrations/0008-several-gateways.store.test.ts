import { withStores } from '@neutronium/testkit/store';
import { Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import { openPool, PostgresPoolDialect } from '../postgres-dialect.ts';
import { openSqliteWriter, SqliteConnectionDialect } from '../sqlite-dialect.ts';
import { severalGateways } from './0008-several-gateways.ts';

interface Before {
  readonly routers: { readonly id: string; readonly enable_snat: number };
  readonly router_ports: { readonly port_id: string; readonly router_id: string; readonly role: string };
}

function connect(url: string): Kysely<Before> {
  const dialect = url.startsWith('sqlite:')
    ? new SqliteConnectionDialect(openSqliteWriter(url.slice('sqlite:'.length), 1000))
    : new PostgresPoolDialect(openPool(url, 1));
  return new Kysely<Before>({ dialect });
}

withStores((fixture) => {
  it('leaves to each gateway whether it translates, as its router said', async () => {
    const db = connect(await fixture.newDatabase());
    // As much of the tables before as the step looks at.
    await sql`create table routers (id text not null primary key, enable_snat bigint not null)`.execute(db);
    await sql`create table router_ports (port_id text not null, router_id text not null, role text not null)`.execute(
      db,
    );
    await db
      .insertInto('routers')
      .values([
        { id: 'translating', enable_snat: 1 },
        { id: 'plain', enable_snat: 0 },
      ])
      .execute();
    await db
      .insertInto('router_ports')
      .values([
        { port_id: 'a', router_id: 'translating', role: 'gateway' },
        { port_id: 'b', router_id: 'translating', role: 'interface' },
        { port_id: 'c', router_id: 'plain', role: 'gateway' },
      ])
      .execute();
    await severalGateways.up(db);
    const { rows } = await sql`select port_id, position, enable_snat from router_ports order by port_id`.execute(db);
    expect(rows).toEqual([
      { port_id: 'a', position: 0, enable_snat: 1 },
      { port_id: 'b', position: 0, enable_snat: null },
      { port_id: 'c', position: 0, enable_snat: 0 },
    ]);
    const { rows: routers } = await sql`select * from routers order by id`.execute(db);
    expect(routers).toEqual([
      { id: 'plain', enable_default_route_ecmp: 0 },
      { id: 'translating', enable_default_route_ecmp: 0 },
    ]);
    await db.destroy();
  });
});
