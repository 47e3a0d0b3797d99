import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortNumbers } from './short-numbers.ts';

/** Ids of which many begin alike, at both ends of the numbers too. */
const ids = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom('00000000', '00000001', 'ffffffff', 'fffffffe', 'dddd0001'), fc.nat({ max: 5 }))
    .map(([beginning, digit]) => `${beginning}-0000-4000-8000-00000000000${digit}`),
);

describe('the numbers of ids', () => {
  it('are unique, fit into a register, and are never that of nobody', () => {
    fc.assert(
      fc.property(ids, (all) => {
        const numbers = [...shortNumbers(all).values()];
        expect(new Set(numbers).size).toBe(all.length);
        for (const number of numbers) expect(number >= 1 && number < 2 ** 32).toBe(true);
      }),
    );
  });

  it('do not depend on order or history', () => {
    fc.assert(
      fc.property(ids, ids, (all, others) => {
        shortNumbers(others);
        expect(shortNumbers(all.toReversed())).toEqual(shortNumbers(all));
      }),
    );
  });

  it('stay when an id comes that begins with other bits', () => {
    fc.assert(
      fc.property(ids, (all) => {
        const before = shortNumbers(all);
        const after = shortNumbers([...all, '77777777-0000-4000-8000-000000000000']);
        expect(new Map([...after].filter(([id]) => before.has(id)))).toEqual(before);
      }),
    );
  });

  it('are the first 32 bits of an id', () => {
    const id = '0000002a-0000-4000-8000-000000000000';
    expect(shortNumbers([id]).get(id)).toBe(42);
  });

  it('are for ids only', () => {
    expect(() => shortNumbers(['web'])).toThrow('web does not begin as an id of the API');
  });
});
