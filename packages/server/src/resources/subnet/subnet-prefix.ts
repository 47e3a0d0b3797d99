// Which prefix a new subnet gets: the one it names, or one from a subnet pool, or a named one inside a pool.

import { BadRequest, InvalidInput, NetworkSubnetPoolAffinityError, SubnetPoolNotFound } from '@neutronium/model/errors';
import { NetworkAddressScopeAffinityError } from '@neutronium/model/routing-errors';
import { subnet, type SubnetCreate, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { subnetpool, type SubnetPoolRecord } from '@neutronium/model/resources/subnetpool';
import { cidrOverlaps, networkOf, prefixLength, type Cidr } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';
import { allocatePrefix, type PrefixRequest } from '#ipam/subnet-pool';
import { visibility } from '../../context.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { defaultGateway, defaultGatewayOfPool } from './gateway.ts';

export interface SubnetPlace {
  readonly cidr: Cidr;
  readonly subnetpool_id: string | null;
  readonly gateway_ip: IpAddress | null;
}

/** The prefix, its pool and the gateway. Holds the pool until the transaction ends. */
export async function placeSubnet(call: Call<Writer>, request: SubnetCreate): Promise<SubnetPlace> {
  if (request.cidr !== undefined && request.prefixlen !== undefined) {
    throw badRequest('cidr and prefixlen must not be supplied together');
  }
  const poolId = await requestedPoolId(call.store, request);
  if (poolId === null) {
    if (request.cidr === undefined) throw badRequest('a subnetpool must be specified in the absence of a cidr');
    const { cidr, gateway_ip = defaultGateway(cidr) } = request;
    return { cidr, gateway_ip, subnetpool_id: null };
  }
  if (request.cidr === undefined && (request.allocation_pools ?? []).length > 0) {
    throw badRequest('allocation_pools allowed only for specific subnet requests.');
  }
  await call.store.lock(`subnetpool ${poolId}`);
  const pool = await visiblePool(call, poolId);
  if (pool.ip_version !== request.ip_version) {
    throw badRequest(`Cannot allocate IPv${request.ip_version} subnet from IPv${pool.ip_version} subnet pool`);
  }
  const cidr = allocatePrefix(
    pool,
    prefixRequest(pool, request),
    await allocatedFrom(call.store, pool, request.project_id),
  );
  const standard = request.cidr === undefined ? defaultGatewayOfPool(cidr) : defaultGateway(cidr);
  const gateway_ip = request.gateway_ip === undefined ? standard : request.gateway_ip;
  return { cidr, gateway_ip, subnetpool_id: pool.id };
}

/** A gateway without a prefix asks for the prefix that the gateway is in. */
function prefixRequest(pool: SubnetPoolRecord, request: SubnetCreate): PrefixRequest {
  if (request.cidr !== undefined) return { cidr: request.cidr };
  const { gateway_ip, prefixlen } = request;
  if (gateway_ip === undefined || gateway_ip === null) return { prefixlen };
  return { cidr: networkOf(gateway_ip, prefixlen ?? pool.default_prefixlen) };
}

/** Throws when the prefix is not one that the network's other subnets leave room for. */
export function checkBesideOthers(
  place: SubnetPlace,
  { network_id }: Pick<SubnetCreate, 'network_id'>,
  others: readonly SubnetRecord[],
): void {
  const { cidr } = place;
  if (prefixLength(cidr) === 0) throw new InvalidInput({ error_message: '0 is not allowed as CIDR prefix length' });
  if (others.some((other) => cidrOverlaps(other.cidr, cidr))) {
    throw new InvalidInput({
      error_message: `Requested subnet with cidr: ${cidr} for network: ${network_id} overlaps with another subnet`,
    });
  }
}

/**
 * Throws when the network has subnets of the family from elsewhere: all are from one subnet pool, or from pools of one
 * address scope.
 */
export async function checkPoolOfOthers(
  store: Reader,
  { subnetpool_id }: SubnetPlace,
  { ip_version }: Pick<SubnetCreate, 'ip_version'>,
  others: readonly SubnetRecord[],
): Promise<void> {
  const ids = others.filter((other) => other.ip_version === ip_version).map((other) => other.subnetpool_id);
  if (ids.every((id) => id === subnetpool_id)) return;
  const known = [...new Set([...ids, subnetpool_id])].filter((id) => id !== null);
  const scopes = new Map((await store.getMany(subnetpool, known)).map((pool) => [pool.id, pool.address_scope_id]));
  const scope = ids.map((id) => scopes.get(id ?? '') ?? null).find((id) => id !== null);
  if (scope === undefined || subnetpool_id === null) throw new NetworkSubnetPoolAffinityError();
  if (scopes.get(subnetpool_id) !== scope) throw new NetworkAddressScopeAffinityError();
}

/** The pool that the request names or means by asking for the default one; null for none. */
async function requestedPoolId(store: Reader, request: SubnetCreate): Promise<string | null> {
  const { subnetpool_id = null, use_default_subnetpool, ip_version } = request;
  if (!use_default_subnetpool) return subnetpool_id;
  if (subnetpool_id !== null) {
    throw badRequest('subnetpool_id and use_default_subnetpool cannot both be specified');
  }
  const [standard] = await store.list(subnetpool, {
    where: [
      { op: 'equals', attribute: 'is_default', values: [true] },
      { op: 'equals', attribute: 'ip_version', values: [ip_version] },
    ],
    limit: 1,
  });
  if (standard === undefined) throw badRequest(`No default subnetpool found for IPv${ip_version}`);
  return standard.id;
}

async function visiblePool({ context, store }: Call<Reader>, id: string): Promise<SubnetPoolRecord> {
  const [pool] = await store.list(subnetpool, {
    where: [{ op: 'equals', attribute: 'id', values: [id] }],
    ...visibility(context),
  });
  if (pool === undefined) throw new SubnetPoolNotFound({ subnetpool_id: id });
  return pool;
}

async function allocatedFrom(
  store: Reader,
  pool: SubnetPoolRecord,
  projectId: string,
): Promise<{ readonly allocated: readonly Cidr[]; readonly ofProject: readonly Cidr[] }> {
  const subnets = await store.list(subnet, {
    where: [{ op: 'equals', attribute: 'subnetpool_id', values: [pool.id] }],
  });
  return {
    allocated: subnets.map(({ cidr }) => cidr),
    ofProject: subnets.filter(({ project_id }) => project_id === projectId).map(({ cidr }) => cidr),
  };
}

function badRequest(msg: string): Error {
  return new BadRequest({ resource: 'subnets', msg });
}
