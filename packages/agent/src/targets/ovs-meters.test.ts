import { match } from '@neutronium/dataplane/openflow/match';
import type { RateMeter } from '@neutronium/dataplane/openflow/meter';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeOpenFlow } from '#effects/openflow/openflow.fake';
import { converge } from './converge.fake.ts';
import { OvsMeters, type PlannedMeters } from './ovs-meters.ts';

const bridges = ['br-int'];

function switches(): FakeOpenFlow {
  const openflow = new FakeOpenFlow();
  openflow.makeBridge('br-int');
  return openflow;
}

const desiredOf = (meters: readonly RateMeter[]): PlannedMeters =>
  new Map([['br-int', new Map(meters.map((meter) => [meter.number, meter]))]]);

const anyMeters = fc
  .uniqueArray(
    fc.record({
      number: fc.integer({ min: 1, max: 6 }),
      unit: fc.constantFrom('kbps' as const, 'pktps' as const),
      rate: fc.integer({ min: 1, max: 3 }),
      burst: fc.constant(1),
    }),
    { selector: ({ number }) => number },
  )
  .map(desiredOf);

const one = desiredOf([{ number: 5, unit: 'kbps', rate: 1000, burst: 800 }]);

describe('the meters', () => {
  it('come from any state to any other, however much is remembered', async () => {
    const depth = fc.constantFrom('recall' as const, 'verify' as const);
    await fc.assert(
      fc.asyncProperty(anyMeters, anyMeters, depth, async (before, after, depth) => {
        const target = new OvsMeters({ openflow: switches(), bridges });
        await converge(target, before);
        await converge(target, after, { depth });
        expect(await converge(target, after, { depth: 'recall' })).toEqual([]);
        expect(await converge(target, after, { depth: 'verify' })).toEqual([]);
      }),
    );
  });

  it('are not touched by a restarted agent that wants the same', async () => {
    const openflow = switches();
    await converge(new OvsMeters({ openflow, bridges }), one);
    expect(await converge(new OvsMeters({ openflow, bridges }), one)).toEqual([]);
  });

  it('of an earlier run that nobody wants are removed, with the flows that name them', async () => {
    const openflow = switches();
    await converge(new OvsMeters({ openflow, bridges }), one);
    const limited = {
      table: 59,
      priority: 10,
      match: match({ in_port: 1 }),
      actions: [{ kind: 'meter', meter: 5 }],
    } as const;
    await openflow.changeFlows('br-int', { add: [limited], remove: [], cookie: 1n });
    await converge(new OvsMeters({ openflow, bridges }), desiredOf([]));
    expect(await openflow.dumpMeters('br-int')).toEqual([]);
    expect(await openflow.dumpFlows('br-int')).toEqual([]);
  });

  it('are made again after the switch was started anew', async () => {
    const openflow = switches();
    const target = new OvsMeters({ openflow, bridges });
    await converge(target, one);
    openflow.restart();
    await converge(target, one, { depth: 'recall' });
    expect(await openflow.dumpMeters('br-int')).toHaveLength(1);
  });
});
