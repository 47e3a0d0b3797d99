import * as fc from 'fast-check';
import { normal, output } from '@neutronium/dataplane/openflow/action';
import { type Flow, type FlowSet, flowSet } from '@neutronium/dataplane/openflow/flow';
import { match } from '@neutronium/dataplane/openflow/match';
import { describe, expect, it } from 'vitest';
import { FakeOpenFlow } from '#effects/openflow/openflow.fake';
import { converge } from './converge.fake.ts';
import { OvsFlows } from './ovs-flows.ts';

const bridges = [
  { name: 'br-int', sweepForeign: true },
  { name: 'br-ex', sweepForeign: false },
];

function flow(port: number, to: number | 'NORMAL'): Flow {
  const actions = [to === 'NORMAL' ? normal : output(to)];
  return { table: 0, priority: 9, match: match({ in_port: port }), actions, of: `port ${port}`, why: 'for a test' };
}

const anyFlows = fc
  .uniqueArray(fc.record({ port: fc.integer({ min: 1, max: 8 }), to: fc.integer({ min: 1, max: 3 }) }), {
    selector: ({ port }) => port,
  })
  .map((flows) => flowSet(flows.map(({ port, to }) => flow(port, to))));

function desiredOf(integration: FlowSet, provider: FlowSet = flowSet([])): ReadonlyMap<string, FlowSet> {
  return new Map([
    ['br-int', integration],
    ['br-ex', provider],
  ]);
}

function switches(): FakeOpenFlow {
  const openflow = new FakeOpenFlow();
  for (const { name } of bridges) openflow.makeBridge(name);
  return openflow;
}

const addForeign = (openflow: FakeOpenFlow, bridge: string, flows: readonly Flow[]) =>
  openflow.changeFlows(bridge, { remove: [], add: flows, cookie: 0x1234n });

describe('the flows', () => {
  it('come from any state to any other, however much is remembered', async () => {
    const depth = fc.constantFrom('recall' as const, 'verify' as const);
    await fc.assert(
      fc.asyncProperty(anyFlows, anyFlows, depth, async (before, after, depth) => {
        const target = new OvsFlows({ openflow: switches(), bridges });
        await converge(target, desiredOf(before, after));
        await converge(target, desiredOf(after, before), { depth });
        expect(await converge(target, desiredOf(after, before), { depth: 'recall' })).toEqual([]);
        expect(await converge(target, desiredOf(after, before), { depth: 'verify' })).toEqual([]);
      }),
    );
  });

  it('are not touched by a restarted agent that wants the same', async () => {
    const openflow = switches();
    const desired = desiredOf(flowSet([flow(1, 2), flow(2, 1)]));
    await converge(new OvsFlows({ openflow, bridges }), desired);
    const changes = openflow.changes.length;
    await converge(new OvsFlows({ openflow, bridges }), desired);
    expect(openflow.changes.length).toBe(changes);
  });

  it('change by the difference alone', async () => {
    const target = new OvsFlows({ openflow: switches(), bridges });
    await converge(target, desiredOf(flowSet([flow(1, 2), flow(2, 1)])));
    const [step] = await converge(target, desiredOf(flowSet([flow(1, 2), flow(3, 1)])));
    expect(step).toMatchObject({ bridge: 'br-int', add: [flow(3, 1)], remove: [{ match: flow(2, 1).match }] });
  });

  it('of others are swept from the integration bridge and stay on a provider bridge', async () => {
    const openflow = switches();
    await addForeign(openflow, 'br-int', [flow(7, 'NORMAL')]);
    await addForeign(openflow, 'br-ex', [flow(7, 'NORMAL')]);
    const target = new OvsFlows({ openflow, bridges });
    await converge(target, desiredOf(flowSet([flow(1, 2)]), flowSet([flow(1, 2)])));
    expect(await openflow.dumpFlows('br-int')).toHaveLength(1);
    expect(await openflow.dumpFlows('br-ex')).toHaveLength(2);
    await converge(target, desiredOf(flowSet([]), flowSet([])));
    expect(await openflow.dumpFlows('br-int')).toHaveLength(0);
    expect(await openflow.dumpFlows('br-ex')).toHaveLength(1);
  });

  it('of an operator that do what we want are not taken over', async () => {
    const openflow = switches();
    await addForeign(openflow, 'br-ex', [flow(7, 'NORMAL')]);
    const target = new OvsFlows({ openflow, bridges });
    expect(await converge(target, desiredOf(flowSet([]), flowSet([flow(7, 'NORMAL')])))).toEqual([]);
    expect(await converge(target, desiredOf(flowSet([]), flowSet([flow(7, 3)])))).toHaveLength(1);
  });

  it('come back after ovs-vswitchd has lost them, without a look at each', async () => {
    const openflow = switches();
    const target = new OvsFlows({ openflow, bridges });
    const desired = desiredOf(flowSet([flow(1, 2)]), flowSet([flow(1, 2)]));
    await converge(target, desired);
    openflow.restart();
    expect(await converge(target, desired, { depth: 'recall' })).toHaveLength(2);
    expect(await openflow.dumpFlows('br-int')).toHaveLength(1);
  });

  it('of one bridge do not wait for another that is not there', async () => {
    const openflow = new FakeOpenFlow();
    openflow.makeBridge('br-int');
    const target = new OvsFlows({ openflow, bridges });
    const { signal } = new AbortController();
    const steps = target.plan(
      desiredOf(flowSet([flow(1, 2)]), flowSet([flow(1, 2)])),
      await target.observe(signal, 'verify'),
    );
    const results = await Promise.allSettled(steps.map((step) => target.apply(step, signal)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('are looked at anew after a change that was refused', async () => {
    const openflow = switches();
    const target = new OvsFlows({ openflow, bridges });
    openflow.refuses = (rule) => (rule.priority === 9 ? 'OFPBMC_BAD_FIELD' : null);
    await expect(converge(target, desiredOf(flowSet([flow(1, 2)])))).rejects.toThrow('OFPBMC_BAD_FIELD');
    openflow.refuses = () => null;
    expect(await converge(target, desiredOf(flowSet([flow(1, 2)])), { depth: 'recall' })).toHaveLength(1);
  });
});
