// Open vSwitch for a machine on which none runs: our own ovsdb-server and ovs-vswitchd, with their database in our
// state folder and their sockets where the tools look. They outlive `up`, so that the dataplane does; the next `up`
// finds them by their pid files. Where the machine's own Open vSwitch answers, that one is used and left alone.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Layout } from './layout.ts';
import { paths } from './layout.ts';
import { ended, runningPid } from './process.ts';
import type { Service } from './supervisor.ts';

const run = promisify(execFile);

/** Debian's openvswitch-common. */
const schema = '/usr/share/openvswitch/vswitch.ovsschema';

/** `system` forwards in the kernel; `netdev` in ovs-vswitchd itself, for kernels without the openvswitch module. */
export type DatapathType = 'system' | 'netdev';

export async function detectDatapathType(): Promise<DatapathType> {
  if (existsSync('/sys/module/openvswitch')) return 'system';
  return await run('modprobe', ['openvswitch']).then(
    () => 'system' as const,
    () => 'netdev' as const,
  );
}

/** Whether an ovsdb-server that is not ours answers on the layout's socket. */
export async function foreignOpenVswitch(layout: Layout): Promise<boolean> {
  if (switchPid(layout, 'ovsdb-server') !== undefined) return false;
  return await answers(paths(layout).ovsSocket);
}

/** The pid of our own `daemon`. It is ours when it works with files of our state folder; undefined where none runs. */
export function switchPid(layout: Layout, daemon: SwitchDaemon): number | undefined {
  return runningPid(pidFileOf(layout, daemon), layout.stateDir);
}

export type SwitchDaemon = 'ovsdb-server' | 'ovs-vswitchd';

/** Where the daemon would put it by itself, so that ovs-appctl finds the daemon. */
const pidFileOf = (layout: Layout, daemon: SwitchDaemon) => join(layout.ovsRunDir, `${daemon}.pid`);

/** ovsdb-server and ovs-vswitchd as supervised services, in the order in which they must start. */
export function openVswitchServices(layout: Layout, datapath: DatapathType): readonly Service[] {
  const { ovsDatabase, ovsSocket, log, logs } = paths(layout);
  const env = { ...process.env, OVS_RUNDIR: layout.ovsRunDir, OVS_LOGDIR: logs };
  const daemon = (name: SwitchDaemon, args: readonly string[]): Service => ({
    name,
    async start(signal) {
      if (switchPid(layout, name) === undefined) {
        const common = ['--detach', '--no-chdir', '-vconsole:off', '--overwrite-pidfile', `--log-file=${log(name)}`];
        await run(name, [...args, ...common, `--pidfile=${pidFileOf(layout, name)}`], { env, signal });
      }
      const pid = switchPid(layout, name);
      if (pid === undefined) throw new Error(`${name} started but left no process; see ${log(name)}`);
      return { exited: ended(pid, layout.stateDir, signal).then(() => `process ${pid} is gone`) };
    },
  });
  const database = daemon('ovsdb-server', [ovsDatabase, `--remote=punix:${ovsSocket}`]);
  return [
    {
      name: database.name,
      async start(signal) {
        await mkdir(join(layout.stateDir, 'ovs'), { recursive: true });
        await mkdir(layout.ovsRunDir, { recursive: true });
        if (!existsSync(ovsDatabase)) await run('ovsdb-tool', ['create', ovsDatabase, schema], { signal });
        const running = await database.start(signal);
        await run('ovs-vsctl', [`--db=unix:${ovsSocket}`, '--no-wait', 'init'], { env, signal });
        return running;
      },
    },
    daemon('ovs-vswitchd', [`unix:${ovsSocket}`, ...(datapath === 'netdev' ? ['--disable-system'] : [])]),
  ];
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}
