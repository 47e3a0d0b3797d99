// We and the real Neutron 21 are asked the same things, and must say the same.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BothServers } from './both-servers.ts';
import { referenceInstalled } from './reference.ts';
import { setups } from './setups.ts';

/** The sequences are the same in each run; another seed looks further, and script/endurance much further. */
const seed = Number(process.env['NEUTRONIUM_CONTRACT_SEED'] ?? 20_261_123);
const sequencesOf = { wide: 8, narrow: 2 };

const needed = 'needs the Debian package python3-neutron';
describe.skipIf(!referenceInstalled).each(setups)(`beside the real Neutron with $hosts (${needed})`, (setup) => {
  let both: BothServers;
  beforeAll(async () => {
    both = await BothServers.start(setup);
  });
  afterAll(() => both?.[Symbol.asyncDispose]());

  it.each(setup.subjects)(
    'every answer of a sequence about $about is the same, but for the agreed differences',
    async ({ sequences, extent }) => {
      await fc.assert(
        fc.asyncProperty(sequences, async (steps) => {
          expect((await both.compare(steps)).found).toEqual([]);
        }),
        { seed, numRuns: sequencesOf[extent], endOnFailure: true },
      );
    },
    600_000,
  );
});
