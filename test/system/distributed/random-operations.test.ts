// As test/endurance/random-routing.test.ts, for as long as one waits for a change to be checked.

import { walkRouting } from '@neutronium/testkit/lab/random-routing/walk';
import { expect, it } from 'vitest';

it('leaves hosts as planned and instances with those whom they are to reach, after random operations', async () => {
  const seed = Number(process.env['NEUTRONIUM_SEED'] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const walk = { seed, operations: 24, between: 12, anew: false };
  const walked = await walkRouting({ ...walk, tell: (line) => console.log(line) });
  expect(walked.happened).toBeGreaterThanOrEqual(walk.operations);
});
