// `neutronium vm add`: the stand-in for Nova. Makes ports, binds them to this machine, plugs a device with the address of
// each as os-vif does, waits until they are ACTIVE, and runs DHCP clients behind them.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  createPort,
  deletePort,
  findNetwork,
  findPort,
  listSubnets,
  showNetwork,
  trunkBridgeOf,
  updatePort,
  wantsBridge,
} from '../cloud/networking.ts';
import type { Port, Subnet } from '../cloud/networking.ts';
import type { Session } from '../cloud/session.ts';
import { removeRecord, writeRecord } from '../metadata/instance-record.ts';
import type { InstancePort } from '../metadata/instance-record.ts';
import type { Tell } from '../up/supervisor.ts';
import type { VmContext } from './context.ts';
import type { InstanceData } from './instance-data.ts';
import { clientsFor, startClients, stopClients } from './dhcp-clients.ts';
import { makeBridge, removeBridge } from './hybrid-plug.ts';
import { makeDevice, makeInstance, nicName, removeDevice, removeInstance } from './instance-namespace.ts';
import { namespaceOf, tapName } from './mark.ts';
import type { PortMark } from './mark.ts';
import { listOwnedNamespaces } from './namespaces.ts';
import { plugDevice, unplugDevices } from './switch.ts';
import { waitForAgent, waitUntilActive } from './wait-active.ts';

/** What a device of the instance is plugged into: a port on a network is made, or one that there is is used. */
export type Nic = { readonly network: string } | { readonly port: string };

export interface VmRequest {
  readonly name: string;
  /** In the order of its devices; at least one. */
  readonly nics: readonly Nic[];
  /** What it is told of itself, besides its addresses. */
  readonly data: InstanceData;
}

/** A port with what its device needs to know. */
interface PlannedPort {
  readonly port: Port;
  readonly mtu: number;
  readonly subnets: readonly Subnet[];
  readonly mark: PortMark;
}

/** Makes the instance. When any of it fails, all of it is undone. */
export async function addInstance(context: VmContext, request: VmRequest, tell: Tell): Promise<readonly Port[]> {
  const { name, nics } = request;
  const namespace = namespaceOf(name);
  if ((await listOwnedNamespaces()).some((owned) => owned.namespace === namespace)) {
    throw new Error(`there is an instance ${name} already`);
  }
  const uuid = randomUUID();
  const operator = await context.operator();
  await waitForAgent({ operator, host: context.host, tell });
  await using undo = new AsyncDisposableStack();
  const planned: PlannedPort[] = [];
  for (const nic of nics) planned.push(await planPort(context, { name, nic, uuid, undo }));
  const [first] = planned;
  if (first === undefined) throw new Error('an instance needs a --network or a --port');

  // Before it is plugged: it may ask as soon as it has an address.
  undo.defer(() => removeRecord(context.recordsDir, uuid));
  await writeRecord(context.recordsDir, {
    uuid,
    name,
    project_id: first.port.project_id,
    ...request.data,
    ports: planned.map(portRecord),
  });
  undo.defer(() => removeInstance(namespace));
  await makeInstance({ namespace, uuid });
  for (const [index, each] of planned.entries()) {
    await plugPort(context, { namespace, inside: nicName(index), uuid, planned: each, undo });
  }

  const active: Port[] = [];
  for (const { port } of planned) {
    const { host, layout } = context;
    active.push(await waitUntilActive({ operator, portId: port.id, host, layout, tell }));
  }
  const folder = join(context.instancesDir, name);
  undo.defer(() => stopClients(folder));
  const clients = planned.flatMap(({ subnets }, index) =>
    clientsFor(subnets).map((client) => ({ device: nicName(index), client })),
  );
  await startClients({ name, namespace, folder }, clients);
  undo.move();
  return active;
}

interface Plugging {
  readonly namespace: string;
  /** The device in the instance. */
  readonly inside: string;
  readonly uuid: string;
  readonly planned: PlannedPort;
  readonly undo: AsyncDisposableStack;
}

/** Makes the device of a port and plugs it, with the bridge before it that some ports want. */
async function plugPort(context: VmContext, { namespace, inside, uuid, planned, undo }: Plugging): Promise<void> {
  const { port, mtu, mark } = planned;
  const outside = tapName(port.id);
  undo.defer(() => removeDevice(outside));
  await makeDevice({ namespace, mark, inside, outside, mac: port.mac_address, mtu });
  undo.defer(() => removeBridge(port.id));
  const plugged = wantsBridge(port) ? await makeBridge(port.id, mtu) : outside;
  undo.defer(() => unplugDevices(context.switch, [plugged]));
  await plugDevice(context.switch, {
    device: plugged,
    portId: port.id,
    mac: port.mac_address,
    instance: uuid,
    trunkBridge: trunkBridgeOf(port, context.switch.bridge),
  });
}

/** The subnets in which the port has addresses. */
async function subnetsOf(session: Session, port: Port): Promise<readonly Subnet[]> {
  const ids = new Set(port.fixed_ips.map(({ subnet_id: id }) => id));
  return (await listSubnets(session, port.network_id)).filter(({ id }) => ids.has(id));
}

function portRecord({ port, mtu, subnets }: PlannedPort): InstancePort {
  const addresses = port.fixed_ips.flatMap(({ subnet_id: subnetId, ip_address }) => {
    const subnet = subnets.find(({ id }) => id === subnetId);
    if (subnet === undefined) return [];
    const { cidr, ip_version, enable_dhcp, ipv6_address_mode, gateway_ip, dns_nameservers, host_routes } = subnet;
    return [{ ip_address, cidr, ip_version, enable_dhcp, ipv6_address_mode, gateway_ip, dns_nameservers, host_routes }];
  });
  return { id: port.id, network_id: port.network_id, mac_address: port.mac_address, mtu, addresses };
}

interface Planning {
  readonly name: string;
  readonly nic: Nic;
  readonly uuid: string;
  readonly undo: AsyncDisposableStack;
}

/** A port of the instance's own, or the one that was asked for; bound to this machine. */
async function planPort(context: VmContext, planning: Planning): Promise<PlannedPort> {
  const port = await obtainPort(context, planning);
  const operator = await context.operator();
  const { mtu } = await showNetwork(operator, port.network_id);
  const mark = { portId: port.id, ownsPort: !('port' in planning.nic) };
  return { port, mtu, subnets: await subnetsOf(operator, port), mark };
}

async function obtainPort({ owner, operator, host }: VmContext, { name, nic, uuid, undo }: Planning): Promise<Port> {
  const device = { device_id: uuid, device_owner: 'compute:nova' };
  if ('port' in nic) {
    const port = await findPort(await owner(), nic.port);
    if (port.device_id !== '') throw new Error(`port ${nic.port} is in use by ${port.device_id}`);
    const session = await operator();
    undo.defer(async () => releasePort({ operator }, port.id));
    return await updatePort(session, port.id, { ...device, 'binding:host_id': host });
  }
  const network = await findNetwork(await owner(), nic.network);
  const port = await createPort(await owner(), { network_id: network.id, name, ...device });
  undo.defer(async () => deletePort(await operator(), port.id));
  return await updatePort(await operator(), port.id, { 'binding:host_id': host });
}

/** Gives a port back that was there before the instance. */
export async function releasePort({ operator }: Pick<VmContext, 'operator'>, portId: string): Promise<void> {
  await updatePort(await operator(), portId, { device_id: '', device_owner: '', 'binding:host_id': '' });
}
