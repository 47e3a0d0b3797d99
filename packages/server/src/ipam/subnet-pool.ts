// Cutting subnets out of a subnet pool: pure arithmetic on prefixes. What else uses the pool at the same moment is the
// store's business.

import { carveCidr, compactCidrs, subtractCidrs } from '@neutronium/net/cidr-set';
import { cidrContains, cidrFamily, prefixLength, type Cidr } from '@neutronium/net/cidr';
import type { Family } from '@neutronium/net/ip';
import {
  EmptySubnetPoolPrefixList,
  IllegalSubnetPoolPrefixBounds,
  MaxPrefixSubnetAllocationError,
  MinPrefixSubnetAllocationError,
  PrefixVersionMismatch,
  SubnetAllocationError,
  SubnetPoolQuotaExceeded,
  UnsupportedMinSubnetPoolPrefix,
} from '@neutronium/model/errors';

/** Prefix lengths that a pool gives out. */
export interface PrefixBounds {
  readonly min_prefixlen: number;
  readonly max_prefixlen: number;
  readonly default_prefixlen: number;
}

export interface PoolSpace extends PrefixBounds {
  readonly prefixes: readonly Cidr[];
  readonly default_quota: number | null;
}

interface FamilyLimits {
  readonly min: number;
  readonly max: number;
  /** A pool's quota counts prefixes of this length: IPv4 addresses, IPv6 /64s. */
  readonly quotaUnit: number;
}

const limits: Readonly<Record<Family, FamilyLimits>> = {
  4: { min: 8, max: 32, quotaUnit: 32 },
  6: { min: 64, max: 128, quotaUnit: 64 },
};

/** The prefixes of a pool in the fewest words; throws when there are none or they mix families. */
export function poolPrefixes(prefixes: readonly Cidr[]): readonly Cidr[] {
  const [first] = prefixes;
  if (first === undefined) throw new EmptySubnetPoolPrefixList();
  if (prefixes.some((prefix) => cidrFamily(prefix) !== cidrFamily(first))) throw new PrefixVersionMismatch();
  return compactCidrs(prefixes);
}

/** The bounds with the family's defaults for those that are not given; throws when they contradict each other. */
export function prefixBounds(given: Partial<PrefixBounds>, family: Family): PrefixBounds {
  const min = given.min_prefixlen ?? limits[family].min;
  const max = given.max_prefixlen ?? limits[family].max;
  const standard = given.default_prefixlen ?? min;
  if (min < 0) throw new UnsupportedMinSubnetPoolPrefix({ prefix: min, version: 4 });
  ordered(['min_prefixlen', min], ['max_prefixlen', max]);
  if (max > limits[family].max) throw outOfBounds(['max_prefixlen', max], ['ip_version_max', limits[family].max]);
  if (standard < min) throw outOfBounds(['default_prefixlen', standard], ['min_prefixlen', min]);
  ordered(['default_prefixlen', standard], ['max_prefixlen', max]);
  return { min_prefixlen: min, max_prefixlen: max, default_prefixlen: standard };
}

type Bound = readonly [name: string, length: number];

function ordered(lower: Bound, upper: Bound): void {
  if (lower[1] > upper[1]) throw outOfBounds(lower, upper);
}

function outOfBounds([prefix_type, prefixlen]: Bound, [base_prefix_type, base_prefixlen]: Bound): Error {
  return new IllegalSubnetPoolPrefixBounds({ prefix_type, prefixlen, base_prefix_type, base_prefixlen });
}

export type PrefixRequest = { readonly cidr: Cidr } | { readonly prefixlen: number | undefined };

/**
 * The prefix that the pool gives for a request. `allocated` are the prefixes of the pool's subnets, `ofProject` those
 * of them that count against the requesting project's share.
 */
export function allocatePrefix(
  pool: PoolSpace,
  request: PrefixRequest,
  { allocated, ofProject }: { readonly allocated: readonly Cidr[]; readonly ofProject: readonly Cidr[] },
): Cidr {
  const length = 'cidr' in request ? prefixLength(request.cidr) : (request.prefixlen ?? pool.default_prefixlen);
  if (length > pool.max_prefixlen) {
    throw new MaxPrefixSubnetAllocationError({ prefixlen: length, max_prefixlen: pool.max_prefixlen });
  }
  if (length < pool.min_prefixlen) {
    throw new MinPrefixSubnetAllocationError({ prefixlen: length, min_prefixlen: pool.min_prefixlen });
  }
  checkQuota(pool, length, ofProject);
  const free = subtractCidrs(pool.prefixes, allocated);
  if ('cidr' in request) {
    if (free.some((prefix) => cidrContains(prefix, request.cidr))) return request.cidr;
    throw new SubnetAllocationError({
      reason: 'Cannot allocate requested subnet from the available set of prefixes',
    });
  }
  const carved = carveCidr(free, length);
  if (carved !== undefined) return carved;
  throw new SubnetAllocationError({ reason: `Insufficient prefix space to allocate subnet size /${length}` });
}

function checkQuota({ default_quota, prefixes }: PoolSpace, length: number, ofProject: readonly Cidr[]): void {
  const [first] = prefixes;
  if (default_quota === null || default_quota === 0 || first === undefined) return;
  const unit = limits[cidrFamily(first)].quotaUnit;
  const units = (prefixlen: number): number => 2 ** (unit - prefixlen);
  const used = ofProject.reduce((sum, cidr) => sum + units(prefixLength(cidr)), 0);
  if (used + units(length) > default_quota) throw new SubnetPoolQuotaExceeded();
}
