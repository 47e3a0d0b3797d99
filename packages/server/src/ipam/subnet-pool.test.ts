import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidr, cidrContains, cidrOverlaps, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { allocatePrefix, poolPrefixes, prefixBounds, type PoolSpace } from './subnet-pool.ts';

const space = (prefixes: readonly string[], changes: Partial<PoolSpace> = {}): PoolSpace => ({
  prefixes: poolPrefixes(prefixes.map((text) => cidr(text))),
  ...prefixBounds(changes, prefixes[0]?.includes(':') === true ? 6 : 4),
  default_quota: changes.default_quota ?? null,
});
const nothing = { allocated: [], ofProject: [] };

describe('poolPrefixes', () => {
  it('joins prefixes that stand beside each other', () => {
    expect(poolPrefixes([cidr('10.1.0.0/16'), cidr('10.0.0.0/16')])).toEqual(['10.0.0.0/15']);
  });
  it('refuses an empty list and mixed families', () => {
    expect(() => poolPrefixes([])).toThrow('Empty subnet pool prefix list.');
    expect(() => poolPrefixes([cidr('10.0.0.0/8'), cidr('fd00::/48')])).toThrow('Cannot mix IPv4 and IPv6');
  });
});

describe('prefixBounds', () => {
  it('has defaults for each family', () => {
    expect(prefixBounds({}, 4)).toEqual({ min_prefixlen: 8, max_prefixlen: 32, default_prefixlen: 8 });
    expect(prefixBounds({}, 6)).toEqual({ min_prefixlen: 64, max_prefixlen: 128, default_prefixlen: 64 });
  });
  it.each([
    [{ min_prefixlen: 25, max_prefixlen: 24 }, 'min_prefixlen=25, max_prefixlen=24'],
    [{ max_prefixlen: 33 }, 'max_prefixlen=33, ip_version_max=32'],
    [{ min_prefixlen: 24, default_prefixlen: 20 }, 'default_prefixlen=20, min_prefixlen=24'],
    [{ max_prefixlen: 24, default_prefixlen: 25 }, 'default_prefixlen=25, max_prefixlen=24'],
  ])('refuses %j', (given, reason) => {
    expect(() => prefixBounds(given, 4)).toThrow(`Illegal prefix bounds: ${reason}.`);
  });
});

describe('allocatePrefix', () => {
  it('gives the lowest free prefix of the default length', () => {
    const pool = space(['10.10.0.0/20'], { min_prefixlen: 24 });
    expect(allocatePrefix(pool, { prefixlen: undefined }, nothing)).toBe('10.10.0.0/24');
    const allocated = [cidr('10.10.0.0/24'), cidr('10.10.2.0/24')];
    expect(allocatePrefix(pool, { prefixlen: 24 }, { allocated, ofProject: [] })).toBe('10.10.1.0/24');
  });

  it('gives a named prefix when it is free', () => {
    const pool = space(['10.10.0.0/20']);
    expect(allocatePrefix(pool, { cidr: cidr('10.10.3.0/24') }, nothing)).toBe('10.10.3.0/24');
    const taken = { allocated: [cidr('10.10.3.128/25')], ofProject: [] };
    expect(() => allocatePrefix(pool, { cidr: cidr('10.10.3.0/24') }, taken)).toThrow('Failed to allocate subnet');
  });

  it('keeps a project within its quota, counted in addresses or /64s', () => {
    const v4 = space(['10.10.0.0/20'], { default_quota: 512 });
    const ofProject = [cidr('10.10.0.0/24')];
    expect(allocatePrefix(v4, { prefixlen: 24 }, { allocated: ofProject, ofProject })).toBe('10.10.1.0/24');
    expect(() => allocatePrefix(v4, { prefixlen: 23 }, { allocated: ofProject, ofProject })).toThrow('quota exceeded');
    const v6 = space(['fd00::/56'], { default_quota: 1 });
    expect(() => allocatePrefix(v6, { prefixlen: 64 }, { allocated: [], ofProject: [cidr('fd00::/64')] })).toThrow();
  });

  it.each([
    [{ prefixlen: 25 }, 'maximum allowed prefix is 24'],
    [{ prefixlen: 15 }, 'minimum allowed prefix is 16'],
  ])('refuses %j', (request, reason) => {
    const pool = space(['10.0.0.0/8'], { min_prefixlen: 16, max_prefixlen: 24 });
    expect(() => allocatePrefix(pool, request, nothing)).toThrow(reason);
  });

  it('never gives what overlaps, until the pool is used up exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 26, max: 30 }), { maxLength: 60 }), (lengths) => {
        const pool = space(['10.0.0.0/25', '10.0.1.0/26']);
        const allocated: Cidr[] = [];
        for (const prefixlen of lengths) {
          let given: Cidr;
          try {
            given = allocatePrefix(pool, { prefixlen }, { allocated, ofProject: [] });
          } catch {
            continue;
          }
          expect(prefixLength(given)).toBe(prefixlen);
          expect(pool.prefixes.some((prefix) => cidrContains(prefix, given))).toBe(true);
          expect(allocated.some((other) => cidrOverlaps(other, given))).toBe(false);
          allocated.push(given);
        }
      }),
    );
  });
});
