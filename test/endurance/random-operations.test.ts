// A thousand random operations on a lab of three hosts. NEUTRONIUM_SEED repeats a walk.

import { walk } from '@neutronium/testkit/lab/random-walk';
import { expect, it } from 'vitest';

it('leaves every host as its view says, and as a computation from nothing says, after 1,000 random operations', async () => {
  const seed = Number(process.env['NEUTRONIUM_SEED'] ?? Date.now() % 1_000_000);
  const operations = Number(process.env['NEUTRONIUM_OPERATIONS'] ?? 1_000);
  console.log(`seed ${seed}`);
  const walked = await walk({ seed, operations, between: 50, tell: (line) => console.log(line) });
  console.log(`${walked.happened} operations, of whose requests ${walked.refused} were refused`);
  for (const { before, after } of walked.states.values()) expect(before).toEqual(after);
});
