// The DHCP clients of an instance: real ones, as an operating system runs them, each a daemon with a pid file.

import { spawn } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Subnet } from '../cloud/networking.ts';
import { run } from '../command.ts';
import { runningPid, stop } from '../up/process.ts';
import { etcFolder } from './instance-namespace.ts';

export type DhcpClient = 'udhcpc' | 'dhclient6' | 'dhclient6-stateless';

/** The clients that an instance with addresses on these subnets needs. SLAAC alone needs none: the kernel does it. */
export function clientsFor(subnets: readonly Subnet[]): readonly DhcpClient[] {
  const served = subnets.filter(({ enable_dhcp: served }) => served);
  const v4 = served.some(({ ip_version: version }) => version === 4);
  const stateful = served.some(({ ipv6_address_mode: mode }) => mode === 'dhcpv6-stateful');
  const stateless = served.some(({ ipv6_address_mode: mode }) => mode === 'dhcpv6-stateless');
  return [
    ...(v4 ? (['udhcpc'] as const) : []),
    ...(stateful ? (['dhclient6'] as const) : stateless ? (['dhclient6-stateless'] as const) : []),
  ];
}

export interface InstanceClients {
  readonly name: string;
  readonly namespace: string;
  /** The instance's folder. */
  readonly folder: string;
}

/** What is laid over /etc/resolv.conf in the instance. */
function resolvConf({ namespace }: InstanceClients): string {
  return join(etcFolder(namespace), 'resolv.conf');
}

/** A client on one of the instance's devices. */
export interface DeviceClient {
  readonly device: string;
  readonly client: DhcpClient;
}

/** Starts the clients and returns when each has what it asked for, or has gone on asking in the background. */
export async function startClients(instance: InstanceClients, clients: readonly DeviceClient[]): Promise<void> {
  await mkdir(instance.folder, { recursive: true });
  await mkdir(etcFolder(instance.namespace), { recursive: true });
  await writeFile(resolvConf(instance), '');
  await Promise.all(clients.map((client) => startClient(instance, client)));
}

/** Ends the clients of an instance and removes its folder. */
export async function stopClients(folder: string): Promise<void> {
  const files = await readdir(folder).catch(() => []);
  for (const file of files.filter((each) => each.endsWith('.pid'))) {
    const path = join(folder, file);
    // The command line of a client names its pid file, which no other process has a reason to do.
    const pid = runningPid(path, path);
    if (pid !== undefined) await stop({ pid, marker: path, graceMs: 1_000 });
  }
  await rm(folder, { recursive: true, force: true });
}

async function startClient(instance: InstanceClients, of: DeviceClient): Promise<void> {
  if (of.client !== 'udhcpc') await untilLinkLocal(instance.namespace, of.device);
  const [program = '', ...args] = commandOf(instance, of);
  const child = spawn('ip', ['netns', 'exec', instance.namespace, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NEUTRONIUM_RESOLV_CONF: resolvConf(instance) },
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  // The daemon may keep the pipe open for as long as it lives.
  child.stderr.destroy();
  if (code !== 0) throw new Error(`${program} in ${instance.namespace} ended with ${code}: ${complaint.trim()}`);
}

/** DHCPv6 is asked from the link-local address, which may be used once nobody else claims it (RFC 4862 section 5.4). */
async function untilLinkLocal(namespace: string, device: string): Promise<void> {
  const show = ['-n', namespace, '-6', 'address', 'show', 'dev', device, 'scope', 'link', '-tentative'];
  const deadline = performance.now() + linkLocalMs;
  while ((await run('ip', show)).trim() === '') {
    if (performance.now() > deadline) throw new Error(`${device} in ${namespace} has no link-local address`);
    await delay(50);
  }
}

const linkLocalMs = 10_000;

function commandOf(instance: InstanceClients, { device, client }: DeviceClient): readonly string[] {
  const { name, folder } = instance;
  const pidFile = join(folder, `${client}-${device}.pid`);
  const script = (file: string): string => join(import.meta.dirname, file);
  switch (client) {
    case 'udhcpc': {
      // Ten questions, one a second; then on in the background.
      const patience = ['-t', '10', '-T', '1', '-A', '5', '-b'];
      const asked = ['-O', 'staticroutes', '-O', 'mtu', '-x', `hostname:${name}`];
      return ['udhcpc', '-i', device, '-p', pidFile, '-s', script('udhcpc.sh'), '-S', ...patience, ...asked];
    }
    case 'dhclient6':
      return dhclient({ pidFile, device, instance, script: script('dhclient6.sh') }, ['-6', '-D', 'LL']);
    case 'dhclient6-stateless':
      return dhclient({ pidFile, device, instance, script: script('dhclient6.sh') }, ['-6', '-S']);
  }
}

interface Dhclient {
  readonly pidFile: string;
  readonly device: string;
  readonly instance: InstanceClients;
  readonly script: string;
}

function dhclient({ pidFile, device, instance, script }: Dhclient, mode: readonly string[]): readonly string[] {
  const leases = join(instance.folder, `dhclient6-${device}.leases`);
  const files = ['-pf', pidFile, '-lf', leases, '-sf', script, '-cf', '/dev/null'];
  // dhclient keeps its own environment from the script.
  const environment = ['-e', `NEUTRONIUM_RESOLV_CONF=${resolvConf(instance)}`];
  return ['dhclient', ...mode, '-nw', '-v', ...files, ...environment, device];
}
