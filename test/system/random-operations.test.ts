// As test/endurance/random-operations.test.ts, for as long as one waits for a change to be checked.

import { walk } from '@neutronium/testkit/lab/random-walk';
import { expect, it } from 'vitest';

it('leaves every host as its view says, and as a computation from nothing says, after random operations', async () => {
  const seed = Number(process.env['NEUTRONIUM_SEED'] ?? Date.now() % 1_000_000);
  console.log(`seed ${seed}`);
  const walked = await walk({ seed, operations: 60, between: 60, tell: (line) => console.log(line) });
  expect(walked.happened).toBeGreaterThanOrEqual(60);
  for (const { before, after } of walked.states.values()) expect(before).toEqual(after);
});
