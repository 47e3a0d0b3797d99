// What streams cost: nothing is read ahead of a client, and one that takes nothing is cut off.

import { policyDefaults } from '@neutronium/model/policy-defaults';
import { readSettings } from '@neutronium/model/settings';
import { withStores } from '@neutronium/testkit/store';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { serverSettings } from '../../config/server-settings.ts';
import { serverContext } from '../../context.ts';
import { Enforcer } from '../../policy/enforcer.ts';
import { loadRuleSet } from '../../policy/policy-file.ts';
import { Quotas } from '../../quota/quotas.ts';
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

  const streamOf = (times: Partial<StreamTimes>, ending = new AbortController().signal) =>
    eventStream(
      engine,
      {
        context: serverContext('req-1'),
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

    it('ends with the server, and after its longest time', async () => {
      const ending = new AbortController();
      const streams = [streamOf({}, ending.signal), streamOf({ longestMs: 1 })];
      ending.abort();
      for (const stream of streams) for await (const frame of stream) expect(String(frame)).toBe('id: 0\n\n');
    });
  });
});
