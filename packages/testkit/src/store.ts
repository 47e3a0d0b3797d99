// Fresh databases for a test suite, on SQLite always and on PostgreSQL where NEUTRONIUM_TEST_POSTGRES names a server
// (a libpq URL of a user that may create databases). Each goes when its suite ends.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStore } from '@neutronium/server/store/open-store';
import { serverContext } from '@neutronium/server/context';
import type { Store } from '@neutronium/server/store/store';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, vi } from 'vitest';

/** Databases come and go slowly on a machine that has much to do. */
const hookTimeoutMs = 60_000;

/** Those that refer to others come first. */
const tables = [
  'metering_label_rules',
  'metering_labels',
  'logs',
  'auto_allocated_topologies',
  'port_forwardings',
  'ndp_proxies',
  'conntrack_helpers',
  'floatingips',
  'local_ip_port_associations',
  'local_ips',
  'virtual_routers',
  'ha_networks',
  'router_l3_agents',
  'router_ports',
  'routers',
  'flavors',
  'service_profiles',
  'network_dhcp_agents',
  'port_provisioning',
  'ip_allocations',
  'network_segments',
  'segment_allocations',
  'port_security_groups',
  'ports',
  'subnets',
  'networks',
  'subnetpools',
  'address_scopes',
  'agents',
  'quota_limits',
  'security_group_rules',
  'security_groups',
  'security_groups_default_statefulness',
  'address_group_addresses',
  'address_groups',
  'rbac_policies',
  'tags',
] as const;

export interface StoreFixture {
  readonly kind: 'sqlite' | 'postgres';
  /** A new, empty database; gives back the URL by which any number of stores can open it. */
  newDatabase(): Promise<string>;
  /** Opens a database, a new one if none is named. Closed when the suite ends, if not before. */
  open(url?: string): Promise<Store>;
  /** Removes every record of the store and whatever belongs to it, but not the change log: quicker than a new database. */
  empty(store: Store): Promise<void>;
}

/** Runs `suite` once for each kind of database that is at hand; says so where PostgreSQL is not. */
export function withStores(suite: (fixture: StoreFixture) => void): void {
  withSqliteStores(suite);
  withPostgresStores(suite);
}

/** Runs `suite` on PostgreSQL, for what concerns it alone. */
export function withPostgresStores(suite: (fixture: StoreFixture) => void): void {
  const server = process.env['NEUTRONIUM_TEST_POSTGRES'];
  if (server === undefined)
    describe.skip('on PostgreSQL (NEUTRONIUM_TEST_POSTGRES is not set)', () => suite(sqliteFixture()));
  else describe('on PostgreSQL', () => suite(postgresFixture(server)));
}

/** Runs `suite` on SQLite, for what concerns it alone. */
export function withSqliteStores(suite: (fixture: StoreFixture) => void): void {
  describe('on SQLite', () => suite(sqliteFixture()));
}

/** The last revision, once everything written has one: PostgreSQL's changes get theirs after they are committed. */
export const settled = (store: Store): Promise<number> =>
  vi.waitFor(
    async () => {
      const revision = await store.revision();
      const written = await store.read(({ db }) => db.selectFrom('change_log').select('entry').execute());
      expect(revision).toBe(written.length);
      return revision;
    },
    { interval: 5, timeout: 60_000 },
  );

function sqliteFixture(): StoreFixture {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'neutronium-store-'));
  });
  const open = opener(
    async () => `sqlite:${path.join(directory, `${randomBytes(6).toString('hex')}.db`)}`,
    () => rm(directory, { recursive: true, force: true }),
  );
  return { kind: 'sqlite', ...open };
}

function postgresFixture(server: string): StoreFixture {
  const databases: string[] = [];
  const open = opener(
    async () => {
      const name = `neutronium_test_${randomBytes(6).toString('hex')}`;
      await onServer(server, `create database ${name}`);
      databases.push(name);
      const url = new URL(server);
      url.pathname = `/${name}`;
      return url.href;
    },
    async () => {
      for (const name of databases) await onServer(server, `drop database if exists ${name} with (force)`);
    },
  );
  return { kind: 'postgres', ...open };
}

function opener(newDatabase: () => Promise<string>, remove: () => Promise<void>): Omit<StoreFixture, 'kind'> {
  const stores: Store[] = [];
  afterAll(async () => {
    for (const store of stores) await store.close();
    await remove();
  }, hookTimeoutMs);
  return {
    newDatabase,
    async open(url) {
      const store = await openStore(url ?? (await newDatabase()));
      stores.push(store);
      return store;
    },
    empty: (store) =>
      store.write(serverContext('req-empty'), async ({ db }) => {
        for (const table of tables) await db.deleteFrom(table).execute();
      }),
  };
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
