// What happens to routers and floating IPs.

import { most, type Created, type Happening, type World } from './world.ts';

export async function createRouter(world: World): Happening {
  if (world.routers.length >= most.routers) return null;
  const gateway = world.random.chance(0.7) ? { external_gateway_info: { network_id: world.outside() } } : {};
  const router = await world.ask<Created>('POST', '/routers', { router: { name: 'router', ...gateway } });
  if (router !== null) world.routers.push({ id: router.id, interfaces: new Set() });
  return `router ${router?.id}`;
}

export async function removeRouter(world: World): Happening {
  const router = world.random.pick(world.routers);
  if (router === undefined) return null;
  for (const subnet_id of router.interfaces) {
    const path = `/routers/${router.id}/remove_router_interface`;
    if ((await world.ask('PUT', path, { subnet_id })) !== null) router.interfaces.delete(subnet_id);
  }
  return (await world.remove('/routers', router, world.routers)) ? `router ${router.id} is removed` : 'router stays';
}

export async function addInterface(world: World): Happening {
  const router = world.random.pick(world.routers);
  const subnet_id = world.random.pick(world.random.pick(world.inner())?.subnets ?? []);
  if (router === undefined || subnet_id === undefined) return null;
  const made = await world.ask('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id });
  if (made !== null) router.interfaces.add(subnet_id);
  return `interface of ${router.id} in ${subnet_id}: ${made !== null}`;
}

export async function removeInterface(world: World): Happening {
  const router = world.random.pick(world.routers);
  const subnet_id = world.random.pick([...(router?.interfaces ?? [])]);
  if (router === undefined || subnet_id === undefined) return null;
  const path = `/routers/${router.id}/remove_router_interface`;
  if ((await world.ask('PUT', path, { subnet_id })) !== null) router.interfaces.delete(subnet_id);
  return `interface of ${router.id} in ${subnet_id} is removed`;
}

export async function changeGateway(world: World): Happening {
  const router = world.random.pick(world.routers);
  if (router === undefined) return null;
  const enable_snat = world.random.chance(0.7);
  const gateway = world.random.chance(0.7) ? { network_id: world.outside(), enable_snat } : {};
  await world.ask('PUT', `/routers/${router.id}`, { router: { external_gateway_info: gateway } });
  return `gateway of ${router.id}: ${JSON.stringify(gateway)}`;
}

export async function changeRouter(world: World): Happening {
  const router = world.random.pick(world.routers);
  if (router === undefined) return null;
  const change = world.random.chance(0.5)
    ? { admin_state_up: world.random.chance(0.7) }
    : { routes: world.random.chance(0.5) ? [] : [{ destination: '192.0.2.0/24', nexthop: '203.0.113.1' }] };
  await world.ask('PUT', `/routers/${router.id}`, { router: change });
  return `router ${router.id}: ${JSON.stringify(change)}`;
}

export async function createFloatingIp(world: World): Happening {
  if (world.floatingIps.length >= most.floatingIps) return null;
  const made = await world.ask<Created>('POST', '/floatingips', {
    floatingip: { floating_network_id: world.outside() },
  });
  if (made !== null) world.floatingIps.push(made);
  return `floating IP ${made?.id}`;
}

export async function associateFloatingIp(world: World): Happening {
  const floatingIp = world.random.pick(world.floatingIps);
  if (floatingIp === undefined) return null;
  const port_id = world.random.chance(0.75) ? (world.random.pick(world.instances)?.id ?? null) : null;
  const isDone = (await world.ask('PUT', `/floatingips/${floatingIp.id}`, { floatingip: { port_id } })) !== null;
  return `floating IP ${floatingIp.id} for ${port_id}: ${isDone}`;
}

export async function removeFloatingIp(world: World): Happening {
  const floatingIp = world.random.pick(world.floatingIps);
  if (floatingIp === undefined) return null;
  await world.remove('/floatingips', floatingIp, world.floatingIps);
  return `floating IP ${floatingIp.id} is removed`;
}
