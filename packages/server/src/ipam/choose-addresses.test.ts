import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip, ipFromBigInt, ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import { range, rangeSet, rangeSetHas, type RangeSet } from '@neutronium/net/range';
import { chooseAddresses, type RandomBelow, type TakenAddresses } from './choose-addresses.ts';

/** A generator with a seed (Park and Miller's), so that a failing case can be repeated. */
function seeded(seed: number): RandomBelow {
  let state = (seed % 2147483646) + 1;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return Math.floor((state / 2147483647) * limit);
  };
}

class Allocations implements TakenAddresses {
  asked = 0;
  listed = 0;
  readonly #taken: ReadonlySet<IpAddress>;
  constructor(taken: Iterable<IpAddress>) {
    this.#taken = new Set(taken);
  }
  async among(candidates: readonly IpAddress[]): Promise<ReadonlySet<IpAddress>> {
    this.asked += 1;
    return new Set(candidates.filter((candidate) => this.#taken.has(candidate)));
  }
  async all(): Promise<Iterable<IpAddress>> {
    this.listed += 1;
    return this.#taken;
  }
}

const base = ipToBigInt(ip('10.0.0.0'));
const address = (offset: number): IpAddress => ipFromBigInt(base + BigInt(offset), 4);
const pool = (first: number, last: number): RangeSet => [range(base + BigInt(first), base + BigInt(last))];

const smallPools = fc
  .array(fc.tuple(fc.nat(300), fc.nat(200)), { minLength: 1, maxLength: 4 })
  .map((pairs) => rangeSet(pairs.map(([first, size]) => range(base + BigInt(first), base + BigInt(first + size)))));

describe('chooseAddresses', () => {
  it('gives different free addresses of the pools, and gives up only when there are no more', async () => {
    await fc.assert(
      fc.asyncProperty(
        smallPools,
        fc.uniqueArray(fc.nat(500), { maxLength: 500 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom('any' as const, 'first' as const),
        fc.nat(),
        async (pools, used, count, order, seed) => {
          const taken = new Set(used.map(address));
          const free = Array.from({ length: 501 }, (_, offset) => address(offset)).filter(
            (candidate) => !taken.has(candidate) && rangeSetHas(pools, ipToBigInt(candidate)),
          );
          const chosen = await chooseAddresses(
            { pools, family: 4, order, count },
            new Allocations(taken),
            seeded(seed),
          );
          expect(new Set(chosen).size).toBe(Math.min(count, free.length));
          expect(free).toEqual(expect.arrayContaining([...chosen]));
          if (order === 'first') expect(chosen).toEqual(free.slice(0, count));
        },
      ),
    );
  });

  it('asks once however many addresses of a large pool are in use', async () => {
    const half = Array.from({ length: 32_000 }, (_, offset) => address(offset * 2));
    const taken = new Allocations(half);
    const wish = { pools: pool(1, 65_534), family: 4, order: 'any', count: 1 } as const;
    for (let seed = 0; seed < 20; seed += 1) {
      expect(await chooseAddresses(wish, taken, seeded(seed * 7919))).toHaveLength(1);
    }
    expect(taken.asked).toBeLessThan(25);
    expect(taken.listed).toBe(0);
  });

  it('does not enumerate an IPv6 subnet', async () => {
    const first = ipToBigInt(ip('fd00::1'));
    const wish = { pools: [range(first, first + 2n ** 64n - 2n)], family: 6, order: 'any', count: 3 } as const;
    const chosen = await chooseAddresses(wish, new Allocations([]), seeded(1));
    expect(chosen).toHaveLength(3);
    for (const candidate of chosen) expect(ipToBigInt(candidate) - first).toBeLessThan(2n ** 16n);
  });

  it('finds the last free address of a crowded pool', async () => {
    const taken = Array.from({ length: 5000 }, (_, offset) => address(offset)).filter((_, offset) => offset !== 3210);
    const wish = { pools: pool(0, 4999), family: 4, order: 'any', count: 1 } as const;
    expect(await chooseAddresses(wish, new Allocations(taken), seeded(5))).toEqual([address(3210)]);
  });

  it('does not give the same address to ports that come one after the other', async () => {
    const wish = { pools: pool(1, 254), family: 4, order: 'any', count: 1 } as const;
    const random = seeded(42);
    const chosen = await Promise.all(
      Array.from({ length: 20 }, async () => chooseAddresses(wish, new Allocations([]), random)),
    );
    expect(new Set(chosen.flat()).size).toBeGreaterThan(10);
  });
});
