// Which ports a router has: the table, and the questions that are asked of it. A port's own device_id and device_owner
// say the same for people, but whoever owns the port can write them.

import type { FixedIp } from '@neutronium/model/host-view';
import type { RouterPortRole, RouterRecord } from '@neutronium/model/resources/router';
import type { Cidr } from '@neutronium/net/cidr';
import { sql } from 'kysely';
import { deviceOwners } from '#ipam/device-owner';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader, Writer } from '../../store/store.ts';
import { leaveRouters } from '../port/leave-routers.ts';
import { removePort } from '../port/remove-port.ts';

export interface RouterPort {
  readonly port_id: string;
  readonly router_id: string;
  readonly role: RouterPortRole;
  /** Its place among the router's ways out; 0 for what is none. */
  readonly position: number;
  /** Whether what leaves by it gets its address; null for what is no way out. */
  readonly enable_snat: boolean | null;
  readonly network_id: string;
  /** In the port's order, each with the prefix of its subnet. */
  readonly addresses: readonly (FixedIp & { readonly cidr: Cidr })[];
}

/** The ports of each of the routers, ways out in their order, others oldest first; one statement. Routers without ports are absent. */
export async function portsOfRouters(
  { db }: Reader,
  routerIds: readonly string[],
  role?: RouterPortRole,
): Promise<ReadonlyMap<string, readonly RouterPort[]>> {
  if (routerIds.length === 0) return new Map();
  let query = db
    .selectFrom('router_ports')
    .innerJoin('ports', 'ports.id', 'router_ports.port_id')
    .leftJoin('ip_allocations', 'ip_allocations.port_id', 'ports.id')
    .leftJoin('subnets', 'subnets.id', 'ip_allocations.subnet_id')
    .select(['router_ports.port_id', 'router_ports.router_id', 'router_ports.role', 'router_ports.position'])
    .select(['router_ports.enable_snat', 'ports.network_id'])
    .select(['ip_allocations.subnet_id', 'ip_allocations.ip_address', 'subnets.cidr'])
    .where(isOneOf(databaseKind(db), sql.ref('router_ports.router_id'), routerIds))
    .orderBy('router_ports.position')
    .orderBy('ports.created_at')
    .orderBy('ports.id')
    .orderBy('ip_allocations.position');
  if (role !== undefined) query = query.where('router_ports.role', '=', role);
  const ports = [...Map.groupBy(await query.execute(), ({ port_id }) => port_id).values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const { port_id, router_id, role: is, position, network_id } = first;
    const enable_snat = first.enable_snat === null ? null : first.enable_snat === 1;
    const addresses = rows.flatMap(({ subnet_id, ip_address, cidr }) =>
      subnet_id === null || ip_address === null || cidr === null ? [] : [{ subnet_id, ip_address, cidr }],
    );
    return [{ port_id, router_id, role: is, position, enable_snat, network_id, addresses }];
  });
  return Map.groupBy(ports, ({ router_id }) => router_id);
}

export async function portsOfRouter(
  store: Reader,
  routerId: string,
  role?: RouterPortRole,
): Promise<readonly RouterPort[]> {
  return (await portsOfRouters(store, [routerId], role)).get(routerId) ?? [];
}

/** The router that has the port, and what for; undefined for other ports. */
export async function routerOfPort(
  { db }: Reader,
  portId: string,
): Promise<{ readonly router_id: string; readonly role: RouterPortRole } | undefined> {
  return db.selectFrom('router_ports').select(['router_id', 'role']).where('port_id', '=', portId).executeTakeFirst();
}

/** Who owns the router's ports in networks behind it, in words. */
export function interfaceOwner({ distributed, ha }: Pick<RouterRecord, 'distributed' | 'ha'>): string {
  if (distributed) return deviceOwners.distributedRouterInterface;
  return ha ? deviceOwners.haRouterInterface : deviceOwners.routerInterface;
}

/** What a way out is besides a port. */
export interface GatewayTraits {
  /** Its place among the router's ways out, from 0. */
  readonly position: number;
  readonly enable_snat: boolean;
}

/** Says that the port leads from the router into a network behind it from now on. */
export async function attachInterface(
  store: Writer,
  port: { readonly port_id: string; readonly router_id: string },
): Promise<void> {
  await attach(store, { ...port, role: 'interface', position: 0, enable_snat: null });
}

/** Says that the centre of the router is on a network behind it by the port from now on. */
export async function attachCentre(
  store: Writer,
  port: { readonly port_id: string; readonly router_id: string },
): Promise<void> {
  await attach(store, { ...port, role: 'snat', position: 0, enable_snat: null });
}

/** Says that the port is a way out of the router from now on. */
export async function attachGateway(
  store: Writer,
  port: { readonly port_id: string; readonly router_id: string } & GatewayTraits,
): Promise<void> {
  await attach(store, { ...port, role: 'gateway' });
}

/** Says that an agent that hosts the router is known to the others by the port from now on. */
export async function attachHaPort(
  store: Writer,
  port: { readonly port_id: string; readonly router_id: string; readonly position: number },
): Promise<void> {
  await attach(store, { ...port, role: 'ha', enable_snat: null });
}

async function attach(store: Writer, attached: RouterPortRow): Promise<void> {
  await store.db.insertInto('router_ports').values(asStored(attached)).execute();
  store.log({ kind: 'router_port', id: attached.port_id, before: null, after: { ...attached } });
}

/** Gives a way out of the router other traits. */
export async function changeGatewayTraits(store: Writer, gateway: RouterPort, traits: GatewayTraits): Promise<void> {
  const before = rowOf(gateway);
  const after = { ...before, ...traits };
  if (before.position === after.position && before.enable_snat === after.enable_snat) return;
  await store.db.updateTable('router_ports').set(asStored(after)).where('port_id', '=', gateway.port_id).execute();
  store.log({ kind: 'router_port', id: gateway.port_id, before: { ...before }, after: { ...after } });
}

/** Removes a port of a router. */
export async function removeRouterPort(store: Writer, removed: RouterPort): Promise<void> {
  const { port_id } = removed;
  await store.db.deleteFrom('router_ports').where('port_id', '=', port_id).execute();
  store.log({ kind: 'router_port', id: port_id, before: { ...rowOf(removed) }, after: null });
  await leaveRouters(store, port_id);
  await removePort(store, port_id);
}

type RouterPortRow = Omit<RouterPort, 'network_id' | 'addresses'>;

function rowOf({ port_id, router_id, role, position, enable_snat }: RouterPort): RouterPortRow {
  return { port_id, router_id, role, position, enable_snat };
}

function asStored({ enable_snat, ...row }: RouterPortRow): Omit<RouterPortRow, 'enable_snat'> & {
  readonly enable_snat: number | null;
} {
  return { ...row, enable_snat: enable_snat === null ? null : Number(enable_snat) };
}
