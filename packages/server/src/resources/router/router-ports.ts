// Which ports a router has: the table, and the questions that are asked of it. A port's own device_id and device_owner
// say the same for people, but whoever owns the port can write them.

import type { FixedIp } from '@neutronium/model/host-view';
import { port as ports } from '@neutronium/model/resources/port';
import type { RouterPortRole } from '@neutronium/model/resources/router';
import type { Cidr } from '@neutronium/net/cidr';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader, Writer } from '../../store/store.ts';
import { leaveRouters } from '../port/leave-routers.ts';

export interface RouterPort {
  readonly port_id: string;
  readonly router_id: string;
  readonly role: RouterPortRole;
  /** Its place among the router's ways out; 0 for what is none. */
  readonly position: number;
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
    .select(['ports.network_id', 'ip_allocations.subnet_id', 'ip_allocations.ip_address', 'subnets.cidr'])
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
    const addresses = rows.flatMap(({ subnet_id, ip_address, cidr }) =>
      subnet_id === null || ip_address === null || cidr === null ? [] : [{ subnet_id, ip_address, cidr }],
    );
    return [{ port_id, router_id, role: is, position, network_id, addresses }];
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

/** Says that the port is the router's from now on. */
export async function attachPort(
  store: Writer,
  port: {
    readonly port_id: string;
    readonly router_id: string;
    readonly role: RouterPortRole;
    readonly position?: number;
  },
): Promise<void> {
  const attached = { position: 0, ...port };
  await store.db.insertInto('router_ports').values(attached).execute();
  store.log({ kind: 'router_port', id: attached.port_id, before: null, after: attached });
}

/** Removes a port of a router. */
export async function removeRouterPort(store: Writer, removed: RouterPort): Promise<void> {
  const { port_id, router_id, role, position } = removed;
  await store.db.deleteFrom('router_ports').where('port_id', '=', port_id).execute();
  store.log({ kind: 'router_port', id: port_id, before: { port_id, router_id, role, position }, after: null });
  await leaveRouters(store, port_id);
  await store.remove(ports, port_id);
}
