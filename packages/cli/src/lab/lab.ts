// Many hosts on one machine: each with its own network, processes, Open vSwitch and real agent, joined by a management
// network, an underlay for tunnels and physical networks, against one API server on a machine of its own. Everything
// ends with the process that made it, by whatever cause (host.ts).

import type { ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { nodeCommand } from '../node-command.ts';
import { renderClouds } from '../up/clouds.ts';
import { paths } from '../up/layout.ts';
import { keptSecret } from '../up/secret.ts';
import { ask, LabApi } from './api.ts';
import { openDoor } from './door.ts';
import { Fabric, hardwareAddress, type Card } from './fabric.ts';
import { LabHost } from './host.ts';
import { addressOn, controllerName, outsideName, type LabHostPlan, type LabTopology } from './topology.ts';

const apiPort = 9696;
const readyMs = 60_000;

/** The card by which agents and the server reach each other. */
const managementCard = 'mgmt0';

/** The state of our programs is where it usually is, on each machine in a folder of the machine's own. */
const stateDir = '/var/lib/neutronium';

/** Options of the server that make every type of network possible; a topology's own go over them. */
const serverDefaults: Readonly<Record<string, string>> = {
  'networks.tenant_network_types': 'vxlan',
  'networks.tunnel_id_ranges': '1:1000',
  'networks.vni_ranges': '1:1000',
};

export interface LabProgress {
  /** Told of each step that is done. */
  readonly tell?: (line: string) => void;
}

interface LabAgent {
  readonly host: string;
  readonly agent_type: string;
}

export class Lab implements AsyncDisposable {
  readonly topology: LabTopology;
  readonly fabric: Fabric;
  readonly controller: LabHost;
  readonly outside: LabHost;
  /** The hosts of networks, by name. */
  readonly hosts: ReadonlyMap<string, LabHost>;
  #door = '';
  #agents = new Map<string, ChildProcess>();
  #server: ChildProcess | undefined;

  private constructor(parts: {
    readonly topology: LabTopology;
    readonly fabric: Fabric;
    readonly controller: LabHost;
    readonly outside: LabHost;
    readonly hosts: ReadonlyMap<string, LabHost>;
  }) {
    this.topology = parts.topology;
    this.fabric = parts.fabric;
    this.controller = parts.controller;
    this.outside = parts.outside;
    this.hosts = parts.hosts;
  }

  /** A lab whose agents are all alive. */
  static async start(topology: LabTopology, { tell = () => undefined }: LabProgress = {}): Promise<Lab> {
    const startedAt = performance.now();
    const told = (what: string) => tell(`${what} (${Math.round(performance.now() - startedAt)} ms)`);
    await using parts = new AsyncDisposableStack();
    const begin = async (name: string, openvswitch: boolean) => parts.use(await LabHost.start({ name, openvswitch }));
    const [fabric, controller, outside, ...hosts] = await Promise.all([
      Fabric.start(['mgmt', 'underlay', ...topology.physicalNetworks.map(({ name }) => name)]).then((made) =>
        parts.use(made),
      ),
      begin(controllerName, false),
      begin(outsideName, false),
      ...topology.hosts.map(({ name }) => begin(name, true)),
    ]);
    const byName = new Map(hosts.map((host) => [host.name, host]));
    const lab = new Lab({ topology, fabric, controller, outside, hosts: byName });
    await lab.#wire();
    told(`${hosts.length} hosts and their wires`);
    await lab.startServer();
    told(`the API server answers at ${lab.apiUrl} on ${controllerName}`);
    await Promise.all(hosts.map(({ name }) => lab.startAgent(name)));
    await lab.until('that all agents are alive', async () => (await lab.aliveHosts()).length === hosts.length);
    told('all agents are alive');
    parts.move();
    return lab;
  }

  /** Where agents and clients on the lab's machines reach the API. */
  get apiUrl(): string {
    return `http://${addressOn('management', 0)}:${apiPort}`;
  }

  /** A host of networks by its name. */
  host(name: string): LabHost {
    const host = this.hosts.get(name);
    if (host === undefined) throw new Error(`the lab has no host ${name}; it has ${[...this.hosts.keys()].join(', ')}`);
    return host;
  }

  /** All machines, by name. */
  get machines(): ReadonlyMap<string, LabHost> {
    const others = [this.controller, this.outside, this.fabric.host];
    return new Map([...this.hosts, ...others.map((host) => [host.name, host] as const)]);
  }

  /** The API as seen by a user of the clouds that every lab has: neutronium, the administrator, and demo. */
  async api(cloud: 'neutronium' | 'demo' = 'neutronium'): Promise<LabApi> {
    const files = labFiles(this.controller);
    return cloud === 'demo'
      ? new LabApi(this.#door, { username: 'demo', password: await keptSecret(files.demoPassword), project: 'demo' })
      : new LabApi(this.#door, {
          username: 'admin',
          password: await keptSecret(files.adminPassword),
          project: 'admin',
        });
  }

  /** Hosts whose agents are alive as the API sees it: those of the switch and of DHCP, which every host has. */
  async aliveHosts(): Promise<readonly string[]> {
    const agents = await (await this.api()).expect<readonly LabAgent[]>('GET', '/agents?alive=true');
    const alive = new Set(agents.map(({ host, agent_type: type }) => `${type} ${host}`));
    const needed = ['Open vSwitch agent', 'DHCP agent'];
    return [...this.hosts.keys()].filter((host) => needed.every((type) => alive.has(`${type} ${host}`)));
  }

  /** Starts the server, on the data that an earlier one has left, and returns when it answers. */
  async startServer(): Promise<void> {
    const files = paths({ stateDir, runDir: stateDir, ovsRunDir: stateDir });
    const settings: Readonly<Record<string, string>> = {
      'api.host': '0.0.0.0',
      'api.port': String(apiPort),
      'api.public_url': this.apiUrl,
      'database.url': `sqlite:${files.database}`,
      'auth.admin_password_file': files.adminPassword,
      'auth.demo_password_file': files.demoPassword,
      'agents.secret_file': files.agentSecret,
      ...serverDefaults,
      'networks.network_vlan_ranges': this.topology.physicalNetworks.map(({ name }) => `${name}:100:199`).join(','),
      'networks.overlay_ip_version': this.topology.underlay === 'ipv6' ? '6' : '4',
      ...this.topology.server,
    };
    this.#server = this.#program(this.controller, 'server', environment(settings));
    this.#door ||= await openDoor(this.controller, apiPort);
    const program = this.#server;
    await this.until('an answer of the server', async () => {
      if (program.exitCode !== null) throw new Error(`the server ended:\n${await this.log(controllerName, 'server')}`);
      const answer = await ask(this.#door, { method: 'GET', path: '/healthcheck' }).catch(() => undefined);
      return answer?.status === 200;
    });
  }

  /** Starts the agent of a host. Returns at once. */
  async startAgent(name: string): Promise<void> {
    const plan = this.#planOf(name);
    const host = this.host(name);
    const settings: Readonly<Record<string, string>> = {
      'agent.server_url': this.apiUrl,
      'agent.tunnel_types': this.topology.tunnelTypes.join(','),
      'ovs.local_ip': addressOn(this.topology.underlay, plan.number),
      'ovs.run_dir': host.switch.runDir,
      'ovs.datapath_type': 'netdev',
      'ovs.bridge_mappings': plan.physicalNetworks.map((physnet) => `${physnet}:${bridgeOf(physnet)}`).join(','),
      ...this.topology.agent,
      ...plan.agent,
    };
    this.#agents.set(name, this.#program(host, 'agent', environment(settings)));
  }

  /** Ends the agent of a host as a crash would. What it has made stays. */
  async killAgent(name: string): Promise<void> {
    await endAsCrashed(this.host(name), this.#agents.get(name), 'agent');
  }

  async killServer(): Promise<void> {
    await endAsCrashed(this.controller, this.#server, 'server');
  }

  /** Ends a whole host at once, as a loss of power would. */
  async loseHost(name: string): Promise<void> {
    await this.host(name).powerOff();
  }

  /**
   * Starts a host that was lost, with what is on its disk: Open vSwitch's database, and the agent's state. Its instances
   * do not come back by themselves.
   */
  async returnHost(name: string): Promise<void> {
    const host = this.host(name);
    await host.powerOn();
    await this.fabric.plug(this.#cardsOf(name));
    await host.startOvsdb();
    await host.startVswitchd();
    await this.#prepareHost(name, await this.#credentials());
    await this.startAgent(name);
  }

  /**
   * Lets hosts and the server not reach each other, somewhere between them. Nothing changes on the hosts themselves: where
   * their own routes change, Open vSwitch's userspace datapath forgets for a moment where tunnels lead (see hostLines).
   */
  async cutOff(names: Iterable<string>): Promise<void> {
    for (const name of names) await this.fabric.cut({ host: this.host(name), device: managementCard });
  }

  /** Lets hosts and the server reach each other again. */
  async reconnect(names: Iterable<string>): Promise<void> {
    for (const name of names) await this.fabric.mend({ host: this.host(name), device: managementCard });
  }

  /** The end of what a program has printed. */
  async log(machine: string, program: 'server' | 'agent'): Promise<string> {
    const host = this.machines.get(machine);
    const text = host === undefined ? '' : await readFile(logFile(host, program), 'utf8').catch(() => '');
    return text.slice(-4000);
  }

  /** Waits until `condition` holds. */
  async until(what: string, condition: () => Promise<boolean>, timeoutMs = readyMs): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`no "${what}" within ${timeoutMs} ms`);
      await delay(20);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.machines.values()].map((host) => host.dispose()));
  }

  /** The cards of all machines, their addresses, and the bridges that lead to physical networks. */
  async #wire(): Promise<void> {
    const { topology, controller, outside } = this;
    const cards: Card[] = [{ host: controller, wire: 'mgmt', device: managementCard }];
    for (const [index, { name }] of topology.physicalNetworks.entries()) {
      cards.push({ host: outside, wire: name, device: `wire${index}` });
    }
    cards.push(...topology.hosts.flatMap(({ name }) => this.#cardsOf(name)));
    await this.fabric.plug(cards);
    await mkdir(join(controller.dir, 'state'), { recursive: true });
    const credentials = await this.#credentials();
    await Promise.all([
      prepare(controller, credentials, managementLines(0)),
      prepare(outside, credentials, outsideLines(topology)),
      ...topology.hosts.map(async ({ name }) => this.#prepareHost(name, credentials)),
    ]);
  }

  #cardsOf(name: string): readonly Card[] {
    const host = this.host(name);
    const { physicalNetworks } = this.#planOf(name);
    return [
      { host, wire: 'mgmt', device: managementCard },
      { host, wire: 'underlay', device: 'underlay0' },
      ...physicalNetworks.map((wire, index) => ({ host, wire, device: `wire${index}` })),
    ];
  }

  async #prepareHost(name: string, credentials: Credentials): Promise<void> {
    const plan = this.#planOf(name);
    await prepare(this.host(name), credentials, hostLines(this.topology, plan, plan.number));
  }

  #planOf(name: string): LabHostPlan & { readonly number: number } {
    const index = this.topology.hosts.findIndex((host) => host.name === name);
    const plan = this.topology.hosts[index];
    if (plan === undefined) throw new Error(`the lab has no host ${name}`);
    return { ...plan, number: index + 1 };
  }

  /** What every machine knows of the others' secrets, made once. */
  async #credentials(): Promise<Credentials> {
    const secrets = labFiles(this.controller);
    const clouds = renderClouds(`${this.apiUrl}/identity/v3`, [
      { name: 'neutronium', username: 'admin', password: await keptSecret(secrets.adminPassword), project: 'admin' },
      { name: 'demo', username: 'demo', password: await keptSecret(secrets.demoPassword), project: 'demo' },
    ]);
    return {
      agentSecret: await keptSecret(secrets.agentSecret),
      metadataSecret: await keptSecret(secrets.metadataSecret),
      clouds,
    };
  }

  #program(host: LabHost, name: 'server' | 'agent', env: Readonly<Record<string, string>>): ChildProcess {
    const main = fileURLToPath(import.meta.resolve(`@neutronium/${name}/main`));
    const child = host.spawn(nodeCommand(main), { env });
    const log = createWriteStream(logFile(host, name), { flags: 'a' });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    return child;
  }
}

/** The bridge of a host that leads to a physical network. */
export function bridgeOf(physicalNetwork: string): string {
  return `br-${physicalNetwork}`;
}

function labFiles(host: LabHost): ReturnType<typeof paths> {
  const own = join(host.dir, 'state');
  return paths({ stateDir: own, runDir: own, ovsRunDir: host.dir });
}

function logFile(host: LabHost, program: string): string {
  return join(host.dir, `${program}.log`);
}

function environment(settings: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`NEUTRONIUM_${key.replace('.', '_').toUpperCase()}`, value]),
  );
}

interface Credentials {
  readonly agentSecret: string;
  /** What Nova would share with the metadata services, where agents are told to have one. */
  readonly metadataSecret: string;
  readonly clouds: string;
}

/** What every machine has: its state where our programs look for it, our command, and then what `script` does. */
async function prepare(
  host: LabHost,
  { agentSecret, metadataSecret, clouds }: Credentials,
  script: string,
): Promise<void> {
  const files = labFiles(host);
  await mkdir(join(host.dir, 'state'), { recursive: true });
  await mkdir(join(host.dir, 'bin'), { recursive: true });
  await writeFile(files.agentSecret, `${agentSecret}\n`, { mode: 0o600 });
  await writeFile(files.metadataSecret, `${metadataSecret}\n`, { mode: 0o600 });
  await writeFile(files.clouds, clouds, { mode: 0o600 });
  const command = fileURLToPath(import.meta.resolve('../main.ts'));
  const wrapper = `#!/bin/sh\nexec '${process.execPath}' '${command}' "$@"\n`;
  await writeFile(join(host.dir, 'bin', 'neutronium'), wrapper, { mode: 0o755 });
  await host.script(`
    mkdir -p ${stateDir}
    mount --bind ${join(host.dir, 'state')} ${stateDir}
    ${script}
  `);
}

function managementLines(number: number): string {
  return `ip addr add ${addressOn('management', number)}/24 dev ${managementCard}; ip link set ${managementCard} up\n`;
}

function outsideLines({ physicalNetworks }: LabTopology): string {
  const cards = physicalNetworks.map(({ outside }, index) =>
    [
      `ip link set wire${index} up; ethtool -K wire${index} tx off >/dev/null`,
      ...outside.map((address) => `ip addr add ${address} dev wire${index}`),
    ].join('\n'),
  );
  return `sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1\n${cards.join('\n')}\n`;
}

/**
 * The underlay's address is the tunnel bridge's neighbour br-phy: Open vSwitch's userspace datapath finds its way to
 * other tunnel ends by the addresses of its bridges (Open vSwitch, "Connecting VMs using tunnels (userspace)"). It keeps a
 * copy of the kernel's routes for that, and with each change of any route empties the copy before it reads all of them
 * anew (3.1.0, lib/route-table.c: route_table_reset); packets into tunnels and out of them are lost meanwhile. A
 * kernel datapath asks the kernel. Devices that come later therefore bring no routes: they have no addresses
 * but the one that IPv6 would give them, and the kernel of a host says nothing by them.
 */
function hostLines({ underlay }: LabTopology, { name: host, physicalNetworks }: LabHostPlan, number: number): string {
  const length = underlay === 'ipv6' ? '64 nodad' : '24';
  const bridges = [['br-phy', 'underlay0'], ...physicalNetworks.map((name, index) => [bridgeOf(name), `wire${index}`])];
  const made = bridges.map(
    ([bridge, card]) =>
      `-- --may-exist add-br ${bridge} -- set Bridge ${bridge} datapath_type=netdev -- --may-exist add-port ${bridge} ${card}`,
  );
  const cards = bridges.map(([, card]) => `ip link set ${card} up; ethtool -K ${card} tx off >/dev/null`);
  return [
    managementLines(number),
    ...cards,
    // A bridge does not take over the address of a card that nobody sold.
    `ovs-vsctl --timeout=10 ${made.join(' ')} -- set Bridge br-phy other_config:hwaddr='"${hardwareAddress(host, 'underlay0')}"'`,
    `ip addr add ${addressOn(underlay, number)}/${length} dev br-phy; ip link set br-phy up`,
    'sysctl -qw net.ipv6.conf.default.disable_ipv6=1',
  ].join('\n');
}

/** The process that we hold is nsenter; the one inside is found by its command line. */
async function endAsCrashed(host: LabHost, child: ChildProcess | undefined, program: string): Promise<void> {
  if (child === undefined || child.exitCode !== null) return;
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
  await host.script(`
    for path in /proc/[0-9]*; do
      tr '\\0' ' ' < $path/cmdline 2>/dev/null | grep -q '${program}/src/main.ts' && kill -9 \${path#/proc/} || true
    done`);
  await exited;
}
