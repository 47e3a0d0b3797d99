// Five hundred random operations on routers of every kind, on a lab of two network nodes and two compute nodes.
// NEUTRONIUM_SEED repeats a walk.

import { walkRouting } from '@neutronium/testkit/lab/random-routing/walk';
import { expect, it } from 'vitest';

it('leaves hosts as planned and instances with those whom they are to reach, after 500 random operations', async () => {
  const seed = Number(process.env['NEUTRONIUM_SEED'] ?? Date.now() % 1_000_000);
  const operations = Number(process.env['NEUTRONIUM_OPERATIONS'] ?? 500);
  console.log(`seed ${seed}`);
  const walked = await walkRouting({ seed, operations, between: 10, anew: true, tell: (line) => console.log(line) });
  console.log(`${walked.happened} operations, of whose requests ${walked.refused} were refused`);
  for (const { before, after } of walked.states.values()) expect(before).toEqual(after);
});
