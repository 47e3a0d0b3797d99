// What is lost, under pings and TCP, when programs and hosts of a small cloud die, or hosts do not reach the server: as
// tests, which system tests run once and in short, and script/endurance again and again.

import { statesBeforeAndAfterAll, untilInStep } from '@neutronium/testkit/lab/lab-state';
import { addInstances } from '@neutronium/testkit/lab/lab-instances';
import { startOutageLab, type OutageLab } from '@neutronium/testkit/lab/outage-lab';
import { renderSuffered, type Suffered } from '@neutronium/testkit/lab/watched-traffic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface OutageTests {
  /** How often each outage happens. */
  readonly times: number;
  /** How long hosts do not reach the server. */
  readonly partitionMs: number;
}

export function outageTests({ times, partitionMs }: OutageTests): void {
  let cloud: OutageLab;
  beforeAll(async () => {
    cloud = await startOutageLab();
  });
  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]();
  });

  /** What traffic suffers while `happen` does, and until all hosts are in step again; printed under that name. */
  async function suffered(name: string, happen: () => Promise<void>): Promise<readonly Suffered[]> {
    const traffic = await cloud.watch();
    await happen();
    await untilInStep(cloud.lab);
    const all = await traffic.stop();
    console.log(`${name}\n${renderSuffered(all)}`);
    return all;
  }

  async function sufferedEachTime(name: string, happen: () => Promise<void>): Promise<readonly Suffered[]> {
    const all: Suffered[] = [];
    for (let time = 0; time < times; time += 1) all.push(...(await suffered(name, happen)));
    return all;
  }

  const harmed = (all: readonly Suffered[]) => all.filter(({ lost, alive }) => lost > 0 || !alive);
  const ended = (all: readonly Suffered[]) => all.filter(({ alive }) => !alive);

  describe('nothing is lost', () => {
    it('when the server dies and is started again', async () => {
      const { lab } = cloud;
      const all = await sufferedEachTime('the server', async () => {
        await lab.killServer();
        await lab.startServer();
        await lab.until('all agents', async () => (await lab.aliveHosts()).length === 3);
      });
      expect(harmed(all)).toEqual([]);
    });

    it('when every agent dies and is started again', async () => {
      const { lab } = cloud;
      const all = await sufferedEachTime('the agents', async () => {
        for (const host of lab.hosts.keys()) await lab.killAgent(host);
        for (const host of lab.hosts.keys()) await lab.startAgent(host);
      });
      expect(harmed(all)).toEqual([]);
    });

    it('while no host reaches the server', async () => {
      const { lab } = cloud;
      const all = await sufferedEachTime('a partition', async () => {
        const over = performance.now() + partitionMs;
        await lab.cutOff(lab.hosts.keys());
        await lab.until('the end of the partition', async () => performance.now() > over, partitionMs + 60_000);
        await lab.reconnect(lab.hosts.keys());
      });
      expect(harmed(all)).toEqual([]);
    });
  });

  it('brings about what was asked while no host reached the server', async () => {
    const { lab, networkId, instances } = cloud;
    const api = await lab.api();
    await lab.cutOff(lab.hosts.keys());
    const port = { network_id: networkId, device_owner: 'compute:nova', 'binding:host_id': 'compute1' };
    const { id } = await api.expect<{ id: string }>('POST', '/ports', { port });
    await api.expect('PUT', `/ports/${instances[1].port.id}`, {
      port: { allowed_address_pairs: [{ ip_address: '10.0.0.250' }] },
    });
    await lab.reconnect(lab.hosts.keys());
    await untilInStep(lab);
    await api.expect('DELETE', `/ports/${id}`);
    const [late] = await addInstances(lab, [{ name: 'late', host: 'compute1', networkId }]);
    await late?.askForAddress();
    await instances[1].run(['ip', 'addr', 'add', '10.0.0.250/24', 'dev', 'eth0']);
    expect(await late?.ping('10.0.0.250')).toBe(3);
  });

  describe('traffic goes on', () => {
    it.each(['ovsdb-server', 'ovs-vswitchd'] as const)('after the death of %s on each host', async (daemon) => {
      for (const host of cloud.lab.hosts.values()) {
        const all = await sufferedEachTime(`${daemon} of ${host.name}`, async () => {
          await host.killDaemon(daemon);
          await (daemon === 'ovsdb-server' ? host.startOvsdb() : host.startVswitchd());
        });
        expect(ended(all)).toEqual([]);
      }
    });

    it('after the network node was lost and has come back', async () => {
      const { lab } = cloud;
      const all = await sufferedEachTime('the network node', async () => {
        await lab.loseHost('network');
        await lab.returnHost('network');
      });
      // How a router has translated a connection only the router knew: those may end, whoever's packet comes first.
      expect(ended(all).filter(({ what }) => !/^TCP (from|to) /.test(what))).toEqual([]);
    });
  });

  it('leaves what server and agents compute from nothing', async () => {
    const states = await statesBeforeAndAfterAll(cloud.lab);
    expect(states.size).toBe(3);
    for (const { before, after } of states.values()) expect(before).toEqual(after);
  });
}
