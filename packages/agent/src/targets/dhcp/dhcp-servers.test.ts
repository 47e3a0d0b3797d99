import type { DhcpPlan } from '@neutronium/dataplane/host-plan';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import { FakeExec } from '#effects/exec.fake';
import { MemoryFiles } from '#effects/files.fake';
import { FakeProcesses } from '#effects/processes.fake';
import { DhcpServers } from './dhcp-servers.ts';

const stateDir = '/state';

/** A machine on which dnsmasq starts, in its namespace, when there is such a namespace. */
class Machine {
  readonly files = new MemoryFiles();
  readonly processes = new FakeProcesses();
  readonly namespaces = new Set(['qdhcp-1', 'qdhcp-2', 'qdhcp-3']);
  readonly #in = new Map<number, string>();
  readonly exec = new FakeExec({
    sh: () => ({ stdout: this.#list() }),
    nsenter: async ({ argv: [, where = '', program = '', ...args] }) => {
      const namespace = where.slice('--net=/run/netns/'.length);
      if (!this.namespaces.has(namespace)) return { exitCode: 1, stderr: 'nsenter: cannot open the namespace' };
      if (program === 'dnsmasq') this.start(namespace, args);
      else await this.#release(namespace, args);
      return {};
    },
  });

  start(namespace: string, args: readonly string[]): void {
    const pidFile = args.find((arg) => arg.startsWith('--pid-file='))?.slice('--pid-file='.length) ?? '';
    this.#in.set(this.processes.appear(['dnsmasq', ...args], pidFile).pid, namespace);
  }

  async #release(namespace: string, [, address = '']: readonly string[]): Promise<void> {
    const path = `${stateDir}/dhcp/${namespace.slice('qdhcp-'.length)}/leases`;
    const lines = ((await this.files.readText(path)) ?? '').split('\n');
    await this.files.writeText(path, lines.filter((line) => !line.includes(` ${address} `)).join('\n'));
  }

  #list(): string {
    const namespaces = [...this.namespaces].map((name, index) => `@namespace ${index} /run/netns/${name}`);
    const processes = this.processes.living.flatMap(({ pid, startTime, argv }) => {
      const inode = [...this.namespaces].indexOf(this.#in.get(pid) ?? '');
      return [`@process ${pid} ${startTime} ${inode} S`, ...argv];
    });
    return [...namespaces, ...processes, '@end', ''].join('\n');
  }
}

const plan = fc
  .record({
    number: fc.integer({ min: 1, max: 3 }),
    hosts: fc.uniqueArray(fc.integer({ min: 10, max: 13 })),
    domain: fc.constantFrom('a', 'b'),
  })
  .map(({ number, hosts, domain }): DhcpPlan => {
    const directory = `${stateDir}/dhcp/${number}`;
    return {
      networkId: String(number),
      namespace: `qdhcp-${number}`,
      device: `tap${number}`,
      directory,
      files: new Map([
        ['host', hosts.map((host) => `fa:16:3e:00:00:${host},10.0.0.${host}\n`).join('')],
        ['addn_hosts', ''],
        ['opts', ''],
      ]),
      args: [`--pid-file=${directory}/pid`, `--domain=${domain}`],
      served: [cidr('10.0.0.0/24')],
      reservations: hosts.map((host) => ({
        mac: mac(`fa:16:3e:00:00:${host}`),
        ip: ip(`10.0.0.${host}`),
        portId: String(host),
      })),
    };
  });
const plans = fc.uniqueArray(plan, { selector: ({ networkId }) => networkId });

const { signal } = new AbortController();

function serversOf({ exec, files, processes }: Machine): DhcpServers {
  return new DhcpServers({ exec, files, processes, clock: new TestClock(), stateDir, onLost: () => undefined });
}

/** Brings the machine towards `desired` with a new agent, as far as `count` steps. */
async function bring(machine: Machine, desired: readonly DhcpPlan[], count = Number.POSITIVE_INFINITY): Promise<void> {
  const servers = serversOf(machine);
  const steps = servers.plan(desired, await servers.observe(signal, 'verify'));
  for (const step of steps.slice(0, count)) await servers.apply(step, signal);
}

async function stepsLeft(machine: Machine, desired: readonly DhcpPlan[]): Promise<readonly unknown[]> {
  const servers = serversOf(machine);
  return servers.plan(desired, await servers.observe(signal, 'verify'));
}

describe('DHCP servers', () => {
  it('come from any plan, interrupted anywhere, to any other', async () => {
    await fc.assert(
      fc.asyncProperty(plans, plans, fc.nat({ max: 6 }), async (first, second, count) => {
        const machine = new Machine();
        await bring(machine, first, count);
        await bring(machine, second);
        expect(await stepsLeft(machine, second)).toEqual([]);
        expect(machine.processes.living.length).toBe(second.length);
      }),
    );
  });

  it('come back after any of them has died, lost its namespace or been doubled', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.constantFrom('die', 'move', 'double', 'files'),
        fc.nat(),
        async (desired, accident, which) => {
          const machine = new Machine();
          await bring(machine, desired);
          const victim = desired[which % desired.length];
          const process = machine.processes.living[which % desired.length];
          if (victim === undefined || process === undefined) return;
          if (accident === 'die') machine.processes.crash(process);
          if (accident === 'move') {
            machine.namespaces.delete(victim.namespace);
            machine.namespaces.add(victim.namespace);
          }
          if (accident === 'double') machine.start(victim.namespace, victim.args);
          if (accident === 'files') await machine.files.writeText(`${victim.directory}/host`, 'damaged');
          await bring(machine, desired);
          expect(await stepsLeft(machine, desired)).toEqual([]);
          expect(machine.processes.living.length).toBe(desired.length);
        },
      ),
    );
  });

  it('leave the dnsmasq of others alone', async () => {
    const machine = new Machine();
    const foreign = machine.processes.appear(
      ['dnsmasq', '--pid-file=/run/libvirt/dnsmasq.pid'],
      '/run/libvirt/dnsmasq.pid',
    );
    await bring(machine, []);
    expect(machine.processes.living).toEqual([foreign]);
  });

  it('are asked after at once when one has died, whatever the agent remembers', async () => {
    const machine = new Machine();
    const [desired] = fc.sample(plan, { numRuns: 1, seed: 1 });
    if (desired === undefined) throw new Error('the arbitrary gives a plan');
    const lost: string[] = [];
    const { exec, files, processes } = machine;
    const servers = new DhcpServers({
      exec,
      files,
      processes,
      clock: new TestClock(),
      stateDir,
      onLost: (networkId) => lost.push(networkId),
    });
    for (const step of servers.plan([desired], await servers.observe(signal, 'verify')))
      await servers.apply(step, signal);
    const [process] = processes.living;
    if (process !== undefined) processes.crash(process);
    expect(lost).toEqual([desired.networkId]);
    const steps = servers.plan([desired], await servers.observe(signal, 'recall'));
    expect(steps.map(({ kind }) => kind)).toEqual(['start']);
  });
});
