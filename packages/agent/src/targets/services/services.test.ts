import { devicesFile } from '@neutronium/dataplane/host-plan';
import type { ServicePlan } from '@neutronium/dataplane/host-plan';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import { FakeExec } from '#effects/exec.fake';
import { MemoryFiles } from '#effects/files.fake';
import type { DaemonProcess } from '#effects/processes';
import { FakeProcesses } from '#effects/processes.fake';
import { converge } from '../converge.fake.ts';
import type { ConvergeOptions } from '../converge.fake.ts';
import { Services } from './services.ts';
import type { ServiceStep } from './state.ts';

const stateDir = '/state';

/** A machine on which programs become daemons in their namespaces, and refuse files that say `bad`. */
class Machine {
  readonly files = new MemoryFiles();
  readonly processes = new FakeProcesses();
  readonly clock = new TestClock();
  readonly namespaces = new Set(['ns-1', 'ns-2', 'ns-3']);
  readonly lost: string[] = [];
  readonly #in = new Map<number, { readonly namespace: string; readonly parent: number }>();
  readonly exec = new FakeExec({
    sh: () => ({ stdout: this.#list() }),
    nsenter: async ({ argv: [, where = '', ...argv] }) => {
      const namespace = where.slice('--net=/run/netns/'.length);
      if (!this.namespaces.has(namespace)) return { exitCode: 1, stderr: 'nsenter: cannot open the namespace' };
      const { folder, daemon } = this.start(namespace, argv);
      if ((await this.files.readText(`${folder}/conf`)) === 'bad') {
        this.processes.crash(daemon);
        return { exitCode: 1, stderr: 'conf:1: syntax error' };
      }
      await this.files.writeText(`${folder}/pid`, `${daemon.pid}\n`);
      return {};
    },
  });

  start(namespace: string, argv: readonly string[]): { readonly folder: string; readonly daemon: DaemonProcess } {
    const pidFile = argv.find((word) => word.endsWith('/pid')) ?? '';
    const daemon = this.processes.appear(argv, pidFile);
    this.#in.set(daemon.pid, { namespace, parent: 1 });
    return { folder: pidFile.slice(0, -'/pid'.length), daemon };
  }

  /** The process makes another of itself, as radvd does for what needs its first rights. */
  fork({ pid, argv }: DaemonProcess): DaemonProcess {
    const child = this.processes.appear(argv, '');
    this.#in.set(child.pid, { namespace: this.#in.get(pid)?.namespace ?? '', parent: pid });
    return child;
  }

  target(): Services {
    const { exec, files, processes, clock } = this;
    const service = { name: 'services', programs: ['haproxy', 'radvd'], folder: `${stateDir}/services` } as const;
    return new Services({ exec, files, processes, clock, ...service, onLost: (name) => this.lost.push(name) });
  }

  #list(): string {
    const namespaces = [...this.namespaces].map((name, index) => `@namespace ${index} /run/netns/${name}`);
    const alive = new Set(this.processes.living.map(({ pid }) => pid));
    const processes = this.processes.living.flatMap(({ pid, startTime, argv }) => {
      const { namespace = '', parent = 1 } = this.#in.get(pid) ?? {};
      const inode = [...this.namespaces].indexOf(namespace);
      return [`@process ${pid} ${startTime} ${inode} S ${alive.has(parent) ? parent : 1}`, ...argv];
    });
    return [...namespaces, ...processes, '@end', ''].join('\n');
  }
}

interface Given {
  readonly number: number;
  readonly conf: string;
  readonly option: string;
  readonly onNewFiles: ServicePlan['onNewFiles'];
}

function service({ number, conf, option, onNewFiles }: Given): ServicePlan {
  const directory = `${stateDir}/services/s${number}`;
  return {
    name: `s${number}`,
    namespace: `ns-${number}`,
    program: onNewFiles === 'reload' ? 'radvd' : 'haproxy',
    directory,
    files: new Map([['conf', conf]]),
    args: ['-f', `${directory}/conf`, '-p', `${directory}/pid`, option],
    onNewFiles,
  };
}

const anyGiven = fc.record<Given>({
  number: fc.integer({ min: 1, max: 3 }),
  conf: fc.constantFrom('a', 'b'),
  option: fc.constantFrom('-q', '-v'),
  onNewFiles: fc.constantFrom<ServicePlan['onNewFiles']>('restart', 'reload'),
});
const anyPlans = fc.uniqueArray(anyGiven.map(service), { selector: ({ name }) => name });
const one: Given = { number: 1, conf: 'a', option: '-q', onNewFiles: 'restart' };

/** Brings the machine to `desired` with an agent that has just begun. */
async function bring(machine: Machine, desired: readonly ServicePlan[], options?: ConvergeOptions) {
  return await converge(machine.target(), desired, options);
}

const kinds = (steps: readonly ServiceStep[]): readonly string[] => steps.map(({ kind }) => kind);

describe('services', () => {
  it('come from any plan, interrupted anywhere, to any other, one process each', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlans, anyPlans, fc.nat({ max: 6 }), async (first, second, stopAfter) => {
        const machine = new Machine();
        await bring(machine, first, { stopAfter });
        await bring(machine, second);
        expect(await bring(machine, second)).toEqual([]);
        expect(machine.processes.living.length).toBe(second.length);
      }),
    );
  });

  it('are known to the agent after its own steps as another agent finds them', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlans, anyPlans, async (first, second) => {
        const machine = new Machine();
        const target = machine.target();
        await converge(target, first);
        await converge(target, second, { depth: 'recall' });
        expect(await converge(target, second, { depth: 'recall' })).toEqual([]);
        expect(await bring(machine, second)).toEqual([]);
      }),
    );
  });

  it('restart a program that reads its files anew when a device that it has set up was made anew', async () => {
    const machine = new Machine();
    const given = { ...one, onNewFiles: 'reload' } as const;
    const withDevices = (devices: string): ServicePlan => {
      const plan = service(given);
      return { ...plan, files: new Map([...plan.files, [devicesFile, devices]]) };
    };
    await bring(machine, [withDevices('qr-1 11\n')]);
    expect(kinds(await bring(machine, [withDevices('qr-1 11\nqr-2 12\n')]))).toEqual(['reload']);
    expect(kinds(await bring(machine, [withDevices('qr-1 11\n')]))).toEqual(['reload']);
    expect(kinds(await bring(machine, [withDevices('qr-1 13\n')]))).toEqual(['stop', 'start']);
  });

  it('begin without what an earlier one has written', async () => {
    const machine = new Machine();
    const plan: ServicePlan = { ...service(one), ownFiles: ['state'] };
    await bring(machine, [plan]);
    await machine.files.writeText(`${plan.directory}/state`, 'primary');
    expect(await bring(machine, [plan])).toEqual([]);
    const [process] = machine.processes.living;
    if (process === undefined) throw new Error('the service runs');
    machine.processes.crash(process);
    await bring(machine, [plan]);
    expect(await machine.files.readText(`${plan.directory}/state`)).toBeNull();
  });

  it.each(['die', 'move', 'double', 'file', 'pid file'] as const)(
    'come back after an accident: %s',
    async (accident) => {
      await fc.assert(
        fc.asyncProperty(anyPlans, fc.nat(), async (desired, which) => {
          const machine = new Machine();
          await bring(machine, desired);
          const victim = desired[which % desired.length];
          const process = machine.processes.living[which % desired.length];
          if (victim === undefined || process === undefined) return;
          switch (accident) {
            case 'die':
              machine.processes.crash(process);
              break;
            case 'move':
              machine.namespaces.delete(victim.namespace);
              machine.namespaces.add(victim.namespace);
              break;
            case 'double':
              machine.start(victim.namespace, [victim.program, ...victim.args]);
              break;
            case 'file':
              await machine.files.writeText(`${victim.directory}/conf`, 'damaged');
              break;
            case 'pid file':
              await machine.files.remove(`${victim.directory}/pid`);
              break;
          }
          await bring(machine, desired);
          expect(await bring(machine, desired)).toEqual([]);
          expect(machine.processes.living.length).toBe(desired.length);
        }),
      );
    },
  );

  it('are left as they are when they have made processes of their own', async () => {
    const machine = new Machine();
    await bring(machine, [service(one)]);
    for (const daemon of machine.processes.living) machine.fork(daemon);
    expect(await bring(machine, [service(one)])).toEqual([]);
  });

  it('do not begin beside what a killed one has left', async () => {
    const machine = new Machine();
    await bring(machine, [service(one)]);
    const [daemon] = machine.processes.living;
    if (daemon === undefined) throw new Error('nothing was started');
    const orphan = machine.fork(daemon);
    machine.processes.crash(daemon);
    expect(kinds(await bring(machine, [service(one)]))).toEqual(['stop', 'start']);
    expect(machine.processes.living).not.toContain(orphan);
    expect(await bring(machine, [service(one)])).toEqual([]);
  });

  it('take new files by a signal where the program can, else by a new start', async () => {
    const machine = new Machine();
    const steps = async (onNewFiles: Given['onNewFiles']): Promise<readonly string[]> => {
      await bring(machine, [service({ ...one, onNewFiles })]);
      return kinds(await bring(machine, [service({ ...one, onNewFiles, conf: 'b' })]));
    };
    expect(await steps('reload')).toEqual(['reload']);
    expect(await steps('restart')).toEqual(['stop', 'start']);
  });

  it('are asked after at once when one has died, whatever the agent remembers', async () => {
    const machine = new Machine();
    const target = machine.target();
    await converge(target, [service(one)]);
    for (const daemon of machine.processes.living) machine.processes.crash(daemon);
    expect(machine.lost).toEqual(['s1']);
    expect(kinds(await converge(target, [service(one)], { depth: 'recall' }))).toEqual(['start']);
  });

  it('are asked after later and later while one ends soon after each start, until it has been well', async () => {
    const machine = new Machine();
    const target = machine.target();
    /** Starts it, ends it, and gives the milliseconds until it is asked after. */
    const crash = async (): Promise<number> => {
      await converge(target, [service(one)], { depth: 'recall' });
      const [from, before] = [machine.clock.monotonicMs(), machine.lost.length];
      for (const daemon of machine.processes.living) machine.processes.crash(daemon);
      if (machine.lost.length === before) machine.clock.advanceToNext();
      expect(machine.lost.length).toBe(before + 1);
      return machine.clock.monotonicMs() - from;
    };
    expect([await crash(), await crash(), await crash(), await crash()]).toEqual([0, 500, 1000, 2000]);
    await converge(target, [service(one)], { depth: 'recall' });
    machine.clock.advance(10_000);
    expect(await crash()).toBe(0);
    expect(await crash()).toBe(500);
  });

  it('say what a program complains of that does not begin', async () => {
    const machine = new Machine();
    await expect(bring(machine, [service({ ...one, conf: 'bad' })])).rejects.toThrow('conf:1: syntax error');
  });

  it('leave nothing behind, and leave those of others alone', async () => {
    const machine = new Machine();
    const foreign = machine.start('ns-1', ['haproxy', '-f', '/etc/haproxy/haproxy.cfg', '-p', '/run/haproxy/pid']);
    // Somebody checks a configuration of ours.
    const check = machine.start('ns-1', ['haproxy', '-c', '-f', `${stateDir}/services/s1/conf`]);
    await bring(machine, [service(one)]);
    await bring(machine, []);
    expect(machine.processes.living).toEqual([foreign.daemon, check.daemon]);
    expect(machine.files.contents).toEqual({});
  });
});
