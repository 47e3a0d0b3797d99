// Set arithmetic on prefixes: what a subnet pool has left, and its prefixes in the fewest words.

import { addressBits, ipFromBigInt } from './ip.ts';
import type { Family } from './ip.ts';
import { cidrFamily, cidrRange, networkOf, prefixLength, type Cidr } from './cidr.ts';
import { rangeSet, subtractRanges, type Range, type RangeSet } from './range.ts';

/** The fewest prefixes with the same addresses, IPv4 first, in ascending order. */
export function compactCidrs(cidrs: readonly Cidr[]): Cidr[] {
  return families.flatMap((family) => cidrsOfRanges(rangesOfFamily(cidrs, family), family));
}

/** The fewest prefixes with the addresses that are in `cidrs` and not in `removed`. */
export function subtractCidrs(cidrs: readonly Cidr[], removed: readonly Cidr[]): Cidr[] {
  return families.flatMap((family) => {
    const left = subtractRanges(rangesOfFamily(cidrs, family), rangesOfFamily(removed, family));
    return cidrsOfRanges(left, family);
  });
}

/** Whether every address of `inner` is in one of `cidrs`, possibly spread over several of them. */
export function cidrSetCovers(cidrs: readonly Cidr[], inner: Cidr): boolean {
  return subtractCidrs([inner], cidrs).length === 0;
}

/**
 * The first prefix of `length` bits that is wholly inside `free`, taking it from the longest free prefix that is wide
 * enough so that wide ones stay whole. Undefined when there is none.
 */
export function carveCidr(free: readonly Cidr[], length: number): Cidr | undefined {
  const wideEnough = compactCidrs(free).filter((candidate) => prefixLength(candidate) <= length);
  const tightest = wideEnough.toSorted((a, b) => prefixLength(b) - prefixLength(a))[0];
  if (tightest === undefined || length > addressBits[cidrFamily(tightest)]) return undefined;
  return networkOf(ipFromBigInt(cidrRange(tightest).first, cidrFamily(tightest)), length);
}

/** The fewest prefixes that cover exactly the numbers of `range`. */
export function cidrsOfRange({ first, last }: Range, family: Family): Cidr[] {
  const prefixes: Cidr[] = [];
  const bits = addressBits[family];
  let start = first;
  while (start <= last) {
    let hostBits = 0;
    // Grow the block while it stays aligned to its own size and inside the range.
    while (
      hostBits < bits &&
      start % (2n << BigInt(hostBits)) === 0n &&
      start + (2n << BigInt(hostBits)) - 1n <= last
    ) {
      hostBits += 1;
    }
    prefixes.push(networkOf(ipFromBigInt(start, family), bits - hostBits));
    start += 1n << BigInt(hostBits);
  }
  return prefixes;
}

const families = [4, 6] as const;

function rangesOfFamily(cidrs: readonly Cidr[], family: Family): RangeSet {
  return rangeSet(cidrs.filter((prefix) => cidrFamily(prefix) === family).map(cidrRange));
}

function cidrsOfRanges(ranges: RangeSet, family: Family): Cidr[] {
  return ranges.flatMap((range) => cidrsOfRange(range, family));
}
