// What keeps an interface of a router: floating IPs, routes and NDP proxies that need the router's place on a subnet.

import { blockersOf, type Blocker } from '@neutronium/model/api-error';
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
  const entering = await enteringBy(store, router_id, place);
  if (entering.length > 0) {
    throw new RouterInterfaceInUseAsGatewayByFloatingIP({ router_id, subnet_id, blockers: entering });
  }
  const leading = [...(await standingFor(store, router_id, place)), ...(await forwardingTo(store, router_id, place))];
  if (leading.length > 0) throw new RouterInterfaceInUseByFloatingIP({ router_id, subnet_id, blockers: leading });
  if (routes.some(({ nexthop }) => cidrContains(cidr, nexthop))) {
    throw new RouterInterfaceInUseByRoute({ router_id, subnet_id });
  }
}

/** The floating IPs of the subnet's network, which come in there. The router has no way out by a network that it is in. */
async function enteringBy({ db }: Reader, routerId: string, { network_id }: Place): Promise<readonly Blocker[]> {
  const floating = await db
    .selectFrom('floatingips')
    .select('id')
    .where('router_id', '=', routerId)
    .where('floating_network_id', '=', network_id)
    .execute();
  return ofFloatingIps(floating);
}

/** The floating IPs that stand for addresses of the subnet. */
async function standingFor({ db }: Reader, routerId: string, { id: subnetId }: Place): Promise<readonly Blocker[]> {
  const floating = await db
    .selectFrom('floatingips')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'floatingips.port_id')
    .select('floatingips.id')
    .whereRef('ip_allocations.ip_address', '=', 'floatingips.fixed_ip_address')
    .where('floatingips.router_id', '=', routerId)
    .where('ip_allocations.subnet_id', '=', subnetId)
    .execute();
  return ofFloatingIps(floating);
}

/** The floating IPs of which ports lead to addresses of the subnet. */
async function forwardingTo({ db }: Reader, routerId: string, { id: subnetId }: Place): Promise<readonly Blocker[]> {
  const forwarded = await db
    .selectFrom('port_forwardings')
    .innerJoin('floatingips', 'floatingips.id', 'port_forwardings.floatingip_id')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'port_forwardings.internal_port_id')
    .select('floatingips.id')
    .whereRef('ip_allocations.ip_address', '=', 'port_forwardings.internal_ip_address')
    .where('floatingips.router_id', '=', routerId)
    .where('ip_allocations.subnet_id', '=', subnetId)
    .distinct()
    .execute();
  return ofFloatingIps(forwarded);
}

function ofFloatingIps(rows: readonly { readonly id: string }[]): readonly Blocker[] {
  return blockersOf(
    'floatingip',
    rows.map(({ id }) => id),
  );
}
