// What a floating IP stands for: a port inside, one of its addresses, and the router between the two networks.

import { BadRequest, PortNotFound } from '@neutronium/model/errors';
import {
  ExternalGatewayForFloatingIPNotFound,
  FloatingIPPortAlreadyAssociated,
} from '@neutronium/model/routing-errors';
import type { FixedIp } from '@neutronium/model/host-view';
import { floatingip, type FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { router } from '@neutronium/model/resources/router';
import { family, type IpAddress } from '@neutronium/net/ip';
import { deviceOwners } from '#ipam/device-owner';
import { visibility } from '../../context.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';

export type Association = Pick<FloatingIpRecord, 'port_id' | 'fixed_ip_address' | 'router_id'>;

/** Stands for nothing. */
export const unassociated: Association = { port_id: null, fixed_ip_address: null, router_id: null };

export interface Wish {
  readonly port_id: string | null;
  /** Null for the only one of IPv4. */
  readonly fixed_ip_address: IpAddress | null;
}

type Outside = Pick<FloatingIpRecord, 'id' | 'project_id' | 'floating_ip_address' | 'floating_network_id'>;

/** What the wish comes to. Throws when the port is not to be had, or cannot be reached from the floating IP's network. */
export async function associate(call: Call<Writer>, outside: Outside, wish: Wish): Promise<Association> {
  if (wish.port_id === null) {
    if (wish.fixed_ip_address === null) return unassociated;
    refuse('fixed_ip_address cannot be specified without a port_id');
  }
  const inside = await holdPort(call, wish.port_id);
  if (!call.context.isAdmin && inside.project_id !== outside.project_id) {
    refuse(
      `Cannot process floating IP association with Port ${inside.id}, since that port is owned by a different tenant`,
    );
  }
  if (inside.device_owner === deviceOwners.dhcp) refuse(`Port ${inside.id} is unable to be assigned a floating IP`);
  const { subnet_id, ip_address: fixed_ip } = insideAddress(inside, wish.fixed_ip_address);
  const external_network_id = outside.floating_network_id;
  const router_id = await holdRouterBetween(call.store, external_network_id, subnet_id);
  if (router_id === undefined) {
    throw new ExternalGatewayForFloatingIPNotFound({ external_network_id, subnet_id, port_id: inside.id });
  }
  await requireFree(call.store, outside, { port_id: inside.id, fixed_ip });
  return { port_id: inside.id, fixed_ip_address: fixed_ip, router_id };
}

/** Lets the floating IPs of a port that goes stand for nothing. */
export async function disassociatePort(store: Writer, portId: string): Promise<void> {
  const associated = await store.list(floatingip, {
    where: [{ op: 'equals', attribute: 'port_id', values: [portId] }],
  });
  for (const { id } of associated) await store.update(floatingip, id, { ...unassociated, status: 'DOWN' });
}

function insideAddress({ id, fixed_ips }: PortRecord, wanted: IpAddress | null): FixedIp {
  if (wanted !== null) {
    if (family(wanted) === 6) {
      refuse(`Cannot process floating IP association with ${wanted}, since that is not an IPv4 address`);
    }
    const named = fixed_ips.find(({ ip_address }) => ip_address === wanted);
    return named ?? refuse(`Port ${id} does not have fixed ip ${wanted}`);
  }
  const [only, ...others] = fixed_ips.filter(({ ip_address }) => family(ip_address) === 4);
  if (only === undefined) refuse(`Cannot add floating IP to port ${id} that has no fixed IPv4 addresses`);
  if (others.length === 0) return only;
  return refuse(
    `Port ${id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when assigning a floating IP`,
  );
}

/**
 * The router that is on the subnet, and leads out to the external network or is in it by an interface; it keeps both
 * for as long as this transaction lasts. Undefined when there is none.
 */
export async function holdRouterBetween(
  store: Writer,
  externalNetworkId: string,
  subnetId: string,
): Promise<string | undefined> {
  const found = await routerBetween(store, externalNetworkId, subnetId);
  if (found === undefined) return undefined;
  await store.get(router, found);
  // Whoever held it until now may have unplugged it.
  return (await routerBetween(store, externalNetworkId, subnetId)) === found ? found : undefined;
}

/** Of several, the one at the address that instances send to; then one that leads out before one that is inside. */
async function routerBetween({ db }: Reader, externalNetworkId: string, subnetId: string): Promise<string | undefined> {
  const rows = await db
    .selectFrom('router_ports as inside')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'inside.port_id')
    .innerJoin('subnets', 'subnets.id', 'ip_allocations.subnet_id')
    .innerJoin('router_ports as outside', 'outside.router_id', 'inside.router_id')
    .innerJoin('ports as entrance', 'entrance.id', 'outside.port_id')
    .select(['inside.router_id', 'ip_allocations.ip_address', 'subnets.gateway_ip'])
    .where('inside.role', '=', 'interface')
    .where('ip_allocations.subnet_id', '=', subnetId)
    .where('entrance.network_id', '=', externalNetworkId)
    .whereRef('outside.port_id', '!=', 'inside.port_id')
    .orderBy('outside.role')
    .orderBy('inside.router_id')
    .execute();
  const best = rows.find(({ ip_address, gateway_ip }) => ip_address === gateway_ip) ?? rows[0];
  return best?.router_id;
}

async function requireFree(
  { db }: Reader,
  { id: fip_id, floating_ip_address, floating_network_id: net_id }: Outside,
  { port_id, fixed_ip }: { readonly port_id: string; readonly fixed_ip: IpAddress },
): Promise<void> {
  const other = await db
    .selectFrom('floatingips')
    .select('id')
    .where('port_id', '=', port_id)
    .where('fixed_ip_address', '=', fixed_ip)
    .where('floating_network_id', '=', net_id)
    .where('id', '!=', fip_id)
    .executeTakeFirst();
  if (other === undefined) return;
  throw new FloatingIPPortAlreadyAssociated({ floating_ip_address, fip_id, port_id, fixed_ip, net_id });
}

/** The port, if the caller may see it, held: it keeps its addresses meanwhile. Throws PortNotFound otherwise. */
export async function holdPort({ context, store }: Call<Writer>, id: string): Promise<PortRecord> {
  const [visible] = await store.list(port, {
    where: [{ op: 'equals', attribute: 'id', values: [id] }],
    ...visibility(context),
  });
  const found = visible === undefined ? undefined : await store.get(port, id);
  if (found === undefined) throw new PortNotFound({ port_id: id });
  return found;
}

function refuse(msg: string): never {
  throw new BadRequest({ resource: 'floatingip', msg });
}
