// What keeps a lab host: its first process, in namespaces of the host's own, and the pipe by which it lives.
//
// Clean-up does not depend on anyone remembering what was started: the first process of the host holds the read end of
// a pipe from this process. When the pipe closes, because of `end` or because this process died in any way, that first
// process ends, and the kernel kills everything else in the host with it and frees its namespaces and devices.

import { type ChildProcess, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';

const namespaceOptions: readonly string[] = [
  '--mount',
  '--net',
  '--pid',
  '--uts',
  '--ipc',
  '--fork',
  '--kill-child',
  '--mount-proc',
  '--propagation',
  'private',
];

const holderScript = `
set -e
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/netns /run/lock
mount --bind /run/netns /run/netns
mount --make-shared /run/netns
# What ip-netns(8) lays over /etc for a namespace is the host's own too.
mkdir -p /etc/netns
mount -t tmpfs -o mode=755 netns /etc/netns
hostname "$1"
ip link set lo up
exec 3<&0
echo ready
cat <&3 >/dev/null &
set +e
# Waiting also reaps the processes that daemons leave behind; without it they would stay as zombies.
wait $!
`;

export class Holder {
  /** The host's first process, as numbered outside. */
  readonly initPid: number;
  readonly #process: ChildProcess;

  private constructor(initPid: number, process: ChildProcess) {
    this.initPid = initPid;
    this.#process = process;
  }

  /** The first process of a host of that name, with /run and loopback ready. */
  static async start(name: string): Promise<Holder> {
    const holder = spawn('unshare', [...namespaceOptions, 'sh', '-c', holderScript, 'holder', name], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    try {
      await firstLine(holder);
      return new Holder(await onlyChildOf(holder.pid), holder);
    } catch (cause) {
      await endHolder(holder);
      throw cause;
    }
  }

  /** Ends everything in the host and waits until it is gone. Safe to call twice. */
  async end(): Promise<void> {
    await endHolder(this.#process);
  }
}

/** The holder's "ready", or a rejection with what it complained about. */
function firstLine(holder: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let complaint = '';
    holder.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    holder.stdout?.once('data', () => resolve());
    holder.once('error', reject);
    holder.once('close', () => reject(new Error(`unshare ended before the host was ready: ${complaint}`)));
  });
}

async function onlyChildOf(parent: number | undefined): Promise<number> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // A process may end between the listing and the reading.
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(afterName[1]) === parent) return Number(entry);
  }
  throw new Error(`process ${parent} has no child`);
}

async function endHolder(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const closed = new Promise<void>((resolve) => {
    holder.once('exit', () => resolve());
  });
  holder.stdin?.destroy();
  // --kill-child makes the end of `unshare` the end of the host's first process, should that one be stuck.
  const stuck = setTimeout(() => holder.kill('SIGKILL'), 2_000);
  await closed;
  clearTimeout(stuck);
}
