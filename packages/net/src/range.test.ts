import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  intersectRanges,
  nthOf,
  range,
  rangeContains,
  rangeSet,
  rangeSetHas,
  rangeSetSize,
  subtractRanges,
  unionRanges,
  type RangeSet,
} from './range.ts';

const limit = 60;
const ranges = fc.array(
  fc.tuple(fc.nat(limit), fc.nat(limit)).map(([a, b]) => range(Math.min(a, b), Math.max(a, b))),
  { maxLength: 6 },
);
const sets = ranges.map(rangeSet);

/** The slow and obvious meaning of a set. */
function members(set: RangeSet): readonly bigint[] {
  return Array.from({ length: limit + 1 }, (_, number) => BigInt(number)).filter((number) =>
    set.some(({ first, last }) => first <= number && number <= last),
  );
}

describe('sets of ranges', () => {
  it('are sorted, disjoint and not adjacent', () => {
    fc.assert(
      fc.property(sets, (set) => {
        for (const [index, { first, last }] of set.entries()) {
          expect(first <= last).toBe(true);
          const next = set[index + 1];
          if (next !== undefined) expect(next.first > last + 1n).toBe(true);
        }
      }),
    );
  });

  it('do not depend on the order of the ranges they are made of', () => {
    fc.assert(
      fc.property(ranges, (some) => {
        expect(rangeSet(some.toReversed())).toEqual(rangeSet(some));
      }),
    );
  });

  it('add, subtract and intersect as their members do', () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const [inA, inB] = [new Set(members(a)), new Set(members(b))];
        expect(new Set(members(unionRanges(a, b)))).toEqual(inA.union(inB));
        expect(new Set(members(subtractRanges(a, b)))).toEqual(inA.difference(inB));
        expect(new Set(members(intersectRanges(a, b)))).toEqual(inA.intersection(inB));
        expect(rangeSet(subtractRanges(a, b))).toEqual(subtractRanges(a, b));
      }),
    );
  });

  it('count, list and find their members', () => {
    fc.assert(
      fc.property(sets, (set) => {
        const all = members(set);
        expect(rangeSetSize(set)).toBe(BigInt(all.length));
        expect(all.map((_, index) => nthOf(set, BigInt(index)))).toEqual(all);
        expect(nthOf(set, BigInt(all.length))).toBeUndefined();
        for (let number = 0n; number <= limit; number += 1n) {
          expect(rangeSetHas(set, number)).toBe(all.includes(number));
        }
      }),
    );
  });
});

describe('a range', () => {
  it('is never empty', () => {
    expect(() => range(2, 1)).toThrow(RangeError);
  });

  it('contains the ranges between its ends', () => {
    expect(rangeContains(range(1, 9), range(1, 9))).toBe(true);
    expect(rangeContains(range(1, 9), range(5, 10))).toBe(false);
  });
});
