import { brInt } from '@neutronium/dataplane/bridges/br-int/pipeline';
import type { FlowRule } from '@neutronium/dataplane/openflow/flow';
import { matchAll } from '@neutronium/dataplane/openflow/match';
import { describe, expect, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import { FakeExec } from '#effects/exec.fake';
import { FakeOpenFlow } from '#effects/openflow/openflow.fake';
import { Canary } from './canary.ts';
import { hasCanaryFlow } from './flows.ts';
import { hasOurFirstRules } from './packet-filter.ts';

function watched() {
  const clock = new TestClock();
  const state = { believed: false, alive: true, looks: 0, losses: 0 };
  const canary = new Canary({
    clock,
    believed: () => state.believed,
    async alive() {
      state.looks += 1;
      return state.alive;
    },
    onLost() {
      state.believed = false;
      state.losses += 1;
    },
  });
  /** Time passes until the next look is over. */
  const look = async (): Promise<void> => {
    clock.advanceToNext();
    await expect.poll(() => clock.pending, { interval: 1 }).toBe(1);
  };
  return { canary, clock, state, look };
}

describe('a canary', () => {
  it('is missed once when what should be there is gone, and only then', async () => {
    const { canary, state, look } = watched();
    state.believed = true;
    await look();
    expect(state.losses).toBe(0);
    state.alive = false;
    await look();
    await look();
    expect(state.losses).toBe(1);
    canary[Symbol.dispose]();
  });

  it('is not asked for where nothing of ours should be', async () => {
    const { canary, state, look } = watched();
    await look();
    expect(state).toMatchObject({ looks: 0, losses: 0 });
    canary[Symbol.dispose]();
  });

  it('is looked at no more when it is disposed of', async () => {
    const { canary, clock, look } = watched();
    await look();
    canary[Symbol.dispose]();
    expect(clock.pending).toBe(0);
  });
});

describe('the canary of the flows', () => {
  const flow: FlowRule = { table: brInt.number('CANARY'), priority: 0, match: matchAll, actions: [] };

  it('is alive while its flow is there, and where the bridge cannot be asked', async () => {
    const openflow = new FakeOpenFlow();
    expect(await hasCanaryFlow(openflow, 'br-int')).toBe(true);
    openflow.makeBridge('br-int');
    expect(await hasCanaryFlow(openflow, 'br-int')).toBe(false);
    await openflow.changeFlows('br-int', { add: [flow], remove: [], cookie: 0n });
    expect(await hasCanaryFlow(openflow, 'br-int')).toBe(true);
  });
});

describe('the canary of the packet filter', () => {
  const ours = '-A FORWARD -m comment --comment "ntnm:0123456789abcdef host: leads" -j neutron-openvswi-FORWARD\n';
  const asked = (stdout: string, exitCode = 0) => hasOurFirstRules(new FakeExec({ sh: () => ({ stdout, exitCode }) }));

  it.each([
    ['neither family has it', '', false],
    ['one family has it', ours, false],
    ['both families have it', `${ours}${ours}`, true],
    ["others' rules come first in one family", `${ours}-A FORWARD -j ACCEPT\n`, false],
  ])('is judged rightly where %s', async (_, shown, alive) => {
    expect(await asked(shown)).toBe(alive);
  });

  it('is not missed when iptables does not answer', async () => {
    expect(await asked('', 4)).toBe(true);
  });
});
