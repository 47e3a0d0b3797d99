import { brInt } from '@neutronium/dataplane/bridges/br-int/pipeline';
import type { FlowRule } from '@neutronium/dataplane/openflow/flow';
import { matchAll } from '@neutronium/dataplane/openflow/match';
import { describe, expect, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import { FakeOpenFlow } from '#effects/openflow/openflow.fake';
import { FlowCanary } from './flow-canary.ts';

const canaryFlow: FlowRule = { table: brInt.number('CANARY'), priority: 0, match: matchAll, actions: [] };

function watched() {
  const openflow = new FakeOpenFlow();
  openflow.makeBridge('br-int');
  const clock = new TestClock();
  const state = { believed: false, losses: 0 };
  const canary = new FlowCanary({
    openflow,
    clock,
    bridge: 'br-int',
    believed: () => state.believed,
    onLost() {
      state.believed = false;
      state.losses++;
    },
  });
  /** Time passes until the next look is over. */
  const look = async (): Promise<void> => {
    clock.advanceToNext();
    await expect.poll(() => clock.pending, { interval: 1 }).toBe(1);
  };
  const change = (add: readonly FlowRule[], remove: readonly FlowRule[]) =>
    openflow.changeFlows('br-int', { add, remove, cookie: 0n });
  return { canary, clock, state, look, change };
}

describe('the canary', () => {
  it('is missed when the bridge should hold our flows, and only then', async () => {
    const { canary, state, look, change } = watched();
    await look();
    expect(state.losses).toBe(0);
    await change([canaryFlow], []);
    state.believed = true;
    await look();
    expect(state.losses).toBe(0);
    await change([], [canaryFlow]);
    await look();
    await look();
    expect(state.losses).toBe(1);
    canary[Symbol.dispose]();
  });

  it('is looked at no more when it is disposed of', async () => {
    const { canary, clock, look } = watched();
    await look();
    canary[Symbol.dispose]();
    expect(clock.pending).toBe(0);
  });
});
