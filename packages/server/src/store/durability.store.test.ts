import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { network } from '@neutronium/model/resources/network';
import { networkRecord } from '@neutronium/testkit/records';
import { withPostgresStores, withSqliteStores, withStores } from '@neutronium/testkit/store';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import { describe, expect, it, vi } from 'vitest';
import { serverContext } from '../context.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { StoreUnavailable } from './store.ts';

const context = serverContext('req-1');

withStores((fixture) => {
  describe('a server that is killed', () => {
    it('loses nothing that it has acknowledged', async () => {
      const url = await fixture.newDatabase();
      const acknowledged: string[] = [];
      for (let round = 0; round < 3; round += 1) {
        const program = fileURLToPath(import.meta.resolve('@neutronium/testkit/writing-program'));
        const child = spawn(process.execPath, [program, url], { stdio: ['ignore', 'pipe', 'inherit'] });
        const ended = once(child, 'exit');
        const target = acknowledged.length + 60;
        for await (const id of createInterface({ input: child.stdout })) {
          acknowledged.push(id);
          if (acknowledged.length === target) child.kill('SIGKILL');
        }
        await ended;
      }
      const store = await fixture.open(url);
      const found = await store.read((reader) => reader.getMany(network, acknowledged));
      expect(found.map(({ id }) => id)).toEqual(acknowledged);
      expect(acknowledged.length).toBeGreaterThanOrEqual(180);
    }, 60_000);
  });
});

withSqliteStores((fixture) => {
  describe('a database', () => {
    it('that is full is unavailable, loses nothing, and goes on when there is room', async () => {
      const store = await fixture.open();
      const kept = networkRecord({ name: 'kept' });
      await store.write(context, (writer) => writer.insert(network, [kept]));
      const setLimit = (pages: number) =>
        store.write(context, ({ db }) => sql`pragma max_page_count = ${sql.lit(pages)}`.execute(db));
      await setLimit(1);
      const large = () => networkRecord({ description: 'x'.repeat(100_000) });
      const writes = await Promise.allSettled(
        [large(), large()].map((record) => store.write(context, (writer) => writer.insert(network, [record]))),
      );
      expect(writes).toMatchObject([
        { status: 'rejected', reason: expect.any(StoreUnavailable) },
        { status: 'rejected', reason: expect.any(StoreUnavailable) },
      ]);
      expect(await store.read((reader) => reader.list(network, {}))).toMatchObject([{ id: kept.id }]);
      await setLimit(1_000_000);
      await store.write(context, (writer) => writer.insert(network, [large()]));
      expect(await store.read((reader) => reader.count(network, []))).toBe(2);
    });

    it('that another process holds is unavailable for writing, and can be read', async () => {
      const path = (await fixture.newDatabase()).slice('sqlite:'.length);
      const store = await openSqliteStore({ path, busyTimeoutMs: 20 });
      const other = new Sqlite(path);
      other.exec('begin immediate');
      const write = () => store.write(context, (writer) => writer.insert(network, [networkRecord()]));
      await expect(write()).rejects.toThrow(StoreUnavailable);
      expect(await store.read((reader) => reader.count(network, []))).toBe(0);
      other.exec('commit');
      other.close();
      await write();
      await store.close();
    });
  });
});

withPostgresStores((fixture) => {
  it('is unavailable while its connections are lost, and goes on with new ones', async () => {
    const store = await fixture.open();
    const cutAll = () =>
      store.read(({ db }) =>
        sql`select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()`.execute(db),
      );
    const cut = store.write(context, async (writer) => {
      await writer.insert(network, [networkRecord()]);
      await cutAll();
      await writer.insert(network, [networkRecord()]);
    });
    await expect(cut).rejects.toThrow(StoreUnavailable);
    const record = networkRecord();
    await vi.waitFor(() => store.write(context, (writer) => writer.insert(network, [record])), { timeout: 60_000 });
    expect(await store.read((reader) => reader.list(network, {}))).toMatchObject([{ id: record.id }]);
    await vi.waitFor(async () => expect(await store.changesAfter(0, 10)).toHaveLength(1), { timeout: 60_000 });
  });
});
