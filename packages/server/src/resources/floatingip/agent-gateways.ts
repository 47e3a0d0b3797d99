// The ports on external networks by which floating IPs are reached on the hosts of their instances: one for each network
// and host, for as long as there is such a floating IP. Only the rows here say which ports those are, since anyone who
// may create a port can write what he likes into it. A host without one gets its floating IPs by the router's centre.

import { IpAddressGenerationFailure } from '@neutronium/model/errors';
import { agent } from '@neutronium/model/resources/agent';
import { invariant } from '@neutronium/net/invariant';
import { l3AgentType, l3ModeOf, leadsOutside } from '#binding/l3-mode';
import { deviceOwners } from '#ipam/device-owner';
import type { Reader, Writer } from '../../store/store.ts';
import { createPorts } from '../port/create-ports.ts';
import type { PortParts } from '../port/port-parts.ts';
import { removePort } from '../port/remove-port.ts';
import { servicePort } from '../port/service-port.ts';

/** What the log calls such a port; its id there is the port's. */
export const agentGatewayKind = 'agent_gateway';

/** An external network and a host. */
export interface GatewayPlace {
  readonly network_id: string;
  readonly host: string;
}

export interface AgentGateway extends GatewayPlace {
  readonly port_id: string;
}

/** Where the floating IPs are reached, each place once: those of a router, of a port, or one of them. */
export async function placesOf(
  { db }: Reader,
  by: { readonly [name in 'router_id' | 'port_id' | 'id']?: string },
): Promise<readonly GatewayPlace[]> {
  let query = db
    .selectFrom('floatingips')
    .innerJoin('ports', 'ports.id', 'floatingips.port_id')
    .select(['floatingips.floating_network_id as network_id', 'ports.binding:host_id as host'])
    .distinct()
    .where('ports.binding:host_id', '!=', '');
  if (by.router_id !== undefined) query = query.where('floatingips.router_id', '=', by.router_id);
  if (by.port_id !== undefined) query = query.where('floatingips.port_id', '=', by.port_id);
  if (by.id !== undefined) query = query.where('floatingips.id', '=', by.id);
  return query.execute();
}

/** Everywhere that the host has such a port, or may need one. */
export async function placesOfHost({ db }: Reader, host: string): Promise<readonly GatewayPlace[]> {
  const needed = await db
    .selectFrom('floatingips')
    .innerJoin('ports', 'ports.id', 'floatingips.port_id')
    .select('floatingips.floating_network_id as network_id')
    .distinct()
    .where('ports.binding:host_id', '=', host)
    .execute();
  const present = await db.selectFrom('agent_gateways').select('network_id').where('host', '=', host).execute();
  const networks = new Set([...needed, ...present].map(({ network_id }) => network_id));
  return [...networks].toSorted().map((network_id) => ({ network_id, host }));
}

/** Lets each place have the port if a floating IP needs it there, and none otherwise. */
export async function settleAgentGateways(
  parts: PortParts,
  store: Writer,
  places: readonly GatewayPlace[],
): Promise<void> {
  const inOrder = new Map(places.map((place) => [`${place.network_id} ${place.host}`, place]));
  for (const [, place] of [...inOrder].toSorted(([a], [b]) => (a < b ? -1 : 1))) await settle(parts, store, place);
}

/** Whether the port is one of these. */
export async function isAgentGateway({ db }: Reader, portId: string): Promise<boolean> {
  return (
    (await db.selectFrom('agent_gateways').select('port_id').where('port_id', '=', portId).executeTakeFirst()) !==
    undefined
  );
}

async function settle(parts: PortParts, store: Writer, place: GatewayPlace): Promise<void> {
  const { network_id, host } = place;
  await store.lock(`agent gateway of ${host} on ${network_id}`);
  const present = await store.db
    .selectFrom('agent_gateways')
    .selectAll()
    .where('network_id', '=', network_id)
    .where('host', '=', host)
    .executeTakeFirst();
  const agentId = (await isNeeded(store, place)) ? await agentWithWayOut(store, host) : undefined;
  if (agentId === undefined) {
    if (present !== undefined) await removeGateway(store, present);
  } else if (present === undefined) await createGateway(parts, store, { ...place, agentId });
}

/** Whether an instance of the host has a floating IP of the network by a distributed router. */
async function isNeeded({ db }: Reader, { network_id, host }: GatewayPlace): Promise<boolean> {
  const user = await db
    .selectFrom('floatingips')
    .innerJoin('ports', 'ports.id', 'floatingips.port_id')
    .innerJoin('routers', 'routers.id', 'floatingips.router_id')
    .select('floatingips.id')
    .where('floatingips.floating_network_id', '=', network_id)
    .where('floatingips.fixed_ip_address', 'is not', null)
    .where('ports.binding:host_id', '=', host)
    .where('routers.distributed', '=', 1)
    .limit(1)
    .executeTakeFirst();
  return user !== undefined;
}

async function agentWithWayOut(store: Reader, host: string): Promise<string | undefined> {
  const agents = await store.list(agent, {
    where: [
      { op: 'equals', attribute: 'host', values: [host] },
      { op: 'equals', attribute: 'agent_type', values: [l3AgentType] },
    ],
  });
  return agents.find((record) => leadsOutside(l3ModeOf(record)))?.id;
}

/** Creates the port, unless the network has no address left. */
async function createGateway(
  parts: PortParts,
  store: Writer,
  { network_id, host, agentId }: GatewayPlace & { readonly agentId: string },
): Promise<void> {
  const request = servicePort({
    project_id: '',
    network_id,
    device_id: agentId,
    device_owner: deviceOwners.agentGateway,
    'binding:host_id': host,
  });
  try {
    const [created] = await createPorts(parts, store, [request]);
    invariant(created !== undefined, 'one port was asked for');
    const row: AgentGateway = { port_id: created.id, network_id, host };
    await store.db.insertInto('agent_gateways').values(row).execute();
    store.log({ kind: agentGatewayKind, id: created.id, before: null, after: { ...row } });
  } catch (error) {
    if (!(error instanceof IpAddressGenerationFailure)) throw error;
  }
}

async function removeGateway(store: Writer, row: AgentGateway): Promise<void> {
  await store.db.deleteFrom('agent_gateways').where('port_id', '=', row.port_id).execute();
  store.log({ kind: agentGatewayKind, id: row.port_id, before: { ...row }, after: null });
  await removePort(store, row.port_id);
}
