// What streams cost: nothing is read ahead of a client, and one that takes nothing is cut off.

import { network } from '@neutronium/model/resources/network';
import { policyDefaults } from '@neutronium/model/policy-defaults';
import { readSettings } from '@neutronium/model/settings';
import { networkRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { serverSettings } from '../../config/server-settings.ts';
import { serverContext } from '../../context.ts';
import { Enforcer } from '../../policy/enforcer.ts';
import { loadRuleSet } from '../../policy/policy-file.ts';
import { Quotas } from '../../quota/quotas.ts';
import type { Store } from '../../store/store.ts';
import type { Engine } from '../engine.ts';
import { eventStream, streamTimes, type StreamTimes } from './event-stream.ts';

withStores((fixture) => {
  let engine: Engine;
  beforeEach(async () => {
    const settings = readSettings(serverSettings, {});
    if (!settings.ok) throw new Error(settings.problems.join('; '));
    engine = {
      store: await fixture.open(),
      enforcer: new Enforcer(await loadRuleSet(policyDefaults, null)),
      quotas: new Quotas(settings.values.quotas, []),
      handlersByName: new Map(),
      maxPage: null,
    };
  });

  const context = serverContext('req-1');
  const write = async (count: number, store: Store = engine.store): Promise<void> => {
    await store.write(context, (writer) =>
      writer.insert(
        network,
        Array.from({ length: count }, () => networkRecord()),
      ),
    );
  };
  const streamOf = (times: Partial<StreamTimes>, ending = new AbortController().signal) =>
    eventStream(
      engine,
      {
        context,
        since: 0,
        filter: { resources: new Set(), ids: new Set(), projects: new Set() },
        follow: true,
        ending,
      },
      { ...streamTimes, ...times },
    );

  describe('a stream', () => {
    it('is cut off when its client takes nothing', async () => {
      const stream = streamOf({ heartbeatMs: 1, pauseMs: 1, patienceMs: 20 });
      stream.read(0);
      await vi.waitFor(() => expect(stream.destroyed).toBe(true));
      expect(stream.readableLength).toBeLessThan(20);
    });

    it('goes on while its client takes what it is sent, and says that it lives', async () => {
      const stream = streamOf({ heartbeatMs: 1, pauseMs: 1, patienceMs: 5_000 });
      let heartbeats = 0;
      for await (const frame of stream) {
        expect(String(frame)).toBe('id: 0\n\n');
        heartbeats += 1;
        if (heartbeats === 20) break;
      }
      expect(heartbeats).toBe(20);
    });

    it('ends where the log was cut before it could be read, instead of leaving out what happened', async () => {
      await write(5);
      await engine.store.settledRevision();
      await engine.store.write(context, async ({ db }) => {
        await db.deleteFrom('change_log').where('entry', '<', 3).execute();
      });
      const told: string[] = [];
      for await (const frame of streamOf({})) told.push(String(frame));
      expect(told).toEqual(['id: 0\n\n']);
    });

    it('tells what another server on the same database has written', async () => {
      const url = await fixture.newDatabase();
      const [mine, others] = [await fixture.open(url), await fixture.open(url)];
      engine = { ...engine, store: mine };
      const stream = streamOf({ heartbeatMs: 20, pauseMs: 1 });
      await write(1, others);
      let position = '';
      for await (const frame of stream) {
        position = String(frame);
        if (position !== 'id: 0\n\n') break;
      }
      expect(position).toBe('id: 1\n\n');
    });

    it('ends with the server, and after its longest time', async () => {
      const ending = new AbortController();
      const streams = [streamOf({}, ending.signal), streamOf({ longestMs: 1 })];
      ending.abort();
      for (const stream of streams) for await (const frame of stream) expect(String(frame)).toBe('id: 0\n\n');
    });
  });
});
