// We and the real Neutron 21 are asked the same things, and must say the same.

import fc from 'fast-check';
import { ServerProcess } from '@neutronium/testkit/server-process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgents, hostAgents } from './agents.ts';
import { compare } from './compare.ts';
import { hostingSequence } from './hosting.ts';
import { ReferenceNeutron, referenceInstalled } from './reference.ts';
import { routingSequence } from './routing.ts';
import { sequence } from './sequences.ts';
import { comparedSettings } from './settings.ts';
import { Side, type Step } from './step.ts';
import { trunkSequence } from './trunks.ts';

/** The sequences are the same in each run; another seed, or more runs, look further. */
const seed = Number(process.env['NEUTRONIUM_CONTRACT_SEED'] ?? 20_261_123);
const runs = Number(process.env['NEUTRONIUM_CONTRACT_RUNS'] ?? 12);

interface Setup {
  readonly agents: typeof hostAgents;
  readonly sequences: readonly (readonly [string, fc.Arbitrary<readonly Step[]>])[];
  /** So many runs of the other sequences, whose requests Neutron answers quicker, make one of these. */
  readonly cost: number;
  /** Takes away what would be in the way of the next run. */
  readonly clear: (side: Side) => Promise<void>;
}

const setups: readonly (readonly [string, Setup])[] = [
  [
    'no hosts',
    {
      agents: {},
      sequences: [
        ['networks and what is on them', sequence],
        ['routers and what belongs to them', routingSequence],
        ['trunks', trunkSequence],
      ],
      cost: 1,
      clear: (side) => side.removeShared(['admin']),
    },
  ],
  [
    'two hosts',
    {
      agents: hostAgents,
      sequences: [['hosts, segments and ranges of ids', hostingSequence]],
      cost: 4,
      clear: async (side) => {
        await side.removeShared(['admin', 'owner']);
        await side.removeRanges();
      },
    },
  ],
];

const needed = 'needs the Debian package python3-neutron';
describe.skipIf(!referenceInstalled).each(setups)(`beside the real Neutron with %s (${needed})`, (_, setup) => {
  let run = 0;
  let ours: ServerProcess;
  let theirs: ReferenceNeutron;
  let agents: Disposable;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([
      ServerProcess.start({ settings: comparedSettings }),
      ReferenceNeutron.start(setup.agents),
    ]);
    agents = await connectAgents(ours.url, setup.agents);
  });
  afterAll(async () => {
    agents?.[Symbol.dispose]();
    await Promise.all([ours?.[Symbol.asyncDispose](), theirs?.[Symbol.asyncDispose]()]);
  });

  it.each(setup.sequences)(
    'every answer of a sequence about %s is the same, but for the agreed differences',
    async (__, sequences) => {
      await fc.assert(
        fc.asyncProperty(sequences, async (steps) => {
          run += 1;
          const [a, b] = [new Side(ours.url, `run${run}`), new Side(theirs.url, `run${run}`)];
          const { found } = await compare(steps, a, b);
          await Promise.all([a, b].map((side) => setup.clear(side)));
          expect(found).toEqual([]);
        }),
        { seed, numRuns: Math.ceil(runs / setup.cost), endOnFailure: true },
      );
    },
    600_000,
  );
});
