import { describe, expect, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import { FakeExec } from '#effects/exec.fake';
import { SeededRandom } from '#effects/random.fake';
import { ConntrackZones } from './conntrack-zones.ts';

const saved =
  '-A neutron-openvswi-PREROUTING -m physdev --physdev-in tap1 -m comment --comment "ntnm:0123456789abcdef port-1: has connections of its own" -j CT --zone 4099\n';

function rig(used: boolean, answers: readonly { readonly exitCode?: number; readonly stdout?: string }[]) {
  const left = [...answers];
  const clock = new TestClock();
  const exec = new FakeExec({ 'iptables-save': () => left.shift() ?? { exitCode: 1 } });
  const heard: string[] = [];
  const zones = new ConntrackZones({
    effects: { clock, exec, random: new SeededRandom() },
    used,
    onKnown: () => heard.push('known'),
    onFailed: () => heard.push('failed'),
  });
  return { clock, exec, heard, zones };
}

describe('the zones that an earlier agent has given out', () => {
  it('are none, and known at once, where ports have no zones', async () => {
    const { zones, exec } = rig(false, []);
    expect(zones.known).toEqual(new Map());
    await zones.read(new AbortController().signal);
    expect(exec.history).toEqual([]);
  });

  it('are not known before they have been read', async () => {
    const { zones, heard } = rig(true, [{ stdout: saved }]);
    expect(zones.known).toBeNull();
    await zones.read(new AbortController().signal);
    expect(zones.known).toEqual(new Map([['port-1', 4099]]));
    expect(heard).toEqual(['known']);
  });

  it('are read again after a failure, until it succeeds', async () => {
    const { zones, heard, clock } = rig(true, [{ exitCode: 4 }, { stdout: saved }]);
    const reading = zones.read(new AbortController().signal);
    await expect.poll(() => clock.pending, { interval: 1 }).toBe(1);
    clock.advanceToNext();
    await reading;
    expect(heard).toEqual(['failed', 'known']);
  });

  it('are given up when the agent ends', async () => {
    const { zones, clock } = rig(true, []);
    const ending = new AbortController();
    const reading = zones.read(ending.signal);
    await expect.poll(() => clock.pending, { interval: 1 }).toBe(1);
    ending.abort();
    await reading;
    expect(zones.known).toBeNull();
  });
});
