// What a router's ports are for it: a distributed router has its sides on every host that forwards for it, and, when it
// leads outside, a centre, which takes from each of its networks by a port there what leaves without a floating IP. One
// function makes the ports so, whatever happened to the router.

import { port } from '@neutronium/model/resources/port';
import type { RouterRecord } from '@neutronium/model/resources/router';
import { invariant } from '@neutronium/net/invariant';
import { deviceOwners } from '#ipam/device-owner';
import type { RouterPlace } from '../../scheduling/router-reach.ts';
import type { Writer } from '../../store/store.ts';
import { placesOf, settleAgentGateways } from '../floatingip/agent-gateways.ts';
import type { Call } from '../handlers.ts';
import { createPorts } from '../port/create-ports.ts';
import { servicePort } from '../port/service-port.ts';
import { updatePort } from '../port/update-port.ts';
import type { RouterParts } from './router-parts.ts';
import { attachCentre, interfaceOwner, portsOfRouter, removeRouterPort, type RouterPort } from './router-ports.ts';

/** What an interface of the router says of itself, and where it is. */
export async function interfacePlace(
  { l3 }: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  coming: readonly RouterPlace[] = [],
): Promise<{ readonly device_owner: string; readonly 'binding:host_id': string }> {
  return {
    device_owner: interfaceOwner(current),
    'binding:host_id': current.distributed ? '' : await l3.hostFor(call, current, coming),
  };
}

/** Makes the router's interfaces what they are to be, after it became distributed or highly available or ceased to be. */
export async function convertInterfaces(parts: RouterParts, call: Call<Writer>, current: RouterRecord): Promise<void> {
  const { store } = call;
  const place = await interfacePlace(parts, call, current);
  const ids = (await portsOfRouter(store, current.id, 'interface')).map(({ port_id }) => port_id);
  for (const record of await store.getMany(port, ids)) await updatePort(parts.ports, store, record, place);
  await settleAgentGateways(parts.ports, store, await placesOf(store, { router_id: current.id }));
}

/**
 * Gives the centre of the router a port for each of its interfaces, with an address on each of its subnets, and takes
 * those that nothing needs. Throws IpAddressGenerationFailure where a subnet has no address left.
 */
export async function settleCentre(parts: RouterParts, call: Call<Writer>, current: RouterRecord): Promise<void> {
  const { store } = call;
  const ports = await portsOfRouter(store, current.id);
  const hasCentre = current.distributed && ports.some(({ role }) => role === 'gateway');
  const interfaces = hasCentre ? ports.filter(({ role }) => role === 'interface') : [];
  const spare = new Set(ports.filter(({ role }) => role === 'snat'));
  for (const side of interfaces) {
    const present = [...spare].find((each) => sharesSubnet(each, side));
    if (present === undefined) await plugCentre(parts, call, current, side);
    else {
      spare.delete(present);
      await readdress(parts, store, present, side);
    }
  }
  for (const unneeded of spare) await removeRouterPort(store, unneeded);
}

async function plugCentre(
  { ports, l3 }: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  { network_id, addresses }: RouterPort,
): Promise<void> {
  const request = servicePort({
    project_id: '',
    network_id,
    device_id: current.id,
    device_owner: deviceOwners.centralizedSnat,
    'binding:host_id': await l3.hostFor(call, current),
    fixed_ips: addresses.map(({ subnet_id }) => ({ subnet_id })),
  });
  const [created] = await createPorts(ports, call.store, [request]);
  invariant(created !== undefined, 'one port was asked for');
  await attachCentre(call.store, { port_id: created.id, router_id: current.id });
}

async function readdress({ ports }: RouterParts, store: Writer, present: RouterPort, side: RouterPort): Promise<void> {
  const wanted = side.addresses.map(({ subnet_id }) => subnet_id);
  const kept = present.addresses.filter(({ subnet_id }) => wanted.includes(subnet_id));
  const lacking = wanted.filter((id) => !kept.some(({ subnet_id }) => subnet_id === id));
  if (lacking.length === 0 && kept.length === present.addresses.length) return;
  const current = await store.get(port, present.port_id);
  invariant(current !== undefined, 'a port that a router has exists');
  const fixed_ips = [
    ...kept.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address })),
    ...lacking.map((subnet_id) => ({ subnet_id })),
  ];
  await updatePort(ports, store, current, { fixed_ips });
}

function sharesSubnet(one: RouterPort, other: RouterPort): boolean {
  return one.addresses.some(({ subnet_id }) => other.addresses.some((address) => address.subnet_id === subnet_id));
}
