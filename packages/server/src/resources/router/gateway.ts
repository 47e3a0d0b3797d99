// The way out of a router: a port on an external network that belongs to no project.

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
import { isExternal, visibleNetwork } from './external-networks.ts';
import { checkNextHops } from './extra-routes.ts';
import { requireNoNdpProxies } from './ndp-proxying.ts';
import { requireDistinct } from './overlap.ts';
import type { RouterParts } from './router-parts.ts';
import { attachPort, portsOfRouter, removeRouterPort, type RouterPort } from './router-ports.ts';

/**
 * Gives the router the way out that is `wanted`, or none. A port on the same network stays and changes its addresses;
 * whether one did is what comes back.
 */
export async function changeGateway(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  wanted: RequestedGateway | null,
): Promise<boolean> {
  const { store } = call;
  const ports = await portsOfRouter(store, current.id);
  const gateway = ports.find(({ role }) => role === 'gateway');
  const inside = ports.filter(({ role }) => role === 'interface');
  const subnets = wanted === null ? [] : await outsideSubnets(call, wanted);
  checkNextHops(current.routes, {
    cidrs: [
      ...inside.flatMap(({ addresses }) => addresses.map(({ cidr }) => cidr)),
      ...subnets.map(({ cidr }) => cidr),
    ],
    addresses: inside.flatMap(({ addresses }) => addresses.map(({ ip_address }) => ip_address)),
  });
  if (wanted !== null && gateway?.network_id === wanted.network_id) {
    await readdress(parts, call, gateway, wanted);
    return true;
  }
  if (gateway !== undefined) {
    await requireNoFloatingIps(store, current.id, gateway);
    await requireNoNdpProxies(store, current.id);
    await removeRouterPort(store, gateway);
  }
  if (wanted === null) return false;
  await requireDistinct(store, inside, subnets);
  await plugGateway(parts, call, current, wanted);
  return false;
}

/** Throws when floating IPs need the router's way out. */
export async function requireNoFloatingIps(
  { db }: Reader,
  router_id: string,
  { network_id: net_id }: RouterPort,
): Promise<void> {
  const user = await db.selectFrom('floatingips').select('id').where('router_id', '=', router_id).limit(1).execute();
  if (user.length > 0) throw new RouterExternalGatewayInUseByFloatingIp({ router_id, net_id });
}

/** The subnets of the wanted network. Throws when it does not lead outside, or an address there is not to be had. */
async function outsideSubnets(
  call: Call<Reader>,
  { network_id, external_fixed_ips = [] }: RequestedGateway,
): Promise<readonly SubnetRecord[]> {
  const { id } = await visibleNetwork(call, network_id);
  if (!(await isExternal(call.store, id))) {
    throw new BadRequest({ resource: 'router', msg: `Network ${id} is not an external network` });
  }
  const subnets = await subnetsOfNetwork(call.store, id);
  const taken = external_fixed_ips.find(({ ip_address }) =>
    subnets.some(({ gateway_ip }) => gateway_ip !== null && gateway_ip === ip_address),
  );
  if (taken !== undefined) {
    throw new BadRequest({ resource: 'router', msg: `External IP ${taken.ip_address} is the same as the gateway IP` });
  }
  return subnets;
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
  { network_id, external_fixed_ips = [] }: RequestedGateway,
): Promise<void> {
  const request = servicePort({
    project_id: '',
    network_id,
    device_id: current.id,
    device_owner: deviceOwners.routerGateway,
    'binding:host_id': await l3.hostFor(call, current),
    ...(external_fixed_ips.length === 0 ? {} : { fixed_ips: external_fixed_ips }),
  });
  const [created] = await explainingSubnets(call, [request], () => createPorts(ports, call.store, [request]));
  invariant(created !== undefined, 'one port was asked for');
  await attachPort(call.store, { port_id: created.id, router_id: current.id, role: 'gateway' });
}
