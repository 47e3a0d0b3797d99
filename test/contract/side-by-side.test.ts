// We and the real Neutron 21 are asked the same things, and must say the same.

import fc from 'fast-check';
import { ServerProcess } from '@neutronium/testkit/server-process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from './compare.ts';
import { ReferenceNeutron, referenceInstalled } from './reference.ts';
import { routingSequence } from './routing.ts';
import { sequence } from './sequences.ts';
import { comparedSettings } from './settings.ts';
import { Side } from './step.ts';
import { trunkSequence } from './trunks.ts';

/** The sequences are the same in each run; another seed, or more runs, look further. */
const seed = Number(process.env['NEUTRONIUM_CONTRACT_SEED'] ?? 20_261_123);
const runs = Number(process.env['NEUTRONIUM_CONTRACT_RUNS'] ?? 12);

describe.skipIf(!referenceInstalled)('beside the real Neutron (needs the Debian package python3-neutron)', () => {
  let run = 0;
  let ours: ServerProcess;
  let theirs: ReferenceNeutron;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([ServerProcess.start({ settings: comparedSettings }), ReferenceNeutron.start()]);
  });
  afterAll(async () => {
    await Promise.all([ours?.[Symbol.asyncDispose](), theirs?.[Symbol.asyncDispose]()]);
  });

  it.each([
    ['networks and what is on them', sequence, runs],
    ['routers and what belongs to them', routingSequence, runs],
    // Of one kind of object there is less to say.
    ['trunks', trunkSequence, Math.ceil(runs / 4)],
  ])(
    'every answer of a sequence about %s is the same, but for the agreed differences',
    async (_, sequences, numRuns) => {
      await fc.assert(
        fc.asyncProperty(sequences, async (steps) => {
          run += 1;
          const [a, b] = [new Side(ours.url, `run${run}`), new Side(theirs.url, `run${run}`)];
          const { found } = await compare(steps, a, b);
          await Promise.all([a.removeShared(), b.removeShared()]);
          expect(found).toEqual([]);
        }),
        { seed, numRuns, endOnFailure: true },
      );
    },
    600_000,
  );
});
