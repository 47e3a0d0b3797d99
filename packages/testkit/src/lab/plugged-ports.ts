// Many ports at once: made in one request, plugged in one transaction, with devices that have nothing behind them.

import type { Embedded } from './embedded.ts';

export interface LocalPort {
  readonly id: string;
  readonly mac_address: string;
  readonly 'binding:vif_details'?: { readonly ovs_hybrid_plug?: boolean };
}

export interface ManyPorts {
  readonly network: string;
  readonly count: number;
  /** Left out, the ports have the default group of the administrator's project. */
  readonly security_groups?: readonly string[];
}

/** `count` ports named `many`, bound to the host on which `embedded` runs. */
export async function createLocalPorts(embedded: Embedded, many: ManyPorts): Promise<readonly LocalPort[]> {
  const host = (await embedded.host.run(['hostname'])).stdout.trim();
  return await createPorts(embedded, many, { device_owner: 'compute:nova', 'binding:host_id': host });
}

/** `count` ports named `many` that are bound nowhere. */
export async function createPorts(
  embedded: Embedded,
  { network, count, security_groups }: ManyPorts,
  more: Readonly<Record<string, unknown>> = {},
): Promise<readonly LocalPort[]> {
  const port = { network_id: network, name: 'many', ...(security_groups && { security_groups }), ...more };
  const { body, status } = await embedded.api('POST', '/v2.0/ports', {
    ports: Array.from({ length: count }, () => port),
  });
  if (status !== 201) throw new Error(`creating ${count} ports: ${status} ${JSON.stringify(body)}`);
  // The answer of a bulk creation in the Networking API.
  return body['ports'] as LocalPort[];
}

/** Makes a device for each port. They are not plugged in yet. */
export async function makeDevices(embedded: Embedded, ports: readonly LocalPort[]): Promise<void> {
  // Taps: not every kernel has dummy devices.
  const taps = ports.flatMap((port) => [`tuntap add dev ${deviceOf(port)} mode tap`, `link set ${deviceOf(port)} up`]);
  const bridges = ports.filter(isHybrid).flatMap(bridgeLines);
  await embedded.host.run(['ip', '-batch', '-'], { stdin: `${[...taps, ...bridges].join('\n')}\n` });
  // The agent makes the bridge once it has heard from the server.
  await embedded.until('that there is br-int', async () => {
    const { exitCode } = await embedded.host.run(['ovs-vsctl', 'br-exists', 'br-int'], { anyExitCode: true });
    return exitCode === 0;
  });
}

/** Plugs the devices of `ports` into br-int, as Nova does, in one transaction. */
export async function plugDevices(embedded: Embedded, ports: readonly LocalPort[]): Promise<void> {
  const plugs = ports.flatMap((port) => {
    const device = isHybrid(port) ? `qvo${ending(port)}` : deviceOf(port);
    const externalIds = [`iface-id=${port.id}`, `attached-mac=${port.mac_address}`, 'iface-status=active'];
    const settings = externalIds.map((pair) => `external_ids:${pair}`);
    return ['--', 'add-port', 'br-int', device, '--', 'set', 'Interface', device, ...settings];
  });
  await embedded.host.run(['ovs-vsctl', '--no-wait', '--timeout=30', ...plugs.slice(1)]);
}

export async function plugPorts(embedded: Embedded, ports: readonly LocalPort[]): Promise<void> {
  await makeDevices(embedded, ports);
  await plugDevices(embedded, ports);
}

/** Neutron's name of a port's device. */
export function deviceOf(port: LocalPort): string {
  return `tap${ending(port)}`;
}

function ending(port: LocalPort): string {
  return port.id.slice(0, 11);
}

function isHybrid(port: LocalPort): boolean {
  return port['binding:vif_details']?.ovs_hybrid_plug === true;
}

/** A Linux bridge between the device and br-int, as os-vif makes it where iptables filters. */
function bridgeLines(port: LocalPort): readonly string[] {
  const [bridge, bridgeEnd, switchEnd] = ['qbr', 'qvb', 'qvo'].map((prefix) => `${prefix}${ending(port)}`);
  return [
    `link add ${bridge} type bridge ageing_time 0 mcast_snooping 0`,
    `link add ${bridgeEnd} type veth peer name ${switchEnd}`,
    ...[bridgeEnd, deviceOf(port)].map((device) => `link set ${device} master ${bridge}`),
    ...[bridge, bridgeEnd, switchEnd].map((device) => `link set ${device} up`),
  ];
}
