// Routes that a router is given by hand: what they may be, and how lists of them are put together.

import { HTTPBadRequest } from '@neutronium/model/errors';
import { InvalidRoutes, RoutesExhausted } from '@neutronium/model/routing-errors';
import type { HostRoute } from '@neutronium/model/host-view';
import { readRoute } from '@neutronium/model/kinds/host-routes';
import { readItems } from '@neutronium/model/kinds/list-of';
import { pythonText } from '@neutronium/model/python-text';
import { cidrContains, type Cidr } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';

/** What a router is connected to. */
export interface Reach {
  readonly cidrs: readonly Cidr[];
  /** Its own addresses there. */
  readonly addresses: readonly IpAddress[];
}

/** Throws InvalidRoutes unless each next hop is a neighbour of the router. */
export function checkNextHops(routes: readonly HostRoute[], { cidrs, addresses }: Reach): void {
  for (const { nexthop } of routes) {
    if (!cidrs.some((cidr) => cidrContains(cidr, nexthop))) {
      throw new InvalidRoutes({ routes, reason: 'the nexthop is not connected with router' });
    }
    if (addresses.includes(nexthop)) throw new InvalidRoutes({ routes, reason: 'the nexthop is used by router' });
  }
}

export function checkRouteCount(routerId: string, routes: readonly HostRoute[], most: number): void {
  if (routes.length > most) throw new RoutesExhausted({ router_id: routerId, quota: most });
}

/** Those of `a`, then those of `b` that are not among them. */
export function withRoutes(a: readonly HostRoute[], b: readonly HostRoute[]): readonly HostRoute[] {
  return [...new Map([...a, ...b].map((route) => [nameOf(route), route])).values()];
}

/** Those of `a` that are not in `b`. */
export function withoutRoutes(a: readonly HostRoute[], b: readonly HostRoute[]): readonly HostRoute[] {
  const unwanted = new Set(b.map(nameOf));
  return a.filter((route) => !unwanted.has(nameOf(route)));
}

/** The routes of `{"router": {"routes": […]}}`, in which one may come twice. */
export function readRoutes(body: unknown): readonly HostRoute[] {
  const routes = member(member(body, 'router'), 'routes');
  if (!Array.isArray(routes)) {
    throw new HTTPBadRequest({
      message: `Invalid input for routes. Reason: Invalid data format for hostroute: '${pythonText(routes ?? null)}'.`,
    });
  }
  const read = readItems(routes, readRoute);
  if (read.ok) return read.value;
  if (read.fault === 'declared') throw read.error;
  throw new HTTPBadRequest({ message: `Invalid input for routes. Reason: ${read.reason}.` });
}

function nameOf({ destination, nexthop }: HostRoute): string {
  return `${destination} ${nexthop}`;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
