// A network with a way out for a project that asks for one: a network with a subnet from each default pool, and a router
// from there to the default external network. All of it is made as the project could have made it by itself.

import { ApiError } from '@neutronium/model/errors';
import { AutoAllocationFailure } from '@neutronium/model/routing-errors';
import { readCreateBody } from '@neutronium/model/read-body';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import { network } from '@neutronium/model/resources/network';
import { router } from '@neutronium/model/resources/router';
import { subnet } from '@neutronium/model/resources/subnet';
import { subnetpool, type SubnetPoolRecord } from '@neutronium/model/resources/subnetpool';
import { invariant } from '@neutronium/net/invariant';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { addInterface, removeInterface } from '../router/interfaces.ts';
import type { RouterParts } from '../router/router-parts.ts';

export interface TopologyParts extends RouterParts {
  readonly handlersByName: ReadonlyMap<string, Handlers>;
}

/** The id of the project's network, which is made now unless it was before. */
export async function allocateTopology(parts: TopologyParts, call: Call<Writer>, project_id: string): Promise<string> {
  const { store } = call;
  await store.lock(`auto-allocated topology of ${project_id}`);
  const present = await topologyOf(store, project_id);
  if (present !== undefined) return present.network_id;
  const outsideId = await requireDefaultNetwork(store);
  const { networkId, subnetIds } = await failing('Unable to provide tenant private network', async () => {
    const pools = await defaultPools(store);
    if (pools.length === 0) throw new AutoAllocationFailure({ reason: 'Unable to provide tenant private network' });
    const { id: network_id } = await create(parts, call, network, { name: 'auto_allocated_network', project_id });
    const subnets: string[] = [];
    for (const { id: subnetpool_id, ip_version } of pools) {
      const name = `auto_allocated_subnet_v${ip_version}`;
      const made = await create(parts, call, subnet, { name, network_id, project_id, ip_version, subnetpool_id });
      subnets.push(made.id);
    }
    return { networkId: network_id, subnetIds: subnets };
  });
  const routerId = await failing('Unable to provide external connectivity', async () => {
    const external_gateway_info = { network_id: outsideId };
    const made = await create(parts, call, router, {
      name: 'auto_allocated_router',
      project_id,
      external_gateway_info,
    });
    for (const subnet_id of subnetIds) await addInterface(parts, call, made, { subnet_id });
    return made.id;
  });
  await store.db
    .insertInto('auto_allocated_topologies')
    .values({ project_id, network_id: networkId, router_id: routerId })
    .execute();
  return networkId;
}

/** Removes what was made for the project. There may be nothing, or not all of it any more. */
export async function removeTopology(parts: TopologyParts, call: Call<Writer>, projectId: string): Promise<void> {
  const { store } = call;
  await store.lock(`auto-allocated topology of ${projectId}`);
  const present = await topologyOf(store, projectId);
  if (present === undefined) return;
  const { network_id, router_id } = present;
  const through = router_id === null ? undefined : await store.get(router, router_id);
  if (through !== undefined) {
    const subnets = await store.list(subnet, {
      where: [{ op: 'equals', attribute: 'network_id', values: [network_id] }],
    });
    for (const { id: subnet_id } of subnets) {
      await ignoringAbsence(() => removeInterface(parts, call, through, { subnet_id }));
    }
    await handlersOf(parts, router).remove?.(call, through);
  }
  const inside = await store.get(network, network_id);
  if (inside !== undefined) await handlersOf(parts, network).remove?.(call, inside);
}

/** Throws AutoAllocationFailure when a topology could not be made for want of something that an operator provides. */
export async function requireRequirements(store: Reader): Promise<void> {
  await requireDefaultNetwork(store);
  if ((await defaultPools(store)).length > 0) return;
  throw new AutoAllocationFailure({ reason: 'No default subnetpools defined' });
}

async function requireDefaultNetwork(store: Reader): Promise<string> {
  const [found] = await store.list(network, {
    where: [{ op: 'equals', attribute: 'is_default', values: [true] }],
    limit: 1,
  });
  if (found === undefined) throw new AutoAllocationFailure({ reason: 'No default router:external network' });
  return found.id;
}

/** At most one of each family, IPv4 first. */
function defaultPools(store: Reader): Promise<readonly SubnetPoolRecord[]> {
  return store.list(subnetpool, {
    where: [{ op: 'equals', attribute: 'is_default', values: [true] }],
    sort: [{ attribute: 'ip_version', direction: 'asc' }],
  });
}

async function topologyOf({ db }: Reader, projectId: string) {
  return db
    .selectFrom('auto_allocated_topologies')
    .select(['network_id', 'router_id'])
    .where('project_id', '=', projectId)
    .executeTakeFirst();
}

async function create<R extends AnyResource>(
  parts: TopologyParts,
  call: Call<Writer>,
  resource: R,
  given: Readonly<Record<string, unknown>>,
): Promise<Stored<R>> {
  const { items } = readCreateBody(resource, { [resource.name]: given }, { projectId: null, mayNameOwner: true });
  const [record] = (await handlersOf(parts, resource).create?.(call, items)) ?? [];
  invariant(record !== undefined, `a ${resource.name} was created`);
  return record;
}

function handlersOf<R extends AnyResource>({ handlersByName }: TopologyParts, resource: R): Handlers<R> {
  const handlers = handlersByName.get(resource.name);
  invariant(handlers !== undefined, `${resource.plural} are offered`);
  // They were registered under the name of their resource.
  return handlers as unknown as Handlers<R>;
}

/** What a caller could do nothing about is the operator's to mend. */
async function failing<T>(reason: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 400 && error.status !== 404)) throw error;
    throw Object.assign(new AutoAllocationFailure({ reason }), { cause: error });
  }
}

async function ignoringAbsence(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
}
