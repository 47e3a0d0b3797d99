// What a router needs so that it can answer outside for addresses of IPv6 inside (NDP proxies): a way out that has an
// address of IPv6, in an address scope.

import { blockersOf, type Blocker } from '@neutronium/model/api-error';
import {
  RouterGatewayInUseByNDPProxy,
  RouterGatewayNotValid,
  RouterInterfaceInUseByNDPProxy,
  RouterIPv6GatewayInUse,
} from '@neutronium/model/routing-errors';
import type { RequestedGateway } from '@neutronium/model/kinds/external-gateway';
import type { Reader } from '../../store/store.ts';
import { portsOfRouter } from './router-ports.ts';

/** Throws RouterGatewayNotValid when the new router's way out, which `requested` asked for, does not do. */
export async function requireWayForNdpProxy(
  store: Reader,
  router_id: string,
  requested: RequestedGateway | null,
): Promise<void> {
  if (requested === null) {
    const reason = 'The request body not contain external gateway information';
    throw new RouterGatewayNotValid({ router_id, reason });
  }
  if (await canProxy(store, router_id)) return;
  throw new RouterGatewayNotValid({
    router_id,
    reason:
      `The external network ${requested.network_id} don't support IPv6 ndp proxy, the network has no IPv6 subnets or ` +
      'has no IPv6 address scope',
  });
}

/** Throws when a router that is to answer for others, or does, has no way out for it any more. */
export async function requireWayKept(
  store: Reader,
  router_id: string,
  { asked }: { /** Whether this very request wants it. */ readonly asked: boolean },
): Promise<void> {
  if (await canProxy(store, router_id)) return;
  if (!asked) throw new RouterIPv6GatewayInUse({ router_id });
  throw new RouterGatewayNotValid({
    router_id,
    reason: 'The router has no external gateway or the external gateway port has no IPv6 address or IPv6 address scope',
  });
}

/** Throws when NDP proxies need the way out that the router is about to lose. */
export async function requireNoNdpProxies({ db }: Reader, router_id: string): Promise<void> {
  const users = await db.selectFrom('ndp_proxies').select('id').where('router_id', '=', router_id).execute();
  if (users.length > 0) throw new RouterGatewayInUseByNDPProxy({ router_id, blockers: ofProxies(users) });
}

/** Throws when NDP proxies are for addresses of the subnet. */
export async function requireNoNdpProxiesOn(
  { db }: Reader,
  { router_id, subnet_id }: { readonly router_id: string; readonly subnet_id: string },
): Promise<void> {
  const users = await db
    .selectFrom('ndp_proxies')
    .innerJoin('ip_allocations', 'ip_allocations.port_id', 'ndp_proxies.port_id')
    .select('ndp_proxies.id')
    .whereRef('ip_allocations.ip_address', '=', 'ndp_proxies.ip_address')
    .where('ndp_proxies.router_id', '=', router_id)
    .where('ip_allocations.subnet_id', '=', subnet_id)
    .execute();
  if (users.length === 0) return;
  throw new RouterInterfaceInUseByNDPProxy({ router_id, subnet_id, blockers: ofProxies(users) });
}

function ofProxies(rows: readonly { readonly id: string }[]): readonly Blocker[] {
  return blockersOf(
    'ndp_proxy',
    rows.map(({ id }) => id),
  );
}

/** The address scope of a network's subnets of IPv6; null when they are in none. */
export async function ipv6ScopeOf({ db }: Reader, networkId: string): Promise<string | null> {
  const scoped = await db
    .selectFrom('subnets')
    .innerJoin('subnetpools', 'subnetpools.id', 'subnets.subnetpool_id')
    .select('subnetpools.address_scope_id')
    .where('subnets.network_id', '=', networkId)
    .where('subnets.ip_version', '=', 6)
    .where('subnetpools.address_scope_id', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return scoped?.address_scope_id ?? null;
}

async function canProxy(store: Reader, routerId: string): Promise<boolean> {
  const [gateway] = await portsOfRouter(store, routerId, 'gateway');
  if (gateway === undefined || (await ipv6ScopeOf(store, gateway.network_id)) === null) return false;
  return gateway.addresses.some(({ ip_address }) => ip_address.includes(':'));
}
