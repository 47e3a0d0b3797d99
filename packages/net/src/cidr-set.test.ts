import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carveCidr, cidrSetCovers, cidrsOfRange, compactCidrs, subtractCidrs } from './cidr-set.ts';
import { cidr, cidrContains, cidrOverlaps, cidrRange, networkOf, prefixLength, type Cidr } from './cidr.ts';
import { ipFromBigInt } from './ip.ts';
import { range, rangeSet, subtractRanges } from './range.ts';

/** Prefixes within 10.0.0.0/24, where they meet often. */
const prefixes = fc
  .tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }))
  .map(([last, length]) => networkOf(ipFromBigInt(0x0a000000n + BigInt(last), 4), length));
const lists = fc.array(prefixes, { maxLength: 6 });
const rangesOf = (list: readonly Cidr[]) => rangeSet(list.map(cidrRange));

describe('sets of prefixes', () => {
  it('keep their addresses when compacted, in the fewest prefixes', () => {
    fc.assert(
      fc.property(lists, (list) => {
        const compact = compactCidrs(list);
        expect(rangesOf(compact)).toEqual(rangesOf(list));
        expect(compactCidrs(compact)).toEqual(compact);
        expect(compact.length).toBeLessThanOrEqual(new Set(list).size);
      }),
    );
  });

  it('lose exactly what is subtracted', () => {
    fc.assert(
      fc.property(lists, lists, (a, b) => {
        expect(rangesOf(subtractCidrs(a, b))).toEqual(subtractRanges(rangesOf(a), rangesOf(b)));
      }),
    );
  });

  it('join neighbours', () => {
    expect(compactCidrs([cidr('10.1.0.0/16'), cidr('10.0.0.0/16'), cidr('fd00::/64')])).toEqual([
      '10.0.0.0/15',
      'fd00::/64',
    ]);
    expect(subtractCidrs([cidr('10.0.0.0/24')], [cidr('10.0.0.0/26')])).toEqual(['10.0.0.64/26', '10.0.0.128/25']);
  });

  it('cover a prefix that is spread over several of them', () => {
    expect(cidrSetCovers([cidr('10.0.0.0/25'), cidr('10.0.0.128/25')], cidr('10.0.0.0/24'))).toBe(true);
    expect(cidrSetCovers([cidr('10.0.0.0/25')], cidr('10.0.0.0/24'))).toBe(false);
  });

  it('give a prefix of the length that is asked for, or none when none is free', () => {
    fc.assert(
      fc.property(lists, lists, fc.integer({ min: 24, max: 32 }), (pool, used, length) => {
        const free = subtractCidrs(pool, used);
        const carved = carveCidr(free, length);
        if (carved === undefined) {
          expect(compactCidrs(free).every((prefix) => prefixLength(prefix) > length)).toBe(true);
          return;
        }
        expect(prefixLength(carved)).toBe(length);
        expect(free.some((prefix) => cidrContains(prefix, carved))).toBe(true);
        expect(used.some((prefix) => cidrOverlaps(prefix, carved))).toBe(false);
      }),
    );
  });

  it('cover any range exactly', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (a, b) => {
        const wanted = range(0x0a000000 + Math.min(a, b), 0x0a000000 + Math.max(a, b));
        expect(rangesOf(cidrsOfRange(wanted, 4))).toEqual([wanted]);
      }),
    );
  });
});
