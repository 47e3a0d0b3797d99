// The ways out of a router: ports on external networks that belong to no project. The first of them is the one that
// external_gateway_info speaks of.

import { blockersOf } from '@neutronium/model/api-error';
import { BadRequest } from '@neutronium/model/errors';
import { RouterExternalGatewayInUseByFloatingIp } from '@neutronium/model/routing-errors';
import type { RequestedGateway } from '@neutronium/model/kinds/external-gateway';
import { port } from '@neutronium/model/resources/port';
import type { RouterRecord } from '@neutronium/model/resources/router';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import { invariant } from '@neutronium/net/invariant';
import { deviceOwners } from '#ipam/device-owner';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { createPorts } from '../port/create-ports.ts';
import { explainingSubnets } from '../port/named-subnets.ts';
import { servicePort } from '../port/service-port.ts';
import { updatePort } from '../port/update-port.ts';
import { subnetsOfNetwork } from '../subnet/subnets-of-network.ts';
import { settleCentre } from './distribution.ts';
import { isExternal, visibleNetwork } from './external-networks.ts';
import { checkNextHops } from './extra-routes.ts';
import { requireNoNdpProxies } from './ndp-proxying.ts';
import { requireDistinct } from './overlap.ts';
import type { RouterParts } from './router-parts.ts';
import {
  attachGateway,
  changeGatewayTraits,
  portsOfRouter,
  removeRouterPort,
  type GatewayTraits,
  type RouterPort,
} from './router-ports.ts';

/** One of the ways out that a router is to have. */
export type WayOut =
  | { readonly kind: 'kept'; readonly port: RouterPort }
  /** A port that stays on its network, and becomes what is wanted otherwise. */
  | { readonly kind: 'changed'; readonly port: RouterPort; readonly wanted: RequestedGateway }
  | { readonly kind: 'new'; readonly wanted: RequestedGateway };

/**
 * Gives the router the first way out that is `wanted`; with null it loses it, and the next takes its place. A port on
 * the same network stays and changes its addresses; whether one did is what comes back.
 */
export async function changeGateway(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  wanted: RequestedGateway | null,
): Promise<boolean> {
  const ports = await portsOfRouter(call.store, current.id);
  const [first, ...others] = ports.filter(({ role }) => role === 'gateway');
  const stays = wanted !== null && first?.network_id === wanted.network_id;
  const rest = others.map((each): WayOut => ({ kind: 'kept', port: each }));
  const next: readonly WayOut[] =
    wanted === null ? [] : [stays ? { kind: 'changed', port: first, wanted } : { kind: 'new', wanted }];
  await arrangeGateways(parts, call, { current, ports }, [...next, ...rest]);
  return stays;
}

interface Before {
  readonly current: RouterRecord;
  readonly ports: readonly RouterPort[];
}

/** Gives the router, which has `ports`, exactly these ways out, in this order. What is not among them goes. */
export async function arrangeGateways(
  parts: RouterParts,
  call: Call<Writer>,
  { current, ports }: Before,
  ways: readonly WayOut[],
): Promise<void> {
  const { store } = call;
  const inside = ports.filter(({ role }) => role === 'interface');
  const subnetsByNetwork = await outsideSubnets(call, ways);
  checkNextHops(current.routes, {
    cidrs: [
      ...inside.flatMap(({ addresses }) => addresses.map(({ cidr }) => cidr)),
      ...[...subnetsByNetwork.values()].flatMap((subnets) => subnets.map(({ cidr }) => cidr)),
    ],
    addresses: inside.flatMap(({ addresses }) => addresses.map(({ ip_address }) => ip_address)),
  });
  await removeOthers(store, { current, ports }, ways);
  const traitsOf = (index: number, { enable_snat }: RequestedGateway): GatewayTraits => ({
    position: index,
    enable_snat: enable_snat ?? parts.ports.config.routers.enable_snat_by_default,
  });
  for (const [index, way] of ways.entries()) {
    if (way.kind === 'new') continue;
    const { port: gateway } = way;
    if (way.kind === 'changed') await readdress(parts, call, gateway, way.wanted);
    const traits =
      way.kind === 'changed'
        ? traitsOf(index, way.wanted)
        : { position: index, enable_snat: gateway.enable_snat ?? false };
    await changeGatewayTraits(store, gateway, traits);
  }
  const sides = [...inside, ...ways.flatMap((way) => (way.kind === 'new' ? [] : [way.port]))];
  for (const [index, way] of ways.entries()) {
    if (way.kind !== 'new') continue;
    const { network_id } = way.wanted;
    // Ways out by one network have its subnets in common, and are told apart by their addresses.
    const others = sides.filter((side) => side.role !== 'gateway' || side.network_id !== network_id);
    await requireDistinct(store, others, subnetsByNetwork.get(network_id) ?? []);
    sides.push(await plugGateway(parts, call, current, { wanted: way.wanted, traits: traitsOf(index, way.wanted) }));
  }
  await settleCentre(parts, call, current);
}

/** Throws when floating IPs need the router's way out. */
export async function requireNoFloatingIps(
  { db }: Reader,
  router_id: string,
  { network_id: net_id }: RouterPort,
): Promise<void> {
  const users = await db
    .selectFrom('floatingips')
    .select('id')
    .where('router_id', '=', router_id)
    .where('floating_network_id', '=', net_id)
    .execute();
  const blockers = blockersOf(
    'floatingip',
    users.map(({ id }) => id),
  );
  if (users.length > 0) throw new RouterExternalGatewayInUseByFloatingIp({ router_id, net_id, blockers });
}

/** Floating IPs need a way out by their network, whichever it is. */
async function removeOthers(store: Writer, { current, ports }: Before, ways: readonly WayOut[]): Promise<void> {
  const gateways = ports.filter(({ role }) => role === 'gateway');
  const staying = new Set(ways.flatMap((way) => (way.kind === 'new' ? [] : [way.port.port_id])));
  const networks = new Set(ways.map((way) => (way.kind === 'new' ? way.wanted : way.port).network_id));
  for (const [index, gateway] of gateways.entries()) {
    if (staying.has(gateway.port_id)) continue;
    if (!networks.has(gateway.network_id)) await requireNoFloatingIps(store, current.id, gateway);
    if (index === 0) await requireNoNdpProxies(store, current.id);
    await removeRouterPort(store, gateway);
  }
}

/**
 * The subnets of each network that is led to. Throws when one that is wanted does not lead outside, or an address there
 * is not to be had.
 */
async function outsideSubnets(
  call: Call<Reader>,
  ways: readonly WayOut[],
): Promise<ReadonlyMap<string, readonly SubnetRecord[]>> {
  const found = new Map<string, readonly SubnetRecord[]>();
  for (const way of ways) {
    const network_id = way.kind === 'new' ? way.wanted.network_id : way.port.network_id;
    if (way.kind !== 'kept') await requireExternal(call, network_id);
    const subnets = found.get(network_id) ?? (await subnetsOfNetwork(call.store, network_id));
    found.set(network_id, subnets);
    if (way.kind !== 'kept') requireFreeAddresses(way.wanted, subnets);
  }
  return found;
}

async function requireExternal(call: Call<Reader>, networkId: string): Promise<void> {
  const { id } = await visibleNetwork(call, networkId);
  if (await isExternal(call.store, id)) return;
  throw new BadRequest({ resource: 'router', msg: `Network ${id} is not an external network` });
}

function requireFreeAddresses({ external_fixed_ips = [] }: RequestedGateway, subnets: readonly SubnetRecord[]): void {
  const taken = external_fixed_ips.find(({ ip_address }) =>
    subnets.some(({ gateway_ip }) => gateway_ip !== null && gateway_ip === ip_address),
  );
  if (taken === undefined) return;
  throw new BadRequest({ resource: 'router', msg: `External IP ${taken.ip_address} is the same as the gateway IP` });
}

async function readdress(
  { ports }: RouterParts,
  call: Call<Writer>,
  { port_id, network_id }: RouterPort,
  { external_fixed_ips: fixed_ips = [] }: RequestedGateway,
): Promise<void> {
  if (fixed_ips.length === 0) return;
  const current = await call.store.get(port, port_id);
  invariant(current !== undefined, 'a port that a router has exists');
  await explainingSubnets(call, [{ network_id, fixed_ips }], () =>
    updatePort(ports, call.store, current, { fixed_ips }),
  );
}

async function plugGateway(
  { ports, l3 }: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  { wanted, traits }: { readonly wanted: RequestedGateway; readonly traits: GatewayTraits },
): Promise<RouterPort> {
  const { network_id, external_fixed_ips = [] } = wanted;
  const request = servicePort({
    project_id: '',
    network_id,
    device_id: current.id,
    device_owner: deviceOwners.routerGateway,
    'binding:host_id': await l3.hostFor(call, current, [{ network_id, fixed_ips: external_fixed_ips }]),
    ...(external_fixed_ips.length === 0 ? {} : { fixed_ips: external_fixed_ips }),
  });
  const [created] = await explainingSubnets(call, [request], () => createPorts(ports, call.store, [request]));
  invariant(created !== undefined, 'one port was asked for');
  const plugged = { port_id: created.id, router_id: current.id, ...traits };
  await attachGateway(call.store, plugged);
  // Its network says on which subnets it is: no two ways out are compared by their addresses.
  return { ...plugged, role: 'gateway', network_id, addresses: [] };
}
