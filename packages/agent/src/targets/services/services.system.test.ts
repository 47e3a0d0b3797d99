import type { ServicePlan } from '@neutronium/dataplane/host-plan';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#effects/clock';
import { ShellExec } from '#effects/exec';
import { SystemFiles } from '#effects/files';
import { SystemProcesses } from '#effects/processes';
import { converge } from '../converge.fake.ts';
import { Services } from './services.ts';

const missing = [...missingForLab()];

describe.skipIf(missing.length > 0)('services that really run', () => {
  let host: LabHost;
  let exec: ShellExec;
  let processes: SystemProcesses;
  const files = new SystemFiles();

  beforeAll(async () => {
    host = await LabHost.start({ name: 'services', openvswitch: false });
    exec = new ShellExec({ enter: host.enter });
    processes = new SystemProcesses({ exec, files, clock: systemClock, procDir: host.procDir });
    await host.script('ip netns add ns; ip -n ns link set lo up; ip -n ns link add wire up type veth peer name other');
  });
  afterAll(async () => {
    processes[Symbol.dispose]();
    exec.close();
    await host.dispose();
  });

  /** An haproxy that answers every request with `status`. */
  function proxy(status: number): ServicePlan {
    const directory = `${host.dir}/services/proxy`;
    const text = `
defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
listen listener
  bind 127.0.0.1:80
  http-request return status ${status}
`;
    return {
      name: 'proxy',
      namespace: 'ns',
      program: 'haproxy',
      directory,
      files: new Map([['haproxy.cfg', text]]),
      args: ['-D', '-p', `${directory}/pid`, '-f', `${directory}/haproxy.cfg`],
      onNewFiles: 'restart',
    };
  }

  function advertiser(seconds: number): ServicePlan {
    const directory = `${host.dir}/services/advertiser`;
    const text = `interface wire { AdvSendAdvert on; IgnoreIfMissing on; MaxRtrAdvInterval ${seconds}; };\n`;
    return {
      name: 'advertiser',
      namespace: 'ns',
      program: 'radvd',
      directory,
      files: new Map([['radvd.conf', text]]),
      args: ['-C', `${directory}/radvd.conf`, '-p', `${directory}/pid`, '-m', 'none'],
      onNewFiles: 'reload',
    };
  }

  function target(onLost: () => void = () => undefined): Services {
    const service = { name: 'services', programs: ['haproxy', 'radvd'], folder: `${host.dir}/services` } as const;
    return new Services({ exec, files, processes, clock: systemClock, ...service, onLost });
  }

  /** Brings the host there, checks that any agent finds it so, and gives the kinds of steps that it took. */
  async function bring(desired: readonly ServicePlan[], services = target()): Promise<readonly string[]> {
    const steps = await converge(services, desired);
    expect(await converge(services, desired, { depth: 'recall' })).toEqual([]);
    expect(await converge(target(), desired)).toEqual([]);
    return steps.map(({ kind }) => kind);
  }

  async function answer(): Promise<string> {
    const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://127.0.0.1/'];
    return (await host.run(curl, { netns: 'ns', anyExitCode: true })).stdout;
  }

  async function pid(plan: ServicePlan): Promise<string> {
    return ((await files.readText(`${plan.directory}/pid`)) ?? '').trim();
  }

  it('serve in their namespace, and with new files after a new start', async () => {
    expect(await bring([proxy(204)])).toEqual(['start']);
    expect(await answer()).toBe('204');
    expect(await bring([proxy(404)])).toEqual(['stop', 'start']);
    expect(await answer()).toBe('404');
  });

  it('keep their process where a signal is enough, with the one that it has made itself', async () => {
    await bring([advertiser(10)]);
    const before = await pid(advertiser(10));
    expect(await bring([advertiser(20)])).toEqual(['reload']);
    expect(await pid(advertiser(20))).toBe(before);
    expect((await host.script('cat /proc/[0-9]*/comm | grep -c radvd')).trim()).toBe('2');
  });

  it('are missed as soon as they have died, and come back', async () => {
    const lost = Promise.withResolvers<void>();
    const services = target(() => lost.resolve());
    await bring([proxy(204)], services);
    await host.script(`kill -9 ${await pid(proxy(204))}`);
    await lost.promise;
    expect(await bring([proxy(204)], services)).toEqual(['start']);
    expect(await answer()).toBe('204');
  });

  it('say why they do not begin', async () => {
    const bad = { ...proxy(204), files: new Map([['haproxy.cfg', 'nonsense\n']]) };
    await expect(bring([bad])).rejects.toThrow("unknown keyword 'nonsense'");
  });

  it('leave nothing behind, and do not touch those of others', async () => {
    await host.script(`printf 'defaults\\n  mode http\\n  timeout connect 1s\\n  timeout client 1s\\n  timeout server 1s
listen l\\n  bind 127.0.0.1:81\\n' > ${host.dir}/foreign.cfg; haproxy -D -p ${host.dir}/foreign.pid -f ${host.dir}/foreign.cfg`);
    await bring([proxy(204), advertiser(10)]);
    await bring([]);
    expect(await files.list(`${host.dir}/services`)).toEqual([]);
    expect((await host.script('cat /proc/[0-9]*/comm | grep -cE "^(haproxy|radvd)$"')).trim()).toBe('1');
  });
});
