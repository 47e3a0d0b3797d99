import { network } from '@neutronium/model/resources/network';
import { networkRecord } from '@neutronium/testkit/records';
import { settled, withStores } from '@neutronium/testkit/store';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { serverContext } from '../context.ts';
import type { ChangeEntry, Store } from './store.ts';

const context = { ...serverContext('req-7'), userId: 'someone' };

withStores((fixture) => {
  let store: Store;
  let others: readonly Store[];
  beforeAll(async () => {
    const url = await fixture.newDatabase();
    store = await fixture.open(url);
    // SQLite belongs to one server.
    others = fixture.kind === 'sqlite' ? [store] : [await fixture.open(url), await fixture.open(url)];
  });

  /** The entries after `revision`, once there are `count`. */
  const entries = (revision: number, count: number): Promise<readonly ChangeEntry[]> =>
    vi.waitFor(
      async () => {
        const found = await store.changesAfter(revision, 10_000);
        expect(found).toHaveLength(count);
        return found;
      },
      { interval: 5, timeout: 60_000 },
    );

  describe('the change log', () => {
    it('says who changed what, from what to what', async () => {
      const from = await settled(store);
      const record = networkRecord({ name: 'old' });
      await store.write(context, (writer) => writer.insert(network, [record]));
      await store.write(context, (writer) => writer.update(network, record.id, { name: 'new' }));
      await store.write(context, (writer) => writer.remove(network, record.id));
      const common = { kind: 'network', id: record.id, project_id: 'project', actor: 'someone', request_id: 'req-7' };
      expect(await entries(from, 3)).toMatchObject([
        { ...common, revision: from + 1, op: 'create', before: null, after: { name: 'old' } },
        { ...common, revision: from + 2, op: 'update', before: { name: 'old' }, after: { name: 'new' } },
        { ...common, revision: from + 3, op: 'delete', before: { name: 'new' }, after: null },
      ]);
    });

    it('has one entry for each object that a transaction changed, and none for what left no trace', async () => {
      const from = await settled(store);
      const [kept, gone] = [networkRecord({ name: 'a' }), networkRecord()];
      await store.write(context, async (writer) => {
        await writer.insert(network, [kept, gone]);
        await writer.update(network, kept.id, { name: 'b' });
        await writer.touch(network, kept.id);
        await writer.remove(network, gone.id);
      });
      expect(await entries(from, 1)).toMatchObject([{ id: kept.id, op: 'create', before: null, after: { name: 'b' } }]);
    });

    it('has nothing of a transaction that failed', async () => {
      const from = await settled(store);
      const failing = store.write(context, async (writer) => {
        await writer.insert(network, [networkRecord()]);
        throw new Error('changed my mind');
      });
      await expect(failing).rejects.toThrow('changed my mind');
      await store.write(context, (writer) => writer.insert(network, [networkRecord({ name: 'next' })]));
      expect(await entries(from, 1)).toMatchObject([{ revision: from + 1, after: { name: 'next' } }]);
    });

    it('calls back who listens, on every server', async () => {
      const told = others.map(
        (other) =>
          new Promise<void>((resolve) => {
            const unsubscribe = other.onChanges(() => {
              unsubscribe();
              resolve();
            });
          }),
      );
      await store.write(context, (writer) => writer.insert(network, [networkRecord()]));
      await Promise.all(told);
    });
  });

  describe('a reader that follows the log', () => {
    it('misses no transaction, however late it commits', async () => {
      const from = await settled(store);
      const followed: ChangeEntry[] = [];
      const follower = (async () => {
        for (let at = from; followed.length < 120;) {
          const next = await store.changesAfter(at, 7);
          followed.push(...next);
          at = next.at(-1)?.revision ?? at;
          if (next.length === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      // Every fourth takes its place in the order of writing at once, and commits after all others.
      const isLate = (index: number): boolean => fixture.kind === 'postgres' && index % 4 === 0;
      const releases: (() => void)[] = [];
      const writes = Array.from({ length: 40 }, (_, index) => {
        const server = [store, ...others][index % 3] ?? store;
        const ids = [0, 1, 2].map((part) => `${index}-${part}`);
        const released = isLate(index) ? new Promise<void>((resolve) => releases.push(resolve)) : Promise.resolve();
        return server.write(context, async ({ db }) => {
          const entry = {
            kind: 'test',
            project_id: null,
            op: 'create',
            actor: null,
            request_id: 'req',
            at: '',
          } as const;
          const rows = ids.map((object_id) => ({ ...entry, object_id, before: null, after: null }));
          await db.insertInto('change_log').values(rows).execute();
          await released;
          return ids;
        });
      });
      const quick = writes.filter((_, index) => !isLate(index));
      await Promise.all(quick);
      for (const release of releases) release();
      const written = (await Promise.all(writes)).flat();
      await follower;
      expect(followed.map(({ revision }) => revision)).toEqual(written.map((_, index) => from + 1 + index));
      expect(new Set(followed.map(({ id }) => id))).toEqual(new Set(written));
    });
  });
});
