// Plugging routers into subnets and unplugging them. Whoever calls holds the router's row, so what is decided here about
// its other ports stays true until it is written.

import { BadRequest, PortInUse, PortNotFound, SubnetNotFound } from '@neutronium/model/errors';
import {
  RouterInterfaceNotFound,
  RouterInterfaceNotFoundForSubnet,
  SubnetMismatchForPort,
} from '@neutronium/model/routing-errors';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { router, type RouterRecord } from '@neutronium/model/resources/router';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { invariant } from '@neutronium/net/invariant';
import { compareIp, family } from '@neutronium/net/ip';
import { visibility } from '../../context.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { createPorts } from '../port/create-ports.ts';
import { deviceOfPort } from '../port/device-of-port.ts';
import { explainingSubnets } from '../port/named-subnets.ts';
import { servicePort } from '../port/service-port.ts';
import { updatePort } from '../port/update-port.ts';
import { interfacePlace, settleCentre } from './distribution.ts';
import { readInterface } from './interface-request.ts';
import { requireUnneeded } from './interface-uses.ts';
import { requireDistinct } from './overlap.ts';
import type { RouterParts } from './router-parts.ts';
import { attachInterface, portsOfRouter, removeRouterPort, type RouterPort } from './router-ports.ts';

/** What the answer says of the interface that was added or removed. */
interface InterfaceAnswer {
  readonly id: string;
  readonly tenant_id: string;
  readonly project_id: string;
  readonly port_id: string;
  readonly network_id: string;
  readonly subnet_id: string | undefined;
  readonly subnet_ids: readonly string[];
}

export async function addInterface(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  body: unknown,
): Promise<InterfaceAnswer> {
  const { port_id, subnet_id } = readInterface(body);
  if (port_id !== undefined && subnet_id !== undefined) refuse('Cannot specify both subnet-id and port-id');
  const added =
    port_id === undefined
      ? await addSubnet(parts, call, current, subnet_id ?? '')
      : await addPort(parts, call, current, port_id);
  await settleCentre(parts, call, current);
  await call.store.touch(router, current.id);
  return answerOf(current.id, added.port, added.subnetIds);
}

export async function removeInterface(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  body: unknown,
): Promise<InterfaceAnswer> {
  const { port_id, subnet_id } = readInterface(body);
  const interfaces = await portsOfRouter(call.store, current.id, 'interface');
  const removed =
    port_id === undefined
      ? await removeSubnet(parts, call, { current, interfaces }, subnet_id ?? '')
      : await removePort(call, { current, interfaces }, { port_id, subnet_id });
  await settleCentre(parts, call, current);
  await call.store.touch(router, current.id);
  return answerOf(current.id, removed.port, removed.subnetIds);
}

interface Changed {
  readonly port: PortRecord;
  readonly subnetIds: readonly string[];
}

/** Plugs the router in where the subnet expects it. Subnets of IPv6 on one network share a port. */
async function addSubnet(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  subnetId: string,
): Promise<Changed> {
  const { store } = call;
  const added = await visibleSubnet(call, subnetId);
  const { id: subnet_id, network_id, gateway_ip: ip_address } = added;
  if (ip_address === null) refuse('Subnet for router interface must have a gateway IP');
  await requireUsable(call, added);
  requireOwnAdvertisements(added);
  const ports = await portsOfRouter(store, current.id);
  await requireDistinct(store, ports, [added]);
  const address = { subnet_id, ip_address };
  const shared = added.ip_version === 6 ? ipv6PortOn(ports, network_id) : undefined;
  if (shared !== undefined) {
    const before = await recordOf(store, shared);
    const after = await updatePort(parts.ports, store, before, { fixed_ips: [...before.fixed_ips, address] });
    return { port: after, subnetIds: [subnet_id] };
  }
  const request = servicePort({
    project_id: current.project_id,
    network_id,
    device_id: current.id,
    ...(await interfacePlace(parts, call, current, [{ network_id, fixed_ips: [address] }])),
    fixed_ips: [address],
  });
  const [created] = await explainingSubnets(call, [request], () => createPorts(parts.ports, store, [request]));
  invariant(created !== undefined, 'one port was asked for');
  await attachInterface(store, { port_id: created.id, router_id: current.id });
  return { port: created, subnetIds: [subnet_id] };
}

/** Makes a port that is free the router's. */
async function addPort(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  portId: string,
): Promise<Changed> {
  const { store } = call;
  const free = await visiblePort(call, portId);
  const { network_id: net_id, device_id } = free;
  if (device_id !== '') {
    throw new PortInUse({ net_id, port_id: portId, device_id, blockers: deviceOfPort(free) });
  }
  if (free.fixed_ips.length === 0) refuse('Router port must have at least one fixed IP');
  const subnets = await store.getMany(subnet, [...new Set(free.fixed_ips.map(({ subnet_id }) => subnet_id))]);
  for (const each of subnets) requireOwnAdvertisements(each);
  const ports = await portsOfRouter(store, current.id);
  const other = subnets.some(({ ip_version }) => ip_version === 6) ? ipv6PortOn(ports, net_id) : undefined;
  if (other !== undefined) {
    refuse(
      'Cannot have multiple router ports with the same network id if both contain IPv6 subnets. ' +
        `Existing port ${other.port_id} has IPv6 subnet(s) and network id ${net_id}`,
    );
  }
  await requireDistinct(store, ports, subnets);
  if (free.fixed_ips.filter(({ ip_address }) => family(ip_address) === 4).length > 1) {
    refuse('Cannot have multiple IPv4 subnets on router port');
  }
  requireWithinPools(call, free, subnets);
  const attached = await updatePort(parts.ports, store, free, {
    device_id: current.id,
    ...(await interfacePlace(parts, call, current, [free])),
  });
  await attachInterface(store, { port_id: portId, router_id: current.id });
  return { port: attached, subnetIds: free.fixed_ips.map(({ subnet_id }) => subnet_id) };
}

interface Removal {
  readonly current: RouterRecord;
  readonly interfaces: readonly RouterPort[];
}

async function removePort(
  { store }: Call<Writer>,
  { current, interfaces }: Removal,
  { port_id, subnet_id }: { readonly port_id: string; readonly subnet_id: string | undefined },
): Promise<Changed> {
  const removed = interfaces.find((each) => each.port_id === port_id);
  if (removed === undefined) throw new RouterInterfaceNotFound({ router_id: current.id, port_id });
  const subnetIds = removed.addresses.map((address) => address.subnet_id);
  if (subnet_id !== undefined && !subnetIds.includes(subnet_id)) {
    throw new SubnetMismatchForPort({ port_id, subnet_id });
  }
  const { network_id } = removed;
  for (const { subnet_id: id, cidr } of removed.addresses)
    await requireUnneeded(store, current, { id, cidr, network_id });
  const record = await recordOf(store, removed);
  await removeRouterPort(store, removed);
  return { port: record, subnetIds };
}

async function removeSubnet(
  { ports: portParts }: RouterParts,
  call: Call<Writer>,
  { current, interfaces }: Removal,
  subnetId: string,
): Promise<Changed> {
  const { store } = call;
  const { id, cidr, network_id } = await visibleSubnet(call, subnetId);
  if (interfaces.some((each) => each.network_id === network_id)) {
    await requireUnneeded(store, current, { id, cidr, network_id });
  }
  const plugged = interfaces.find(({ addresses }) => addresses.some((address) => address.subnet_id === id));
  if (plugged === undefined) throw new RouterInterfaceNotFoundForSubnet({ router_id: current.id, subnet_id: id });
  const record = await recordOf(store, plugged);
  const left = record.fixed_ips.filter((address) => address.subnet_id !== id);
  if (left.length === 0) await removeRouterPort(store, plugged);
  else await updatePort(portParts, store, record, { fixed_ips: left });
  return { port: record, subnetIds: [id] };
}

function ipv6PortOn(ports: readonly RouterPort[], networkId: string): RouterPort | undefined {
  return ports.find(
    ({ role, network_id, addresses }) =>
      role === 'interface' && network_id === networkId && addresses.some(({ ip_address }) => ip_address.includes(':')),
  );
}

/** Who announces the subnet's prefix must be one: a subnet that says that another router does takes no second one. */
function requireOwnAdvertisements({ id, ip_version, ipv6_ra_mode, ipv6_address_mode }: SubnetRecord): void {
  if (ip_version === 6 && ipv6_ra_mode === null && ipv6_address_mode !== null) {
    refuse(`IPv6 subnet ${id} configured to receive RAs from an external router cannot be added to Neutron Router.`);
  }
}

/**
 * A subnet of someone else's network takes a router only where the network was shared with the caller by name: a
 * network for everyone would be taken from all others by the first router at its gateway's address.
 */
async function requireUsable(
  { context, store }: Call<Reader>,
  { id, project_id, network_id }: SubnetRecord,
): Promise<void> {
  if (context.isAdmin || project_id === context.projectId) return;
  const entry = await store.db
    .selectFrom('rbac_policies')
    .select('id')
    .where('object_id', '=', network_id)
    .where('action', '=', 'access_as_shared')
    .where('target_tenant', '=', context.projectId ?? '')
    .executeTakeFirst();
  if (entry !== undefined) return;
  refuse(`Cannot add interface to router because subnet ${id} is not owned by project making the request`);
}

/** On someone else's subnet, a router has an address that the pools could have given to any port. */
function requireWithinPools(
  { context }: Call<Reader>,
  { id, fixed_ips }: PortRecord,
  subnets: readonly SubnetRecord[],
): void {
  if (context.isAdmin) return;
  for (const { subnet_id, ip_address } of fixed_ips) {
    const of = subnets.find((each) => each.id === subnet_id);
    if (of === undefined || of.project_id === context.projectId) continue;
    const pooled = of.allocation_pools.some(
      ({ start, end }) => compareIp(start, ip_address) <= 0 && compareIp(ip_address, end) <= 0,
    );
    if (pooled) continue;
    refuse(
      `Cannot add interface to router because specified port ${id} has an IP address out of the allocation pool of ` +
        `subnet ${subnet_id}, which is not owned by the project making the request`,
    );
  }
}

async function visibleSubnet({ context, store }: Call<Reader>, id: string): Promise<SubnetRecord> {
  const [found] = await store.list(subnet, {
    where: [{ op: 'equals', attribute: 'id', values: [id] }],
    ...visibility(context),
  });
  if (found === undefined) throw new SubnetNotFound({ subnet_id: id });
  return found;
}

async function visiblePort({ context, store }: Call<Reader>, id: string): Promise<PortRecord> {
  const [visible] = await store.list(port, {
    where: [{ op: 'equals', attribute: 'id', values: [id] }],
    ...visibility(context),
  });
  // Read once more, and held: nobody plugs it in elsewhere meanwhile.
  const found = visible === undefined ? undefined : await store.get(port, id);
  if (found === undefined) throw new PortNotFound({ port_id: id });
  return found;
}

async function recordOf(store: Reader, { port_id }: RouterPort): Promise<PortRecord> {
  const record = await store.get(port, port_id);
  invariant(record !== undefined, 'a port that a router has exists');
  return record;
}

function answerOf(
  routerId: string,
  { id, project_id, network_id }: PortRecord,
  subnet_ids: readonly string[],
): InterfaceAnswer {
  return {
    id: routerId,
    tenant_id: project_id,
    project_id,
    port_id: id,
    network_id,
    subnet_id: subnet_ids.at(-1),
    subnet_ids,
  };
}

function refuse(msg: string): never {
  throw new BadRequest({ resource: 'router', msg });
}
