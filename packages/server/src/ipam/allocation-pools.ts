// The addresses of a subnet that may be given out without being asked for, as the API spells them (a list of first and
// last address) and as numbers.

import { cidrFamily, cidrRange, hostRange, type Cidr } from '@neutronium/net/cidr';
import { compareIp, family, ipFromBigInt, ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import {
  rangeContains,
  rangeSet,
  rangesOverlap,
  subtractRanges,
  type Range,
  type RangeSet,
} from '@neutronium/net/range';
import type { AllocationPool } from '@neutronium/model/kinds/allocation-pools';
import {
  GatewayConflictWithAllocationPools,
  InvalidAllocationPool,
  OutOfBoundsAllocationPool,
  OverlappingAllocationPools,
} from '@neutronium/model/errors';

/** Every address that a host may have, around the gateway: what a subnet has when its request names no pools. */
export function defaultPools(cidr: Cidr, gateway: IpAddress | null): AllocationPool[] {
  const hosts = [poolBounds(cidr)];
  const used = gateway !== null && family(gateway) === cidrFamily(cidr) ? [singleton(gateway)] : [];
  return subtractRanges(hosts, used).map((range) => poolOf(range, cidr));
}

/** The numbers of all pools together. */
export function poolRanges(pools: readonly AllocationPool[]): RangeSet {
  return rangeSet(pools.map(rangeOf));
}

/** Throws unless the pools are ordered, inside the hosts of `cidr`, apart from each other and from the gateway. */
export function checkPools(pools: readonly AllocationPool[], cidr: Cidr, gateway: IpAddress | null): void {
  for (const pool of pools) {
    if (family(pool.start) !== family(pool.end) || compareIp(pool.start, pool.end) > 0) {
      throw new InvalidAllocationPool({ pool: `{'start': '${pool.start}', 'end': '${pool.end}'}` });
    }
    if (family(pool.start) !== cidrFamily(cidr)) throw new InvalidAllocationPool({ pool: renderPool(pool) });
    if (!rangeContains(poolBounds(cidr), rangeOf(pool))) {
      throw new OutOfBoundsAllocationPool({ pool: renderPool(pool), subnet_cidr: cidr });
    }
  }
  checkPoolsApart(pools, cidr);
  if (gateway !== null) checkGatewayOutsidePools(gateway, pools);
}

/** Throws when a pool could give the gateway's address to a port. */
export function checkGatewayOutsidePools(gateway: IpAddress, pools: readonly AllocationPool[]): void {
  const pool = pools.find(
    ({ start, end }) =>
      family(start) === family(gateway) && compareIp(start, gateway) <= 0 && compareIp(gateway, end) <= 0,
  );
  if (pool !== undefined) throw new GatewayConflictWithAllocationPools({ pool: renderPool(pool), ip_address: gateway });
}

function checkPoolsApart(pools: readonly AllocationPool[], cidr: Cidr): void {
  const sorted = pools.toSorted((a, b) => compareIp(a.start, b.start));
  for (const [index, pool] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined || !rangesOverlap(rangeOf(pool), rangeOf(next))) continue;
    throw new OverlappingAllocationPools({ pool_1: renderPool(pool), pool_2: renderPool(next), subnet_cidr: cidr });
  }
}

/** Pools may hold what hosts may; an IPv6 subnet's network address never, even where hosts may have it (/127). */
function poolBounds(cidr: Cidr): Range {
  const { first, last } = cidrRange(cidr);
  return cidrFamily(cidr) === 6 && first < last ? { first: first + 1n, last } : hostRange(cidr);
}

function renderPool({ start, end }: AllocationPool): string {
  return `${start}-${end}`;
}

function rangeOf({ start, end }: AllocationPool): Range {
  return { first: ipToBigInt(start), last: ipToBigInt(end) };
}

function singleton(address: IpAddress): Range {
  return { first: ipToBigInt(address), last: ipToBigInt(address) };
}

function poolOf({ first, last }: Range, cidr: Cidr): AllocationPool {
  return { start: ipFromBigInt(first, cidrFamily(cidr)), end: ipFromBigInt(last, cidrFamily(cidr)) };
}
