// A host in a box: its own network, process, mount, hostname and IPC namespaces, its own /run (so its own named network
// namespaces) and, when asked, its own ovsdb-server and ovs-vswitchd on the userspace datapath, which need no kernel
// module. The root file system is the machine's own. Several hosts may live side by side; `initPid` is what another
// network namespace needs to give a host one end of a veth pair (`ip link set DEVICE netns <initPid>`). Everything on a
// host ends with the process that made it, by whatever cause (holder.ts).

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { Holder } from './holder.ts';

export interface LabHostOptions {
  /** The host's name (its UTS nodename); not unique by itself. */
  readonly name?: string;
  /** False makes a host without Open vSwitch, such as the wire between other hosts. */
  readonly openvswitch?: boolean;
}

export interface RunOptions {
  /** A named network namespace of the host to run in. */
  readonly netns?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The command is killed and the call rejected after this time; 30 s unless said. */
  readonly timeoutMs?: number;
  /** Resolve whatever the exit code; a caller that expects success leaves it out and gets a rejection. */
  readonly anyExitCode?: boolean;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a program on the host, or this process, reaches the host's Open vSwitch. The paths are the same for both. */
export interface SwitchPaths {
  /** Holds <bridge>.mgmt, one OpenFlow socket per bridge. */
  readonly runDir: string;
  readonly dbSocket: string;
}

/** What a shell reports for a process that a signal ended, less the signal's number. */
const killedExitCode = 128;

/** What this machine lacks to run a lab host; empty where it can. */
export function missingForLab(): readonly string[] {
  const missing: string[] = [];
  if (process.getuid?.() !== 0) missing.push('root');
  for (const program of ['unshare', 'nsenter', 'ip', 'ovsdb-tool', 'ovsdb-server', 'ovs-vswitchd', 'ovs-vsctl']) {
    if (!onPath(program)) missing.push(program);
  }
  return missing;
}

export class LabHost implements AsyncDisposable {
  readonly name: string;
  /** A folder of the host's own, on a path short enough for Unix sockets (107 bytes; unix(7)); removed with the host. */
  readonly dir: string;
  readonly switch: SwitchPaths;
  #holder: Holder;

  private constructor(parts: { name: string; dir: string; holder: Holder }) {
    this.name = parts.name;
    this.dir = parts.dir;
    this.switch = { runDir: parts.dir, dbSocket: join(parts.dir, 'db.sock') };
    this.#holder = parts.holder;
  }

  /** A running host; with Open vSwitch, one whose daemons answer. Takes about a quarter of a second. */
  static async start(options: LabHostOptions = {}): Promise<LabHost> {
    const name = options.name ?? 'lab';
    // Not os.tmpdir(): it may be long, and the length of a Unix socket's path is limited.
    const dir = await mkdtemp('/tmp/nlab-');
    // Daemons such as dnsmasq read files below it as users of their own.
    await chmod(dir, 0o755);
    let holder: Holder | undefined;
    try {
      holder = await Holder.start(name);
      const host = new LabHost({ name, dir, holder });
      if (options.openvswitch ?? true) await host.#installSwitch();
      return host;
    } catch (cause) {
      await holder?.end();
      await rm(dir, { recursive: true, force: true });
      throw new Error(`starting lab host ${name}`, { cause });
    }
  }

  /** The host's first process, as numbered outside: another one each time that the host is powered on. */
  get initPid(): number {
    return this.#holder.initPid;
  }

  /** Ends everything in the host at once. What is in its folder stays, as on a disk. */
  async powerOff(): Promise<void> {
    await this.#holder.end();
  }

  /** Begins a host that was powered off: it has its folder, and no program, card or namespace yet. */
  async powerOn(): Promise<void> {
    this.#holder = await Holder.start(this.name);
  }

  /** The words before a command that make it run in the host, for callers that start processes themselves. */
  get enter(): readonly string[] {
    return ['nsenter', '--target', String(this.initPid), '--mount', '--net', '--pid', '--uts', '--ipc', '--'];
  }

  /** The host's /proc as seen from outside: its processes under the numbers that they have inside. */
  get procDir(): string {
    return `/proc/${this.initPid}/root/proc`;
  }

  /** What a program needs in its environment for the ovs-* commands to find this host's switch. */
  get environment(): Readonly<Record<string, string>> {
    return { OVS_RUNDIR: this.dir, OVS_LOGDIR: this.dir, OVS_DBDIR: this.dir, OVS_SYSCONFDIR: this.dir };
  }

  /** Starts a program in the host. It ends with the host at the latest. */
  spawn(argv: readonly string[], options: Pick<RunOptions, 'netns' | 'env'> = {}): ChildProcess {
    const [program = '', ...args] = [...this.enter, ...inNetns(argv, options.netns)];
    return spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...this.environment, ...options.env },
    });
  }

  /** Runs a command in the host to its end. Rejects, with what it printed, when it fails. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await this.#finish(this.spawn(argv, options), argv, options);
  }

  /** As `run`, but the command is no process of the host: for it, processes have the numbers that they have outside. */
  async runOutsidePids(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const enter = ['--target', String(this.initPid), '--mount', '--net', '--', ...inNetns(argv, options.netns)];
    const child = spawn('nsenter', enter, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...options.env } });
    return await this.#finish(child, argv, options);
  }

  async #finish(child: ChildProcess, argv: readonly string[], options: RunOptions): Promise<RunResult> {
    const result = await finished(child, argv.join(' '), options);
    if (result.exitCode !== 0 && options.anyExitCode !== true) {
      throw new Error(
        `${argv.join(' ')} on ${this.name}: exit code ${result.exitCode}: ${result.stderr || result.stdout}`,
      );
    }
    return result;
  }

  /** Runs a shell script in the host, stopping at the first failure, and gives its output. */
  async script(text: string, options: RunOptions = {}): Promise<string> {
    return (await this.run(['sh', '-e'], { ...options, stdin: text })).stdout;
  }

  /** `ovs-vsctl ARGS` on the host's switch. */
  async vsctl(...args: readonly string[]): Promise<string> {
    return (await this.run(['ovs-vsctl', `--db=unix:${this.switch.dbSocket}`, '--timeout=10', ...args])).stdout.trim();
  }

  /** `ovs-ofctl -O OpenFlow14 COMMAND BRIDGE ARGS` on one of the host's bridges. */
  async ofctl(command: readonly string[], bridge: string, ...args: readonly string[]): Promise<string> {
    const management = `unix:${join(this.dir, `${bridge}.mgmt`)}`;
    return (await this.run(['ovs-ofctl', '-O', 'OpenFlow14', ...command, management, ...args])).stdout;
  }

  /** `ovs-appctl ARGS` to ovs-vswitchd. */
  async appctl(...args: readonly string[]): Promise<string> {
    return (await this.run(['ovs-appctl', '-t', join(this.dir, 'ovs-vswitchd.ctl'), ...args])).stdout;
  }

  /** Starts ovsdb-server on the host's database and returns when it answers. */
  async startOvsdb(): Promise<void> {
    await this.run([
      'ovsdb-server',
      join(this.dir, 'conf.db'),
      `--remote=punix:${this.switch.dbSocket}`,
      ...daemonOptions(this.dir, 'ovsdb-server'),
    ]);
  }

  /** Starts ovs-vswitchd and returns when it has applied the database. */
  async startVswitchd(): Promise<void> {
    await this.run([
      'ovs-vswitchd',
      `unix:${this.switch.dbSocket}`,
      '--disable-system',
      ...daemonOptions(this.dir, 'ovs-vswitchd'),
    ]);
  }

  /** Kills one of the switch's daemons as a crash would, and returns when it is gone. */
  async killDaemon(daemon: 'ovsdb-server' | 'ovs-vswitchd'): Promise<void> {
    await this.script(`
      pid=$(cat ${join(this.dir, `${daemon}.pid`)})
      kill -9 "$pid"
      while kill -0 "$pid" 2>/dev/null; do sleep 0.01; done
    `);
  }

  /**
   * Makes a namespace with one end of a veth pair as `eth0` and plugs the other end into a bridge as Nova does with an
   * instance's device: the port's id, address and status are the interface's external_ids. The checksum offload of the
   * inner end is off, because the userspace datapath forwards frames whose checksum nobody has filled in. With `hybrid`,
   * a Linux bridge of its own is between device and bridge, as where `binding:vif_details` asks for ovs_hybrid_plug; the
   * four devices share what follows the first three characters of `device`.
   */
  async plugInstance(instance: {
    readonly netns: string;
    readonly device: string;
    readonly portId: string;
    readonly mac: string;
    readonly bridge?: string;
    readonly hybrid?: boolean;
  }): Promise<void> {
    const { netns, device, portId, mac, bridge = 'br-int', hybrid = false } = instance;
    await this.script(`
      ip netns add ${netns}
      ip -n ${netns} link set lo up
      ip link add ${device} type veth peer name eth0 address ${mac} netns ${netns}
      ip link set ${device} up
      ip netns exec ${netns} ethtool -K eth0 tx off >/dev/null
      ip -n ${netns} link set eth0 up
    `);
    const plugged = hybrid ? await this.#putBridgeBefore(device) : device;
    await this.vsctl(
      '--may-exist',
      'add-port',
      bridge,
      plugged,
      '--',
      'set',
      'Interface',
      plugged,
      `external_ids:iface-id=${portId}`,
      `external_ids:attached-mac=${mac}`,
      'external_ids:iface-status=active',
    );
  }

  /** Ends everything in the host and waits until it is gone. Safe to call twice. */
  async dispose(): Promise<void> {
    await this.#holder.end();
    await rm(this.dir, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** Gives the device that takes the place of `device` on the switch. */
  async #putBridgeBefore(device: string): Promise<string> {
    const [bridge, bridgeEnd, switchEnd] = ['qbr', 'qvb', 'qvo'].map((prefix) => `${prefix}${device.slice(3)}`);
    await this.script(`
      ip link add ${bridge} type bridge ageing_time 0 mcast_snooping 0
      ip link add ${bridgeEnd} type veth peer name ${switchEnd}
      for link in ${bridge} ${bridgeEnd} ${switchEnd} ${device}; do echo 1 > /proc/sys/net/ipv6/conf/$link/disable_ipv6; done
      ip link set ${bridgeEnd} master ${bridge}
      ip link set ${device} master ${bridge}
      for link in ${bridge} ${bridgeEnd} ${switchEnd}; do ip link set $link up; done
    `);
    return switchEnd ?? device;
  }

  async #installSwitch(): Promise<void> {
    await this.run(['ovsdb-tool', 'create', join(this.dir, 'conf.db'), '/usr/share/openvswitch/vswitch.ovsschema']);
    await this.startOvsdb();
    await this.vsctl('--no-wait', 'init');
    await this.startVswitchd();
  }
}

function daemonOptions(dir: string, name: string): readonly string[] {
  return [
    `--pidfile=${join(dir, `${name}.pid`)}`,
    `--log-file=${join(dir, `${name}.log`)}`,
    `--unixctl=${join(dir, `${name}.ctl`)}`,
    '--overwrite-pidfile',
    '--detach',
    '--no-chdir',
    '-vconsole:off',
  ];
}

function inNetns(argv: readonly string[], netns: string | undefined): readonly string[] {
  return netns === undefined ? argv : ['ip', 'netns', 'exec', netns, ...argv];
}

function onPath(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, program)));
}

function finished(child: ChildProcess, what: string, options: RunOptions): Promise<RunResult> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${what}: no end after ${timeoutMs} ms; printed ${stdout}${stderr}`));
    }, timeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.once('error', (cause) => {
      clearTimeout(timer);
      reject(new Error(`${what}: cannot be started`, { cause }));
    });
    // A command may end without reading its input; its exit code says what became of it.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.stdin ?? '');
    const settle = (code: number | null): void => {
      clearTimeout(timer);
      resolve({ exitCode: code ?? killedExitCode, stdout, stderr });
      child.stdout?.destroy();
      child.stderr?.destroy();
    };
    child.once('close', settle);
    // A daemon that the command left behind may hold the pipes open for ever: give what has come, then let go of them.
    child.once('exit', (code) => setTimeout(settle, 500, code).unref());
  });
}
