// What highly available routers are known by among the agents that host them: an id of VRRP on a network that only those
// agents are on. A project has as many such networks as its routers need; they belong to no project, so that nobody but
// administrators sees them.

import { readCreateBody } from '@neutronium/model/read-body';
import { network } from '@neutronium/model/resources/network';
import type { RouterRecord } from '@neutronium/model/resources/router';
import { subnet } from '@neutronium/model/resources/subnet';
import type { Cidr } from '@neutronium/net/cidr';
import { invariant } from '@neutronium/net/invariant';
import { randomUUID } from 'node:crypto';
import { defaultPools } from '#ipam/allocation-pools';
import { createNetworks } from '../resources/network/create-networks.ts';
import { removeNetwork } from '../resources/network/remove-network.ts';
import type { PortParts } from '../resources/port/port-parts.ts';
import { TypeDrivers } from '../resources/segment-allocation/type-drivers.ts';
import type { VirtualRoutersTable } from '../store/database.ts';
import type { Reader, Writer } from '../store/store.ts';

/** The largest id of a virtual router (RFC 3768 section 5.3.3); 0 is none. */
const lastVrId = 255;

/** What the log calls the ids of routers. */
const virtualRouterKind = 'virtual_router';

/** The router's id and network, which are chosen now unless they were before. */
export async function ensureVirtualRouter(
  parts: PortParts,
  store: Writer,
  { id: router_id, project_id }: RouterRecord,
): Promise<VirtualRoutersTable> {
  await store.lock(`virtual routers of ${project_id}`);
  const present = await virtualRouterOf(store, router_id);
  if (present !== undefined) return present;
  const chosen = { router_id, ...((await freePlace(store, project_id)) ?? (await newPlace(parts, store, project_id))) };
  await store.db.insertInto('virtual_routers').values(chosen).execute();
  store.log({ kind: virtualRouterKind, id: router_id, before: null, after: { ...chosen } });
  return chosen;
}

/** The router needs its id no more, nor its network if it was the last one there. Its ports have gone before. */
export async function releaseVirtualRouter(
  store: Writer,
  { id: router_id, project_id }: Pick<RouterRecord, 'id' | 'project_id'>,
): Promise<void> {
  await store.lock(`virtual routers of ${project_id}`);
  const present = await virtualRouterOf(store, router_id);
  if (present === undefined) return;
  await store.db.deleteFrom('virtual_routers').where('router_id', '=', router_id).execute();
  store.log({ kind: virtualRouterKind, id: router_id, before: { ...present }, after: null });
  const { network_id } = present;
  const other = await store.db
    .selectFrom('virtual_routers')
    .select('router_id')
    .where('network_id', '=', network_id)
    .limit(1)
    .executeTakeFirst();
  const unused = other === undefined ? await store.get(network, network_id) : undefined;
  // What an administrator has made is an administrator's to remove.
  if (unused === undefined || unused.project_id !== '' || (await hasPorts(store, network_id))) return;
  await removeNetwork(store, unused);
}

async function virtualRouterOf({ db }: Reader, routerId: string): Promise<VirtualRoutersTable | undefined> {
  return db.selectFrom('virtual_routers').selectAll().where('router_id', '=', routerId).executeTakeFirst();
}

type Place = Pick<VirtualRoutersTable, 'network_id' | 'vr_id'>;

/** The lowest free id on the first of the project's networks that has one. */
async function freePlace({ db }: Reader, projectId: string): Promise<Place | undefined> {
  const networks = await db
    .selectFrom('ha_networks')
    .leftJoin('virtual_routers', 'virtual_routers.network_id', 'ha_networks.network_id')
    .select('ha_networks.network_id')
    .select((expression) => expression.fn.count<number>('virtual_routers.router_id').as('routers'))
    .where('ha_networks.project_id', '=', projectId)
    .groupBy('ha_networks.network_id')
    .orderBy('ha_networks.network_id')
    .execute();
  const roomy = networks.find(({ routers }) => routers < lastVrId);
  if (roomy === undefined) return undefined;
  const { network_id } = roomy;
  const rows = await db.selectFrom('virtual_routers').select('vr_id').where('network_id', '=', network_id).execute();
  const taken = new Set(rows.map(({ vr_id }) => vr_id));
  const vr_id = Array.from({ length: lastVrId }, (_, index) => index + 1).find((id) => !taken.has(id));
  return vr_id === undefined ? undefined : { network_id, vr_id };
}

async function newPlace(parts: PortParts, store: Writer, projectId: string): Promise<Place> {
  const { networks: settings, routers } = parts.config;
  const { l3_ha_network_type: type, l3_ha_network_physical_name: physical, l3_ha_net_cidr: cidr } = routers;
  const sender = { projectId: '', mayNameOwner: true };
  const { items } = readCreateBody(
    network,
    {
      network: {
        name: `HA network tenant ${projectId}`,
        ...(type === null ? {} : { 'provider:network_type': type }),
        ...(physical === null ? {} : { 'provider:physical_network': physical }),
      },
    },
    sender,
  );
  const random = (bound: bigint): bigint => BigInt(parts.random(Number(bound)));
  const [made] = await createNetworks(store, items, { drivers: new TypeDrivers(settings), random });
  invariant(made !== undefined, 'one network was asked for');
  await readyForAgents(store, { networkId: made.id, projectId, cidr });
  return { network_id: made.id, vr_id: 1 };
}

/** Gives a new network the prefix over which the agents of a project's highly available routers watch each other. */
export async function readyForAgents(
  store: Writer,
  { networkId, projectId, cidr }: { readonly networkId: string; readonly projectId: string; readonly cidr: Cidr },
): Promise<void> {
  const { items } = readCreateBody(
    subnet,
    {
      subnet: {
        name: `HA subnet tenant ${projectId}`,
        network_id: networkId,
        ip_version: 4,
        cidr,
        enable_dhcp: false,
        gateway_ip: null,
      },
    },
    { projectId: '', mayNameOwner: true },
  );
  for (const { prefixlen: _prefixlen, use_default_subnetpool: _default, ...request } of items) {
    await store.insert(subnet, [
      {
        ...request,
        id: randomUUID(),
        cidr,
        gateway_ip: null,
        subnetpool_id: null,
        allocation_pools: defaultPools(cidr, null),
        ipv6_ra_mode: null,
        ipv6_address_mode: null,
        tags: [],
      },
    ]);
  }
  await store.touch(network, networkId);
  await store.db.insertInto('ha_networks').values({ network_id: networkId, project_id: projectId }).execute();
}

async function hasPorts({ db }: Reader, networkId: string): Promise<boolean> {
  const any = await db.selectFrom('ports').select('id').where('network_id', '=', networkId).limit(1).executeTakeFirst();
  return any !== undefined;
}
