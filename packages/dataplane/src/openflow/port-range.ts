// A range of transport ports as masked matches, of which a flow can hold one.

import { invariant } from '@neutronium/net/invariant';
import { fullMask } from './field.ts';
import type { Test } from './match.ts';

const portBits = 16;

/** The fewest tests of a 16-bit field that together accept exactly `first`..`last`; at most 30. */
export function portTests(first: number, last: number): readonly Test[] {
  invariant(first >= 0 && first <= last && last < 2 ** portBits, `${first}..${last} is no range of ports`);
  const tests: Test[] = [];
  for (let next = first; next <= last;) {
    let size = 1;
    // The largest aligned block that begins here and ends within the range.
    while (next % (size * 2) === 0 && next + size * 2 - 1 <= last) size *= 2;
    tests.push({ value: BigInt(next), mask: fullMask('tcp_dst') & ~BigInt(size - 1) });
    next += size;
  }
  return tests;
}
