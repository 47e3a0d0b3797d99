// Sets of integers as sorted, disjoint, non-adjacent ranges: address pools, VLAN and tunnel id pools. Numbers are
// bigint because an IPv6 subnet has more addresses than a double can count.

export interface Range {
  /** Both ends belong to the range; first <= last. */
  readonly first: bigint;
  readonly last: bigint;
}

/** Sorted, disjoint and non-adjacent: the canonical form, so that equal sets are equal arrays. */
export type RangeSet = readonly Range[];

/** The range between two numbers, both included; throws RangeError when it would be empty. */
export function range(first: bigint | number, last: bigint | number): Range {
  const made = { first: BigInt(first), last: BigInt(last) };
  if (made.first > made.last) throw new RangeError(`range ${made.first}-${made.last} is empty`);
  return made;
}

/** The canonical set of everything in `ranges`, which may overlap and come in any order. */
export function rangeSet(ranges: Iterable<Range>): RangeSet {
  const sorted = [...ranges].toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: Range[] = [];
  for (const next of sorted) {
    const previous = merged.at(-1);
    if (previous === undefined || next.first > previous.last + 1n) merged.push(next);
    else if (next.last > previous.last) merged[merged.length - 1] = { first: previous.first, last: next.last };
  }
  return merged;
}

export function unionRanges(a: RangeSet, b: RangeSet): RangeSet {
  return rangeSet([...a, ...b]);
}

/** What is in `a` and not in `b`. */
export function subtractRanges(a: RangeSet, b: RangeSet): RangeSet {
  const left: Range[] = [];
  let index = 0;
  for (const { first, last } of a) {
    let start = first;
    while (index < b.length && (b[index]?.last ?? 0n) < start) index += 1;
    for (let i = index; i < b.length; i += 1) {
      const hole = b[i];
      if (hole === undefined || hole.first > last) break;
      if (hole.first > start) left.push({ first: start, last: hole.first - 1n });
      start = hole.last + 1n;
    }
    if (start <= last) left.push({ first: start, last });
  }
  return left;
}

/** What is in both. */
export function intersectRanges(a: RangeSet, b: RangeSet): RangeSet {
  return subtractRanges(a, subtractRanges(a, b));
}

/** Whether `number` is in the set; takes time in proportion to the logarithm of the number of ranges. */
export function rangeSetHas(set: RangeSet, number: bigint): boolean {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = set[middle];
    if (candidate === undefined || number < candidate.first) high = middle;
    else if (number > candidate.last) low = middle + 1;
    else return true;
  }
  return false;
}

/** How many integers the set has. */
export function rangeSetSize(set: RangeSet): bigint {
  return set.reduce((size, { first, last }) => size + last - first + 1n, 0n);
}

/** The integer at `index` (from 0, in ascending order), undefined past the end: the nth free number of a pool. */
export function nthOf(set: RangeSet, index: bigint): bigint | undefined {
  let left = index;
  if (left < 0n) return undefined;
  for (const { first, last } of set) {
    const size = last - first + 1n;
    if (left < size) return first + left;
    left -= size;
  }
  return undefined;
}

export function rangesOverlap(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether all of `inner` is in `outer`. */
export function rangeContains(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}
