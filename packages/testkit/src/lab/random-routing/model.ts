// Who reaches whom in a cloud of routers, as far as anybody can say who knows no more than what the API was asked for.
// Every network is behind one router at the most, whose first address there is the gateway of its instances.

/** One of `outsiders` or of the project that the tests work in, whose groups admit everybody. */
export type Project = 'open' | 'closed';

export type RouterKind = 'legacy' | 'ha' | 'distributed' | 'distributed and ha';

export interface ModelRouter {
  readonly id: string;
  kind: RouterKind;
  isUp: boolean;
  /** Null where it leads nowhere. */
  gateway: { readonly translates: boolean } | null;
  /** Numbers of the networks behind it. */
  readonly networks: Set<number>;
  /** Extra routes: addresses that instances have beside their own, and the address of the instance. */
  routes: ReadonlyMap<string, string>;
}

export interface Machine {
  readonly name: string;
  readonly portId: string;
  readonly mac: string;
  readonly project: Project;
  /** The number of its network. */
  readonly network: number;
  readonly address: string;
  /** An address that it has besides, which nobody knows but routers that are told. */
  readonly extraAddress: string;
  isUp: boolean;
  host: string;
  floatingIp: { readonly id: string; readonly address: string } | null;
}

export interface Routing {
  readonly routers: readonly ModelRouter[];
  readonly machines: readonly Machine[];
}

/** Someone who answers, by one of the addresses by which he is called. */
export type Target =
  | { readonly by: 'outside'; readonly address: string }
  | { readonly by: 'fixed' | 'extra' | 'floating'; readonly address: string; readonly of: Machine };

/** Who calls: an instance, or the world outside. */
export type Caller = Machine | 'outside';

/** All addresses that anybody might call. */
export function targetsOf({ machines }: Routing, outsideAddress: string): readonly Target[] {
  const ofMachines = machines.flatMap((of): readonly Target[] => [
    { by: 'fixed', address: of.address, of },
    { by: 'extra', address: of.extraAddress, of },
    ...(of.floatingIp === null ? [] : [{ by: 'floating', address: of.floatingIp.address, of } as const]),
  ]);
  return [{ by: 'outside', address: outsideAddress }, ...ofMachines];
}

/** Whether `caller` has an answer of `target`; null where that depends on how hosts do it, and nobody relies on it. */
export function isReached(routing: Routing, caller: Caller, target: Target): boolean | null {
  if (target.by !== 'outside' && !target.of.isUp) return target.of === caller ? null : false;
  if (caller === 'outside') return isReachedFromOutside(routing, target);
  if (!caller.isUp) return false;
  if (target.by !== 'outside' && target.of === caller) return null;
  switch (target.by) {
    case 'outside':
      return leadsOut(routing, caller);
    case 'fixed':
      return admits(target.of, caller) && isJoined(routing, caller, target.of);
    case 'extra': {
      const router = routerOf(routing, target.of);
      const isTold = router?.isUp === true && router.routes.get(target.address) === target.of.address;
      return isTold && router === routerOf(routing, caller) && admits(target.of, caller);
    }
    case 'floating':
      return isReachedByFloatingIp(routing, caller, target.of);
  }
}

function isReachedFromOutside(routing: Routing, target: Target): boolean | null {
  switch (target.by) {
    case 'outside':
      return null;
    // The world outside has no routes to networks of tenants.
    case 'fixed':
    case 'extra':
      return false;
    case 'floating':
      return target.of.project === 'open' && isExposed(routing, target.of);
  }
}

function isReachedByFloatingIp(routing: Routing, caller: Machine, of: Machine): boolean | null {
  if (routerOf(routing, caller)?.isUp !== true || !isExposed(routing, of)) return false;
  // The group admits its members by their own addresses. Whether those are what the instance sees depends on the way.
  if (of.project === 'closed') return caller.project === 'closed' ? null : false;
  const isNeighbour = routerOf(routing, caller) === routerOf(routing, of);
  // A router may take a neighbour's packet to the instance without the world outside, or not.
  return leadsOut(routing, caller) ? true : isNeighbour ? null : false;
}

/** Whether the groups of `one` let in what another instance sends from its own address. */
function admits(one: Machine, caller: Machine): boolean {
  return one.project === 'open' || caller.project === 'closed';
}

function isJoined(routing: Routing, one: Machine, other: Machine): boolean {
  if (one.network === other.network) return true;
  const router = routerOf(routing, one);
  return router?.isUp === true && router === routerOf(routing, other);
}

/** Whether what the instance sends outside gets an address there by which answers find it. */
function leadsOut(routing: Routing, machine: Machine): boolean {
  const router = routerOf(routing, machine);
  if (router?.isUp !== true || router.gateway === null) return false;
  return machine.floatingIp !== null || router.gateway.translates;
}

function isExposed(routing: Routing, machine: Machine): boolean {
  const router = routerOf(routing, machine);
  return machine.floatingIp !== null && router?.isUp === true && router.gateway !== null;
}

/** The router that the instance's network is behind. */
export function routerOf({ routers }: Routing, { network }: Pick<Machine, 'network'>): ModelRouter | undefined {
  return routers.find(({ networks }) => networks.has(network));
}
