import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import {
  HTTPBadRequest,
  IllegalSubnetPoolPrefixUpdate,
  IllegalSubnetPoolUpdate,
  InvalidInput,
  NetworkNotFound,
  NotAuthorized,
  SubnetPoolDeleteError,
  SubnetPoolNotFound,
} from '@neutronium/model/errors';
import { prefixes as prefixesKind } from '@neutronium/model/kinds/prefixes';
import { network } from '@neutronium/model/resources/network';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import {
  subnetpool,
  type SubnetPoolCreate,
  type SubnetPoolRecord,
  type SubnetPoolUpdate,
} from '@neutronium/model/resources/subnetpool';
import { cidrFamily, cidrOverlaps, type Cidr } from '@neutronium/net/cidr';
import { cidrSetCovers, subtractCidrs } from '@neutronium/net/cidr-set';
import type { Family } from '@neutronium/net/ip';
import { poolPrefixes, prefixBounds } from '#ipam/subnet-pool';
import { visibility } from '../../context.ts';
import type { NewRecord, Reader, Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { sharedFlags } from '../sharing.ts';
import { requireNetworksWhole, requireOwnScope, requirePlaceInScope } from './pool-scope.ts';

export function subnetpoolHandlers(): Handlers<typeof subnetpool> {
  return {
    resource: subnetpool,
    notFound: (id) => new SubnetPoolNotFound({ subnetpool_id: id }),
    async create(call, requests) {
      const created: SubnetPoolRecord[] = [];
      for (const request of requests) {
        const pool = await newPool(call.store, request);
        await requirePlaceInScope(call, pool);
        created.push(...(await call.store.insert(subnetpool, [pool])));
      }
      return created;
    },
    update: (call, current, changes) => updatePool(call, current, changes),
    async remove({ store }, { id }) {
      await lockPool(store, id);
      const subnets = await subnetsOf(store, id);
      const blockers = blockersOf(
        subnet.name,
        subnets.map((each) => each.id),
      );
      if (subnets.length > 0) {
        throw new SubnetPoolDeleteError({ reason: 'Subnet pool has existing allocations', blockers });
      }
      await store.remove(subnetpool, id);
    },
    derive: ({ context, store }, records) => sharedFlags(store, 'subnetpool', records, context.projectId),
    async act(call, current, { name, body }) {
      switch (name) {
        case 'add_prefixes':
          return { kind: 'body', body: await addPrefixes(call, current, body) };
        case 'remove_prefixes':
          return { kind: 'body', body: await removePrefixes(call, current, body) };
        case 'onboard_network_subnets':
          return { kind: 'body', body: await onboardSubnets(call, current, body) };
        // The names are the declaration's, which the engine has matched the path with.
        default:
          throw new Error(`subnet pools have no action ${name}`);
      }
    },
  };
}

async function newPool(store: Writer, request: SubnetPoolCreate): Promise<NewRecord<typeof subnetpool>> {
  const prefixes = poolPrefixes(request.prefixes);
  const ip_version = familyOf(prefixes);
  if (request.is_default) await checkNoOtherDefault(store, ip_version);
  const { default_quota = null } = request;
  return {
    ...request,
    ...prefixBounds(request, ip_version),
    id: randomUUID(),
    prefixes,
    ip_version,
    default_quota,
    tags: [],
  };
}

async function updatePool(
  call: Call<Writer>,
  current: SubnetPoolRecord,
  changes: SubnetPoolUpdate,
): Promise<SubnetPoolRecord> {
  const { store } = call;
  const { ip_version } = current;
  const prefixes = changes.prefixes === undefined ? current.prefixes : grownPrefixes(current, changes.prefixes);
  if (changes.is_default === true && !current.is_default) await checkNoOtherDefault(store, ip_version);
  const bounds = prefixBounds({ ...current, ...changes }, ip_version);
  await requireOwnScope(call, current);
  const { address_scope_id = current.address_scope_id } = changes;
  await requirePlaceInScope(call, { ...current, prefixes, address_scope_id });
  if (address_scope_id !== null && address_scope_id !== current.address_scope_id) {
    await requireNetworksWhole(store, current);
  }
  return store.update(subnetpool, current.id, { ...changes, ...bounds, prefixes });
}

/** What is in the pool stays in it, since subnets may have been carved from it. */
function grownPrefixes(current: SubnetPoolRecord, wanted: readonly Cidr[]): readonly Cidr[] {
  const prefixes = wanted.length === 0 ? wanted : poolPrefixes(wanted);
  if (current.prefixes.some((prefix) => !cidrSetCovers(prefixes, prefix))) {
    throw new IllegalSubnetPoolPrefixUpdate({ msg: 'Existing prefixes must be a subset of the new prefixes' });
  }
  return prefixes;
}

async function addPrefixes(call: Call<Writer>, current: SubnetPoolRecord, body: unknown): Promise<unknown> {
  const { store } = call;
  await lockPool(store, current.id);
  const prefixes = poolPrefixes([...current.prefixes, ...readPrefixes(body)]);
  await requirePlaceInScope(call, { ...current, prefixes });
  await store.update(subnetpool, current.id, { prefixes });
  return { prefixes };
}

async function removePrefixes({ store }: Call<Writer>, current: SubnetPoolRecord, body: unknown): Promise<unknown> {
  await lockPool(store, current.id);
  const removed = readPrefixes(body);
  const used = (await subnetsOf(store, current.id)).map(({ cidr }) => cidr);
  if (removed.some((prefix) => used.some((cidr) => cidrOverlaps(cidr, prefix)))) {
    throw new IllegalSubnetPoolPrefixUpdate({ msg: 'One or more the prefixes to be removed is in use by a subnet.' });
  }
  const left = subtractCidrs(current.prefixes, removed);
  const prefixes = left.length === 0 ? left : poolPrefixes(left);
  await store.update(subnetpool, current.id, { prefixes });
  return { prefixes };
}

/** Makes the network's subnets of the pool's family subnets of the pool, which grows by their prefixes. */
async function onboardSubnets(call: Call<Writer>, current: SubnetPoolRecord, body: unknown): Promise<unknown> {
  const { context, store } = call;
  const network_id = field(body, 'network_id');
  if (typeof network_id !== 'string') throw new InvalidInput({ error_message: 'network_id must be specified.' });
  const [ofSubnets] = await store.list(network, {
    where: [{ op: 'equals', attribute: 'id', values: [network_id] }],
    ...visibility(context),
  });
  if (ofSubnets === undefined) throw new NetworkNotFound({ net_id: network_id });
  if (!context.isAdmin && ofSubnets.project_id !== context.projectId) throw new NotAuthorized();
  await lockPool(store, current.id);
  const subnets = await store.list(subnet, {
    where: [
      { op: 'equals', attribute: 'network_id', values: [network_id] },
      { op: 'equals', attribute: 'ip_version', values: [current.ip_version] },
    ],
  });
  const used = (await subnetsOf(store, current.id)).map(({ cidr }) => cidr);
  for (const { id, cidr } of subnets) {
    if (!used.some((other) => cidrOverlaps(other, cidr))) continue;
    throw new IllegalSubnetPoolUpdate({
      reason: `Onboarding subnet ${id}: ${cidr} conflicts with allocated prefixes in subnet pool ${current.id}`,
    });
  }
  const prefixes = poolPrefixes([...current.prefixes, ...subnets.map(({ cidr }) => cidr)]);
  await requirePlaceInScope(call, { ...current, prefixes });
  await store.update(subnetpool, current.id, { prefixes });
  for (const { id } of subnets) await store.update(subnet, id, { subnetpool_id: current.id });
  return subnets.map(({ id, cidr }) => ({ id, cidr }));
}

/** At most one pool of each family is the default one. */
async function checkNoOtherDefault(store: Writer, ip_version: Family): Promise<void> {
  await store.lock(`default subnetpool of IPv${ip_version}`);
  const others = await store.count(subnetpool, [
    { op: 'equals', attribute: 'is_default', values: [true] },
    { op: 'equals', attribute: 'ip_version', values: [ip_version] },
  ]);
  if (others === 0) return;
  throw new InvalidInput({
    error_message:
      'A default subnetpool for this IP family has already been set. Only one default may exist per IP family',
  });
}

/** The same lock as the allocation of a subnet takes, so that a pool does not change under it. */
async function lockPool(store: Writer, id: string): Promise<void> {
  await store.lock(`subnetpool ${id}`);
}

async function subnetsOf(store: Reader, poolId: string): Promise<readonly SubnetRecord[]> {
  return store.list(subnet, { where: [{ op: 'equals', attribute: 'subnetpool_id', values: [poolId] }] });
}

function readPrefixes(body: unknown): readonly Cidr[] {
  const value = field(body, 'prefixes');
  const read = prefixesKind.read(value);
  if (!Array.isArray(value) || value.length === 0 || !read.ok) {
    throw new HTTPBadRequest({ message: 'Request body contains invalid data' });
  }
  return read.value;
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}

function familyOf(prefixes: readonly Cidr[]): Family {
  return prefixes.some((prefix) => cidrFamily(prefix) === 6) ? 6 : 4;
}
