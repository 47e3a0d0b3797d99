// What test/contract asks of us and of the real Neutron 21, for long: 50,000 requests, and every difference, not only
// the first. NEUTRONIUM_SEED repeats a run, of NEUTRONIUM_REQUESTS requests.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BothServers } from '../contract/both-servers.ts';
import { setups } from '../contract/setups.ts';

const seed = Number(process.env['NEUTRONIUM_SEED'] ?? Date.now() % 1_000_000);
const requests = Number(process.env['NEUTRONIUM_REQUESTS'] ?? 50_000);

/** A wide subject is asked about three times as much as a narrow one. */
const shareOf = { wide: 3, narrow: 1 };
const shares = setups.flatMap(({ subjects }) => subjects.map(({ extent }) => shareOf[extent]));
const wholeShare = shares.reduce((sum, share) => sum + share, 0);

describe.each(setups)('beside the real Neutron with $hosts', (setup) => {
  let both: BothServers;
  beforeAll(async () => {
    console.log(`seed ${seed}`);
    both = await BothServers.start(setup);
  });
  afterAll(() => both?.[Symbol.asyncDispose]());

  it.each(setup.subjects)(
    'no answer about $about differs, but for the agreed differences',
    async ({ about, sequences, extent }) => {
      const wanted = (requests * shareOf[extent]) / wholeShare;
      const found: string[] = [];
      let sent = 0;
      let told = 0;
      for (let run = 0; sent < wanted; run += 1) {
        for (const steps of fc.sample(sequences, { seed: seed + run, numRuns: 1 })) {
          const comparison = await both.compare(steps);
          sent += comparison.sent;
          for (const difference of comparison.found) console.log(difference);
          found.push(...comparison.found);
          if (sent - told < 1_000) continue;
          told = sent;
          console.log(`${sent} requests`);
        }
      }
      console.log(`${about}: ${sent} requests, ${found.length} differences`);
      expect(found).toEqual([]);
    },
  );
});
