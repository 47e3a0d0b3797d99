import { network } from '@neutronium/model/resources/network';
import { networkRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serverContext } from '../context.ts';
import { firstKept } from '../store/log-retention.ts';
import type { Store } from '../store/store.ts';
import { TopologyFeed } from '../views/topology-feed.ts';
import { LogKeeper, type HistorySettings } from './log-keeper.ts';

const context = serverContext('req-1');
const dayMs = 24 * 3600 * 1000;

withStores((fixture) => {
  let store: Store;
  let url: string;
  let feed: TopologyFeed | undefined;
  beforeEach(async () => {
    url = await fixture.newDatabase();
    store = await fixture.open(url);
  });
  afterEach(async () => {
    await feed?.stop();
    feed = undefined;
  });

  /** Writes so many entries, one transaction each, and waits for their numbers. */
  async function writeEntries(count: number): Promise<void> {
    const head = await store.revision();
    for (let number = 0; number < count; number += 1) {
      await store.write(context, (writer) => writer.insert(network, [networkRecord()]));
    }
    await vi.waitFor(async () => expect(await store.revision()).toBe(head + count), { interval: 5, timeout: 60_000 });
  }

  async function cut(history: HistorySettings, { alwaysKept = 3, now = new Date() } = {}): Promise<void> {
    const onProblem = (error: unknown) => expect.fail(String(error));
    const keeper = new LogKeeper({ store, now: () => now, history, alwaysKept, onProblem });
    await keeper.look();
    await keeper.stop();
  }

  const revisions = async () => (await store.changesAfter(0, 100)).map(({ revision }) => revision);
  const first = () => store.read(({ db }) => firstKept(db));

  describe('the change log', () => {
    it('keeps no more entries than it may', async () => {
      await writeEntries(10);
      await cut({ max_age: null, max_entries: 4 });
      expect(await revisions()).toEqual([7, 8, 9, 10]);
      expect(await first()).toBe(7);
    });

    it('keeps none that is too old, but for the last ones', async () => {
      await writeEntries(10);
      await cut({ max_age: 3600, max_entries: null });
      expect(await revisions()).toHaveLength(10);
      await cut({ max_age: 3600, max_entries: null }, { now: new Date(Date.now() + dayMs) });
      expect(await revisions()).toEqual([8, 9, 10]);
    });

    it('is kept whole where nothing limits it', async () => {
      await writeEntries(5);
      await cut({ max_age: null, max_entries: null }, { now: new Date(Date.now() + 1000 * dayMs) });
      expect(await revisions()).toHaveLength(5);
    });

    it('goes on counting where it was, even after all has gone', async () => {
      await writeEntries(4);
      await cut({ max_age: null, max_entries: 0 }, { alwaysKept: 0 });
      expect([await revisions(), await first()]).toEqual([[], null]);
      await writeEntries(2);
      expect(await revisions()).toEqual([5, 6]);
    });
  });

  describe('a host that comes back after the log was cut', () => {
    async function freshFeed(): Promise<TopologyFeed> {
      const started = new TopologyFeed({
        store,
        dnsDomain: 'example.org',
        onProblem: (error) => expect.fail(String(error)),
      });
      await started.start();
      return started;
    }

    it('is told what it has missed where that is still known, and otherwise needs a snapshot', async () => {
      await writeEntries(10);
      await cut({ max_age: null, max_entries: 4 });
      feed = await freshFeed();
      const missed = async (revision: number) => (await feed?.entriesSince(revision))?.map((entry) => entry.revision);
      expect(await missed(5)).toBeUndefined();
      expect(await missed(6)).toEqual([7, 8, 9, 10]);
      expect(await missed(8)).toEqual([9, 10]);
      expect(await missed(10)).toEqual([]);
    });

    it('is told what a server still remembers of what has gone', async () => {
      feed = await freshFeed();
      await writeEntries(6);
      await vi.waitFor(() => expect(feed?.revision).toBe(6), { interval: 5, timeout: 60_000 });
      await cut({ max_age: null, max_entries: 0 }, { alwaysKept: 0 });
      expect((await feed.entriesSince(4))?.map((entry) => entry.revision)).toEqual([5, 6]);
    });
  });

  describe('a server that has slept through what has gone', () => {
    it('reads everything anew, and says so', async () => {
      feed = await freshFeedThatSleeps();
      let told = 0;
      feed.onReload(() => {
        told += 1;
      });
      const { topology } = feed;
      await store.write(context, (writer) => writer.insert(network, [networkRecord({ id: 'late' })]));
      await vi.waitFor(() => expect([told, feed?.revision]).toEqual([1, 7]), { interval: 5, timeout: 60_000 });
      expect(feed.topology).not.toBe(topology);
    });

    /** It follows a store that does not call back until the log has been cut. */
    async function freshFeedThatSleeps(): Promise<TopologyFeed> {
      await writeEntries(1);
      const sleeping = { wake: (): void => undefined };
      const drowsy: Store = {
        read: (work) => store.read(work),
        readPast: (revision, work) => store.readPast(revision, work),
        write: (as, work) => store.write(as, work),
        revision: () => store.revision(),
        revisionAt: (time) => store.revisionAt(time),
        settledRevision: () => store.settledRevision(),
        changesAfter: (revision, limit) => store.changesAfter(revision, limit),
        changesOf: (query) => store.changesOf(query),
        onChanges: (listener) => {
          sleeping.wake = store.onChanges.bind(store, listener);
          return () => undefined;
        },
        close: () => store.close(),
      };
      const started = new TopologyFeed({ store: drowsy, dnsDomain: 'example.org', onProblem: () => undefined });
      await started.start();
      await writeEntries(5);
      await cut({ max_age: null, max_entries: 1 }, { alwaysKept: 0 });
      sleeping.wake();
      return started;
    }
  });
});
