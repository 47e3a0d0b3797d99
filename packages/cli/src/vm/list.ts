// `neutronium vm list`: the instances on this machine, with what the API and their own kernel say of them.

import Table from 'cli-table3';
import { askPorts } from '../agent-client.ts';
import { run } from '../command.ts';
import { showPort } from '../cloud/networking.ts';
import type { Port } from '../cloud/networking.ts';
import type { VmContext } from './context.ts';
import { nicName } from './instance-namespace.ts';
import { listOwnedNamespaces } from './namespaces.ts';

export interface ListedInstance {
  readonly name: string;
  /** In the order of their devices. */
  readonly ports: readonly ListedPort[];
}

export interface ListedPort {
  readonly id: string;
  /** The port's status; `?` when the API does not answer, `deleted` when it has no such port. */
  readonly status: string;
  /** Why this machine's agent has not wired the port; null where it has, and where it cannot be asked. */
  readonly why: string | null;
  readonly mac: string;
  /** The addresses that its device really has. */
  readonly addresses: readonly string[];
  /** The addresses of the port that its device does not have. */
  readonly missing: readonly string[];
}

export async function listInstances(context: VmContext): Promise<readonly ListedInstance[]> {
  const operator = await context.operator().catch(() => null);
  const whys = await whyNotWired(context);
  const instances: ListedInstance[] = [];
  for (const owned of await listOwnedNamespaces()) {
    if (owned.owner !== 'vm') continue;
    const { name, namespace, mark } = owned;
    const ports: ListedPort[] = [];
    for (const [index, { portId: id }] of mark.ports.entries()) {
      const port = operator === null ? undefined : await showPort(operator, id).catch(() => undefined);
      const addresses = await addressesOf(namespace, nicName(index));
      ports.push({ id, ...describePort(port, addresses), why: whys.get(id) ?? null, addresses });
    }
    instances.push({ name, ports });
  }
  return instances;
}

export function renderInstances(instances: readonly ListedInstance[]): string {
  if (instances.length === 0) return 'no instances; `neutronium vm add NAME --network NETWORK` makes one';
  const table = new Table({ head: ['Name', 'Addresses', 'Status', 'MAC', 'Port'], style: { head: [], border: [] } });
  for (const { name, ports } of instances) {
    if (ports.length === 0) table.push([name, '', 'without a port', '', '']);
    for (const [index, { id, status, why, mac, addresses, missing }] of ports.entries()) {
      const all = [...addresses, ...missing.map((address) => `${address} (not assigned)`)];
      const state = why === null ? status : `${status}: ${why}`;
      table.push([index === 0 ? name : '', all.join('\n'), state, mac, id]);
    }
  }
  return table.toString();
}

async function whyNotWired({ layout }: VmContext): Promise<ReadonlyMap<string, string>> {
  const { ports } = await askPorts(layout).catch(() => ({ ports: [] }));
  return new Map(ports.filter(({ state }) => state !== 'wired').map(({ id, why }) => [id, why]));
}

function describePort(
  port: Port | null | undefined,
  addresses: readonly string[],
): Pick<ListedPort, 'status' | 'mac' | 'missing'> {
  if (port === undefined) return { status: '?', mac: '', missing: [] };
  if (port === null) return { status: 'deleted', mac: '', missing: [] };
  const planned = port.fixed_ips.map(({ ip_address: address }) => address);
  return {
    status: port.status,
    mac: port.mac_address,
    missing: planned.filter((address) => !addresses.includes(address)),
  };
}

async function addressesOf(namespace: string, device: string): Promise<readonly string[]> {
  const text = await run('ip', ['-n', namespace, '-brief', 'address', 'show', 'dev', device]).catch(() => '');
  const [, , ...addresses] = text.trim().split(/\s+/);
  return addresses.map((address) => address.split('/')[0] ?? '').filter((address) => !address.startsWith('fe80:'));
}
