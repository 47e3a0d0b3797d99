import { expect, describe, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import { FakeExec } from '#effects/exec.fake';
import { FilterCanary } from './filter-canary.ts';

const ours = '-A FORWARD -m comment --comment "ntnm:0123456789abcdef host: leads" -j neutron-openvswi-FORWARD\n';

function watched() {
  const state = { believed: false, losses: 0, looks: 0, shown: '', exitCode: 0 };
  const exec = new FakeExec({
    sh: () => {
      state.looks += 1;
      return { stdout: state.shown, exitCode: state.exitCode };
    },
  });
  const clock = new TestClock();
  const canary = new FilterCanary({
    exec,
    clock,
    believed: () => state.believed,
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

describe('the canary of the packet filter', () => {
  it('is not asked where no rules of ours should be', async () => {
    const { canary, state, look } = watched();
    await look();
    expect(state).toMatchObject({ looks: 0, losses: 0 });
    canary[Symbol.dispose]();
  });

  it.each([
    ['both families', '', 1],
    ['one family', ours, 1],
    ['neither', `${ours}${ours}`, 0],
    ['one family, where others come first', `${ours}-A FORWARD -j ACCEPT\n`, 1],
  ])('is missed when the rules of %s are gone', async (_, shown, losses) => {
    const { canary, state, look } = watched();
    Object.assign(state, { believed: true, shown });
    await look();
    await look();
    expect(state.losses).toBe(losses);
    canary[Symbol.dispose]();
  });

  it('is not missed when iptables does not answer', async () => {
    const { canary, state, look } = watched();
    Object.assign(state, { believed: true, exitCode: 4 });
    await look();
    expect(state).toMatchObject({ looks: 1, losses: 0 });
    canary[Symbol.dispose]();
  });
});
