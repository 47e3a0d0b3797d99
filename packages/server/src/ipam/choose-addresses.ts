// Picks free addresses of a subnet. The cost of a port must not depend on how many ports its subnet has, so the
// addresses in use are not listed to pick from the rest: a few candidates are drawn, one question says which of them
// are taken, and only a nearly full pool makes a larger draw. Listing comes last, when that fails too.

import { ipFromBigInt, ipToBigInt, type Family, type IpAddress } from '@neutronium/net/ip';
import { nthOf, rangeSet, rangeSetSize, subtractRanges, type RangeSet } from '@neutronium/net/range';

/** A whole number from 0 to below `limit`, which is at most 2^48. */
export type RandomBelow = (limit: number) => number;

export interface AddressWish {
  /** Addresses that may be given out. */
  readonly pools: RangeSet;
  readonly family: Family;
  /** 'any' scatters ports, so that an address is not reused at once; 'first' gives the lowest free ones, in order. */
  readonly order: 'any' | 'first';
  readonly count: number;
}

export interface TakenAddresses {
  /** Which of `candidates` are taken. Asked with at most a few hundred. */
  among(candidates: readonly IpAddress[]): Promise<ReadonlySet<IpAddress>>;
  /** All that are taken in the pools' subnet, and perhaps others. Asked only when the pools are nearly full. */
  all(): Promise<Iterable<IpAddress>>;
}

/** Candidates of the first and the second draw beyond the wanted number. */
const draws = [8, 256];

/**
 * The first draw from an IPv6 pool stays among this many at its start, so that addresses are short enough to be typed.
 */
const ipv6Window = 2n ** 16n;

/** What one draw can reach: the largest limit that RandomBelow takes. */
const widestWindow = 2n ** 48n;

/** Different free addresses; fewer than `wish.count` only when the pools have no more. */
export async function chooseAddresses(
  wish: AddressWish,
  taken: TakenAddresses,
  random: RandomBelow,
): Promise<readonly IpAddress[]> {
  const { pools, family, order, count } = wish;
  if (count === 0) return [];
  const total = rangeSetSize(pools);
  for (const [round, spare] of draws.entries()) {
    const candidates = order === 'first' ? firstOf(wish, count + spare) : drawn(wish, count + spare, round, random);
    const takenCandidates = await taken.among(candidates);
    const free = candidates.filter((candidate) => !takenCandidates.has(candidate));
    if (free.length >= count || BigInt(candidates.length) >= total) return free.slice(0, count);
  }
  const left = subtractRanges(pools, rangeSet([...(await taken.all())].map(singleton)));
  if (order === 'first') return firstOf({ pools: left, family }, count);
  return scattered({ pools: left, family }, { size: count, window: rangeSetSize(left), random });
}

function drawn(wish: AddressWish, size: number, round: number, random: RandomBelow): readonly IpAddress[] {
  const narrow = wish.family === 6 && round === 0;
  return scattered(wish, { size, window: narrow ? ipv6Window : widestWindow, random });
}

type Pools = Pick<AddressWish, 'pools' | 'family'>;

function firstOf({ pools, family }: Pools, size: number): IpAddress[] {
  return Array.from({ length: size }, (_, index) => nthOf(pools, BigInt(index))).flatMap((number) =>
    number === undefined ? [] : [ipFromBigInt(number, family)],
  );
}

/** Different addresses in random order; all of them when the pools have no more than `size`. */
function scattered(
  pools: Pools,
  { size, window, random }: { readonly size: number; readonly window: bigint; readonly random: RandomBelow },
): IpAddress[] {
  const total = rangeSetSize(pools.pools);
  if (total <= BigInt(size)) return shuffled(firstOf(pools, size), random);
  const limit = [total, window, widestWindow].reduce((least, bound) => (bound < least ? bound : least));
  const indexes = new Set<number>();
  // Floyd's sampling: exactly `size` different indexes in `size` throws, each set of them equally likely.
  for (let top = Number(limit) - size; top < Number(limit); top += 1) {
    const index = random(top + 1);
    indexes.add(indexes.has(index) ? top : index);
  }
  return [...indexes].flatMap((index) => {
    const number = nthOf(pools.pools, BigInt(index));
    return number === undefined ? [] : [ipFromBigInt(number, pools.family)];
  });
}

/** Fisher and Yates' shuffle. */
function shuffled<T>(items: readonly T[], random: RandomBelow): T[] {
  const mixed: T[] = [];
  for (const item of items) {
    const place = random(mixed.length + 1);
    const displaced = mixed[place];
    if (displaced === undefined) mixed.push(item);
    else {
      mixed[place] = item;
      mixed.push(displaced);
    }
  }
  return mixed;
}

function singleton(address: IpAddress): { readonly first: bigint; readonly last: bigint } {
  const number = ipToBigInt(address);
  return { first: number, last: number };
}
