// What keeps an interface of a router: floating IPs, routes and NDP proxies that need the router's place on a subnet.

import { RouterInterfaceInUseAsGatewayByFloatingIP } from '@neutronium/model/gateway-errors';
import type { RouterRecord } from '@neutronium/model/resources/router';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import { RouterInterfaceInUseByFloatingIP, RouterInterfaceInUseByRoute } from '@neutronium/model/routing-errors';
import { cidrContains } from '@neutronium/net/cidr';
import type { Reader } from '../../store/store.ts';
import { requireNoNdpProxiesOn } from './ndp-proxying.ts';

type Place = Pick<SubnetRecord, 'id' | 'cidr' | 'network_id'>;

/** Throws when something needs the router's place on the subnet. */
export async function requireUnneeded(
  store: Reader,
  { id: router_id, routes }: Pick<RouterRecord, 'id' | 'routes'>,
  place: Place,
): Promise<void> {
  const { id: subnet_id, cidr } = place;
  await requireNoNdpProxiesOn(store, { router_id, subnet_id });
  if (await isEntrance(store, router_id, place)) {
    throw new RouterInterfaceInUseAsGatewayByFloatingIP({ router_id, subnet_id });
  }
  if ((await isStoodFor(store, router_id, place)) || (await isForwardedTo(store, router_id, place))) {
    throw new RouterInterfaceInUseByFloatingIP({ router_id, subnet_id });
  }
  if (routes.some(({ nexthop }) => cidrContains(cidr, nexthop))) {
    throw new RouterInterfaceInUseByRoute({ router_id, subnet_id });
  }
}

/** Whether floating IPs of the subnet's network come in there. The router has no way out by a network that it is in. */
async function isEntrance({ db }: Reader, routerId: string, { network_id }: Place): Promise<boolean> {
  const floating = await db
    .selectFrom('floatingips')
    .select('id')
    .where('router_id', '=', routerId)
    .where('floating_network_id', '=', network_id)
    .limit(1)
    .executeTakeFirst();
  return floating !== undefined;
}

/** Whether floating IPs stand for addresses of the subnet. */
async function isStoodFor({ db }: Reader, routerId: string, { id: subnetId }: Place): Promise<boolean> {
  const floating = await db
    .selectFrom('floatingips')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'floatingips.port_id')
    .select('floatingips.id')
    .whereRef('ip_allocations.ip_address', '=', 'floatingips.fixed_ip_address')
    .where('floatingips.router_id', '=', routerId)
    .where('ip_allocations.subnet_id', '=', subnetId)
    .limit(1)
    .executeTakeFirst();
  return floating !== undefined;
}

/** Whether ports of floating IPs lead to addresses of the subnet. */
async function isForwardedTo({ db }: Reader, routerId: string, { id: subnetId }: Place): Promise<boolean> {
  const forwarded = await db
    .selectFrom('port_forwardings')
    .innerJoin('floatingips', 'floatingips.id', 'port_forwardings.floatingip_id')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'port_forwardings.internal_port_id')
    .select('port_forwardings.id')
    .whereRef('ip_allocations.ip_address', '=', 'port_forwardings.internal_ip_address')
    .where('floatingips.router_id', '=', routerId)
    .where('ip_allocations.subnet_id', '=', subnetId)
    .limit(1)
    .executeTakeFirst();
  return forwarded !== undefined;
}
