// Instances on the hosts of a lab: namespaces whose device is plugged as Nova does it, with an address that a real DHCP
// client has asked for.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunOptions, RunResult } from '@neutronium/cli/lab/host';
import type { Lab } from '@neutronium/cli/lab/lab';

export interface LabPort {
  readonly id: string;
  readonly network_id: string;
  readonly mac_address: string;
  readonly status: string;
  readonly device_owner: string;
  readonly 'binding:host_id': string;
  readonly fixed_ips: readonly { readonly ip_address: string; readonly subnet_id: string }[];
}

/** Where an instance is to be. */
export interface InstancePlan {
  readonly name: string;
  readonly host: string;
  readonly networkId: string;
  /** The address that it is to have; any where absent. */
  readonly address?: string;
  /** Other attributes of its port. */
  readonly attributes?: object;
  /** Whether a Linux bridge stands before the switch, as driver iptables_hybrid wants it. */
  readonly hybrid?: boolean;
}

export class LabInstance {
  readonly lab: Lab;
  readonly name: string;
  readonly host: string;
  readonly port: LabPort;

  constructor(parts: { readonly lab: Lab; readonly name: string; readonly host: string; readonly port: LabPort }) {
    this.lab = parts.lab;
    this.name = parts.name;
    this.host = parts.host;
    this.port = parts.port;
  }

  get mac(): string {
    return this.port.mac_address;
  }

  /** The port's address of that family. */
  address(family: 4 | 6): string {
    const found = this.port.fixed_ips.find(({ ip_address: text }) => text.includes(':') === (family === 6));
    if (found === undefined) throw new Error(`${this.name} has no IPv${family} address`);
    return found.ip_address;
  }

  /** Runs a command in the instance. */
  async run(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await this.lab.host(this.host).run(command, { ...options, netns: this.name });
  }

  /** How many of `count` echo requests, 50 ms apart, are answered within a second each. */
  async ping(address: string, count = 3): Promise<number> {
    const command = ['ping', '-c', String(count), '-i', '0.05', '-W', '1', address];
    const { stdout } = await this.run(command, { anyExitCode: true });
    return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
  }

  /** Asks for an address by DHCP and takes what is given, as an instance's operating system does. */
  async askForAddress(device = 'eth0'): Promise<void> {
    const script = join(fileURLToPath(import.meta.resolve('@neutronium/cli/main')), '../vm/udhcpc.sh');
    const patience = ['-n', '-q', '-f', '-t', '10', '-T', '1'];
    await this.run(['udhcpc', '-i', device, '-s', script, '-O', 'mtu', ...patience], {
      env: { NEUTRONIUM_RESOLV_CONF: '/dev/null' },
    });
  }
}

/** Makes ports for the instances, plugs them, and returns when all are ACTIVE. They have no addresses yet. */
export async function addInstances(lab: Lab, plans: readonly InstancePlan[]): Promise<readonly LabInstance[]> {
  const api = await lab.api();
  const body = plans.map(({ name, host, networkId, address, attributes }) => ({
    name,
    network_id: networkId,
    device_owner: 'compute:nova',
    device_id: name,
    'binding:host_id': host,
    ...(address !== undefined && { fixed_ips: [{ ip_address: address }] }),
    ...attributes,
  }));
  const ports = await api.expect<readonly LabPort[]>('POST', '/ports', { ports: body });
  const instances = plans.flatMap(({ name, host }, index) => {
    const port = ports[index];
    return port === undefined ? [] : [new LabInstance({ lab, name, host, port })];
  });
  await Promise.all(
    instances.map(async ({ name, host, port }, index) =>
      lab.host(host).plugInstance({
        netns: name,
        device: `tap${port.id}`.slice(0, 14),
        portId: port.id,
        mac: port.mac_address,
        hybrid: plans[index]?.hybrid ?? false,
      }),
    ),
  );
  const ids = instances.map(({ port }) => `id=${port.id}`).join('&');
  await lab.until(`that ${ports.length} ports are ACTIVE`, async () => {
    const now = await api.expect<readonly LabPort[]>('GET', `/ports?${ids}`);
    return now.every(({ status }) => status === 'ACTIVE');
  });
  return instances;
}
