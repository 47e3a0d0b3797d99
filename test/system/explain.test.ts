// What a running product says of itself on the command line: its flows and its ports, with their reasons.

import type { FlowEntry, PortEntry } from '@neutronium/model/agent-socket';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listPorts, makeNetwork } from './instances.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await Embedded.start();
  const network = await makeNetwork(embedded, 'net1');
  await embedded.vm('add', 'a', '--network', network);
});
afterAll(async () => {
  await embedded[Symbol.asyncDispose]();
});

/** `neutronium ARGS --json`; the caller says what it asked for. */
async function ask<T>(...args: readonly string[]): Promise<readonly T[]> {
  return JSON.parse((await embedded.neutronium([...args, '--json'])).stdout) as readonly T[];
}

describe('a running agent', () => {
  it('tells of every flow that is on br-int, and of what the switch has counted', async () => {
    const told = await ask<FlowEntry>('flows', '--bridge', 'br-int');
    const dump = await embedded.host.script('ovs-ofctl -O OpenFlow14 dump-flows br-int --no-stats');
    const onSwitch = dump.split('\n').filter((line) => line.includes('priority='));
    expect(told.filter(({ counted }) => counted === null)).toEqual([]);
    expect(told).toHaveLength(onSwitch.length);
    expect(told.some(({ counted }) => (counted?.packets ?? 0) > 0)).toBe(true);
  });

  it('finds the flows of a port by its name, and says what each is for', async () => {
    const [port] = await listPorts(embedded, 'name=a');
    const { stdout } = await embedded.neutronium(['flows', '--port', 'a', '--explain']);
    expect(stdout).toContain(`port ${port?.id} (tap${port?.id.slice(0, 11)})`);
    expect(stdout).toMatch(/^ table=0, n_packets=\d+, n_bytes=\d+, priority=9,in_port=\S+ actions=/m);
  });

  it('says of each port what has become of it, and why', async () => {
    const [port] = await listPorts(embedded, 'name=a');
    const told = await ask<PortEntry>('port', 'status');
    expect(told.find(({ id }) => id === port?.id)).toMatchObject({
      state: 'wired',
      why: 'its flows and rules are confirmed',
    });

    await embedded.api('PUT', `/v2.0/ports/${port?.id}`, { port: { admin_state_up: false } });
    await embedded.until('a port that is down', async () => {
      const [now] = await listPorts(embedded, 'name=a');
      return now?.status === 'DOWN';
    });
    for (const command of [
      ['port', 'status'],
      ['vm', 'list'],
    ]) {
      const { stdout } = await embedded.neutronium(command);
      expect(stdout).toContain('its admin state is down');
    }
  });

  it('is asked by root alone', async () => {
    const mode = await embedded.host.script(`stat -c %a ${embedded.stateDir}/agent/agent.sock`);
    expect(mode.trim()).toBe('600');
  });

  it('cannot be asked while it does not run', async () => {
    await embedded.interrupt();
    const { exitCode, stderr } = await embedded.neutronium(['flows'], { anyExitCode: true });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no agent answers at') });
  });
});
