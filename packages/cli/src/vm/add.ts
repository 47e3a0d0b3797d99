// `neutronium vm add`: the stand-in for Nova. Makes a port, binds it to this machine, plugs a device with the port's
// address as os-vif does, waits until the port is ACTIVE, and runs DHCP clients behind it.

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
import { makeInstance, removeInstance } from './instance-namespace.ts';
import { namespaceOf, tapName } from './mark.ts';
import { listOwnedNamespaces } from './namespaces.ts';
import { plugDevice, unplugDevices } from './switch.ts';
import { waitForAgent, waitUntilActive } from './wait-active.ts';

export interface VmRequest {
  readonly name: string;
  /** Exactly one of the two: a port on a network is made, or one that there is is used. */
  readonly network: string | undefined;
  readonly port: string | undefined;
  /** What it is told of itself, besides its addresses. */
  readonly data: InstanceData;
}

/** Makes the instance. When any of it fails, all of it is undone. */
export async function addInstance(context: VmContext, request: VmRequest, tell: Tell): Promise<Port> {
  const { name } = request;
  const namespace = namespaceOf(name);
  if ((await listOwnedNamespaces()).some((owned) => owned.namespace === namespace)) {
    throw new Error(`there is an instance ${name} already`);
  }
  const uuid = randomUUID();
  const operator = await context.operator();
  await waitForAgent({ operator, host: context.host, tell });
  await using undo = new AsyncDisposableStack();
  const port = await obtainPort(context, { request, uuid, undo });
  const device = tapName(port.id);
  const { mtu } = await showNetwork(operator, port.network_id);
  const subnets = await subnetsOf(operator, port);
  const mark = { uuid, portId: port.id, ownsPort: request.port === undefined };

  // Before it is plugged: it may ask as soon as it has an address.
  undo.defer(() => removeRecord(context.recordsDir, uuid));
  await writeRecord(context.recordsDir, {
    uuid,
    name,
    project_id: port.project_id,
    ...request.data,
    port: portRecord({ port, mtu, subnets }),
  });
  undo.defer(() => removeInstance({ namespace, device }));
  await makeInstance({ namespace, mark, device, mac: port.mac_address, mtu });
  undo.defer(() => removeBridge(port.id));
  const plugged = wantsBridge(port) ? await makeBridge(port.id, mtu) : device;
  undo.defer(() => unplugDevices(context.switch, [plugged]));
  await plugDevice(context.switch, {
    device: plugged,
    portId: port.id,
    mac: port.mac_address,
    instance: uuid,
    trunkBridge: trunkBridgeOf(port, context.switch.bridge),
  });

  const active = await waitUntilActive({
    operator,
    portId: port.id,
    host: context.host,
    layout: context.layout,
    tell,
  });
  const folder = join(context.instancesDir, name);
  undo.defer(() => stopClients(folder));
  await startClients({ name, namespace, folder }, clientsFor(subnets));
  undo.move();
  return active;
}

/** The subnets in which the port has addresses. */
async function subnetsOf(session: Session, port: Port): Promise<readonly Subnet[]> {
  const ids = new Set(port.fixed_ips.map(({ subnet_id: id }) => id));
  return (await listSubnets(session, port.network_id)).filter(({ id }) => ids.has(id));
}

function portRecord({
  port,
  mtu,
  subnets,
}: {
  readonly port: Port;
  readonly mtu: number;
  readonly subnets: readonly Subnet[];
}): InstancePort {
  const addresses = port.fixed_ips.flatMap(({ subnet_id: subnetId, ip_address }) => {
    const subnet = subnets.find(({ id }) => id === subnetId);
    if (subnet === undefined) return [];
    const { cidr, ip_version, enable_dhcp, ipv6_address_mode, gateway_ip, dns_nameservers, host_routes } = subnet;
    return [{ ip_address, cidr, ip_version, enable_dhcp, ipv6_address_mode, gateway_ip, dns_nameservers, host_routes }];
  });
  return { id: port.id, network_id: port.network_id, mac_address: port.mac_address, mtu, addresses };
}

/** A port of the instance's own, or the one that was asked for; bound to this machine. */
async function obtainPort(
  { owner, operator, host }: VmContext,
  { request, uuid, undo }: { readonly request: VmRequest; readonly uuid: string; readonly undo: AsyncDisposableStack },
): Promise<Port> {
  const device = { device_id: uuid, device_owner: 'compute:nova' };
  if (request.port !== undefined) {
    const port = await findPort(await owner(), request.port);
    if (port.device_id !== '') throw new Error(`port ${request.port} is in use by ${port.device_id}`);
    const session = await operator();
    undo.defer(async () => releasePort({ operator }, port.id));
    return await updatePort(session, port.id, { ...device, 'binding:host_id': host });
  }
  if (request.network === undefined) throw new Error('an instance needs a --network or a --port');
  const network = await findNetwork(await owner(), request.network);
  const port = await createPort(await owner(), { network_id: network.id, name: request.name, ...device });
  undo.defer(async () => deletePort(await operator(), port.id));
  return await updatePort(await operator(), port.id, { 'binding:host_id': host });
}

/** Gives a port back that was there before the instance. */
export async function releasePort({ operator }: Pick<VmContext, 'operator'>, portId: string): Promise<void> {
  await updatePort(await operator(), portId, { device_id: '', device_owner: '', 'binding:host_id': '' });
}
