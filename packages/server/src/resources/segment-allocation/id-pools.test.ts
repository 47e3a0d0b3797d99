import { nthOf, rangeSetHas, rangeSetSize } from '@neutronium/net/range';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolsOf, type IdRange } from './id-pools.ts';

const wire = fc.constantFrom('physnet1', 'physnet2', null);
const ranges: fc.Arbitrary<readonly IdRange[]> = fc.array(
  fc
    .record({ owner: fc.constantFrom(null, 'mine', 'theirs'), wire, first: fc.nat(40), size: fc.nat(20) })
    .map(({ owner, wire: physical_network, first, size }) => ({
      shared: owner === null,
      project_id: owner,
      physical_network,
      minimum: first + 1,
      maximum: first + 1 + size,
    })),
  { maxLength: 8 },
);

const has = (one: IdRange, physical_network: string | null, id: number): boolean =>
  one.physical_network === physical_network && one.minimum <= id && id <= one.maximum;

describe('the pools of a project', () => {
  const preferred = ['physnet2'];
  const mine = (all: readonly IdRange[]) => poolsOf(all, { projectId: 'mine', preferred });

  it("hold what is its own, and what all share unless it is another's, and nothing else", () => {
    fc.assert(
      fc.property(ranges, wire, fc.integer({ min: 1, max: 64 }), (all, physical_network, id) => {
        const covering = all.filter((one) => has(one, physical_network, id));
        const isGiven = mine(all).some(
          (pool) => pool.physical_network === physical_network && rangeSetHas(pool.ids, BigInt(id)),
        );
        const own = covering.some(({ project_id }) => project_id === 'mine');
        const free = covering.some(({ shared }) => shared) && covering.every(({ shared }) => shared);
        expect(isGiven).toBe(own || free);
      }),
    );
  });

  it('come with what is its own first, and on each turn with the preferred wires first', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        const pools = mine(all);
        const isOwn = pools.map(({ physical_network, ids }) =>
          all.some((one) => one.project_id === 'mine' && has(one, physical_network, Number(nthOf(ids, 0n) ?? 0n))),
        );
        expect(isOwn).toEqual(isOwn.toSorted((a, b) => Number(b) - Number(a)));
        for (const turn of [true, false]) {
          const wires = pools
            .filter((_, index) => isOwn[index] === turn)
            .map(({ physical_network }) => physical_network);
          expect(wires.slice(1)).not.toContain('physnet2');
          expect(new Set(wires).size).toBe(wires.length);
        }
      }),
    );
  });

  it('have no id twice, and none is empty', () => {
    fc.assert(
      fc.property(ranges, (all) => {
        for (const [one, pool] of mine(all).entries()) {
          expect(rangeSetSize(pool.ids)).toBeGreaterThan(0n);
          for (const other of mine(all).slice(one + 1)) {
            if (other.physical_network !== pool.physical_network) continue;
            for (let id = 1n; id <= 64n; id += 1n) {
              expect(rangeSetHas(pool.ids, id) && rangeSetHas(other.ids, id)).toBe(false);
            }
          }
        }
      }),
    );
  });
});
