import fc from 'fast-check';
import { expect, it } from 'vitest';
import { portTests } from './port-range.ts';

const port = fc.integer({ min: 0, max: 65_535 });
const range = fc.tuple(port, port).map(([a, b]) => (a < b ? ([a, b] as const) : ([b, a] as const)));

function accepts(first: number, last: number, number: number): number {
  return portTests(first, last).filter(({ value, mask }) => (BigInt(number) & mask) === value).length;
}

it('accepts every port of a range by exactly one test, and no other', () => {
  fc.assert(
    fc.property(range, port, ([first, last], other) => {
      for (const number of [first, last, first - 1, last + 1, other]) {
        if (number < 0 || number > 65_535) continue;
        expect(accepts(first, last, number)).toBe(number >= first && number <= last ? 1 : 0);
      }
    }),
  );
});

it('needs at most 30 tests, one for what is a power of two and aligned', () => {
  expect(portTests(1, 65_534)).toHaveLength(30);
  expect(portTests(0, 65_535)).toEqual([{ value: 0n, mask: 0n }]);
  expect(portTests(80, 95)).toEqual([{ value: 80n, mask: 0xfff0n }]);
  fc.assert(fc.property(range, ([first, last]) => portTests(first, last).length <= 30));
});

it('refuses what is no range', () => {
  expect(() => portTests(2, 1)).toThrow('2..1 is no range of ports');
});
