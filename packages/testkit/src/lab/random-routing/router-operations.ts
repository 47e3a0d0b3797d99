// What happens to routers.

import type { ModelRouter, RouterKind } from './model.ts';
import { most, type Created, type Happening, type RoutingWorld } from './world.ts';

const flags: Readonly<Record<RouterKind, { readonly distributed: boolean; readonly ha: boolean }>> = {
  legacy: { distributed: false, ha: false },
  ha: { distributed: false, ha: true },
  distributed: { distributed: true, ha: false },
  'distributed and ha': { distributed: true, ha: true },
};

function gatewayInfo(world: RoutingWorld, gateway: ModelRouter['gateway']): object {
  if (gateway === null) return { external_gateway_info: null };
  const network_id = world.distributedLab.externalNetwork;
  return { external_gateway_info: { network_id, enable_snat: gateway.translates } };
}

function anyGateway(world: RoutingWorld): ModelRouter['gateway'] {
  return world.random.chance(0.8) ? { translates: world.random.chance(0.75) } : null;
}

export async function createRouter(world: RoutingWorld): Happening {
  if (world.routers.length >= most.routers) return null;
  const kind = world.random.pick(world.kinds) ?? 'legacy';
  const gateway = anyGateway(world);
  const router = { ...flags[kind], ...gatewayInfo(world, gateway) };
  const made = await world.api.ask<Created>('POST', '/routers', { router });
  if (made === null) return `no ${kind} router`;
  world.routers.push({ id: made.id, kind, isUp: true, gateway, networks: new Set(), routes: new Map() });
  return `${kind} router ${made.id}, gateway ${JSON.stringify(gateway)}`;
}

export async function removeRouter(world: RoutingWorld): Happening {
  const router = world.random.pick(world.routers);
  if (router === undefined) return null;
  if (!(await isGiven(world, router, { routes: [] }))) return `${router.id} keeps its routes`;
  router.routes = new Map();
  for (const number of router.networks) {
    const { subnetId: subnet_id } = world.network(number);
    const path = `/routers/${router.id}/remove_router_interface`;
    if ((await world.api.ask('PUT', path, { subnet_id })) !== null) router.networks.delete(number);
  }
  if ((await world.api.ask('DELETE', `/routers/${router.id}`)) === null) return `router ${router.id} stays`;
  world.routers.splice(world.routers.indexOf(router), 1);
  return `router ${router.id} is removed`;
}

export async function addInterface(world: RoutingWorld): Happening {
  const router = world.random.pick(world.routers);
  const free = world.networks.filter(({ number }) => !world.routers.some(({ networks }) => networks.has(number)));
  const network = world.random.pick(free);
  if (router === undefined || network === undefined) return null;
  const path = `/routers/${router.id}/add_router_interface`;
  const isDone = (await world.api.ask('PUT', path, { subnet_id: network.subnetId })) !== null;
  if (isDone) router.networks.add(network.number);
  return `network ${network.number} is behind ${router.id}: ${isDone}`;
}

export async function removeInterface(world: RoutingWorld): Happening {
  const router = world.random.pick(world.routers);
  const number = world.random.pick([...(router?.networks ?? [])]);
  if (router === undefined || number === undefined) return null;
  const path = `/routers/${router.id}/remove_router_interface`;
  const isDone = (await world.api.ask('PUT', path, { subnet_id: world.network(number).subnetId })) !== null;
  if (isDone) router.networks.delete(number);
  return `network ${number} is behind ${router.id} no more: ${isDone}`;
}

export async function changeGateway(world: RoutingWorld): Happening {
  const router = world.random.pick(world.routers);
  if (router === undefined) return null;
  const gateway = anyGateway(world);
  const isDone = await isGiven(world, router, gatewayInfo(world, gateway));
  if (isDone) router.gateway = gateway;
  return `gateway of ${router.id} is ${JSON.stringify(gateway)}: ${isDone}`;
}

/** The router knows the way to addresses that some instances behind it have besides, or to fewer than before. */
export async function changeRoutes(world: RoutingWorld): Happening {
  const router = world.random.pick(world.routers);
  if (router === undefined) return null;
  const behind = world.machines.filter(({ network }) => router.networks.has(network));
  const chosen = behind.filter(() => world.random.chance(0.5));
  const routes = chosen.map(({ extraAddress, address }) => ({ destination: `${extraAddress}/32`, nexthop: address }));
  const isDone = await isGiven(world, router, { routes });
  if (isDone) router.routes = new Map(chosen.map(({ extraAddress, address }) => [extraAddress, address]));
  return `routes of ${router.id}: ${routes.map(({ destination }) => destination).join(' ')}: ${isDone}`;
}

export async function setRouterState(world: RoutingWorld): Happening {
  const router = world.random.pick(world.routers);
  if (router === undefined) return null;
  const isUp = router.isUp ? world.random.chance(0.6) : true;
  if (await isGiven(world, router, { admin_state_up: isUp })) router.isUp = isUp;
  return `${router.id} is up: ${router.isUp}`;
}

export async function convert(world: RoutingWorld): Happening {
  const router = world.random.pick(world.routers);
  const kind = world.random.pick(world.kinds.filter((each) => each !== router?.kind));
  if (router === undefined || kind === undefined) return null;
  const before = { kind: router.kind, isUp: router.isUp };
  if (!(await isGiven(world, router, { admin_state_up: false }))) return `${router.id} stays up`;
  const isDone = await isGiven(world, router, flags[kind]);
  if (isDone) router.kind = kind;
  router.isUp = before.isUp && (await isGiven(world, router, { admin_state_up: true }));
  return `${before.kind} router ${router.id} becomes ${kind}: ${isDone}`;
}

async function isGiven(world: RoutingWorld, { id }: ModelRouter, router: object): Promise<boolean> {
  return (await world.api.ask('PUT', `/routers/${id}`, { router })) !== null;
}
