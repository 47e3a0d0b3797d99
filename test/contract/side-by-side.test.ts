// We and the real Neutron 21 are asked the same things, and must say the same.

import fc from 'fast-check';
import { ServerProcess } from '@neutronium/testkit/server-process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AgentsOfHosts, connectAgents, l3Hosts, wiredHosts } from './agents.ts';
import { bindingSequence } from './bindings.ts';
import { compare } from './compare.ts';
import { hostLayoutSequence } from './host-layout.ts';
import { hostingSequence } from './hosting.ts';
import { ndpProxySequence } from './ndp-proxies.ts';
import { providedSequence } from './provided.ts';
import { qosSequence } from './qos.ts';
import { ReferenceNeutron, referenceInstalled } from './reference.ts';
import { routingSequence } from './routing.ts';
import { sequence } from './sequences.ts';
import { comparedSettings } from './settings.ts';
import { Side, type Step } from './step.ts';
import { trunkSequence } from './trunks.ts';

/** The sequences are the same in each run; another seed, or more runs, look further. */
const seed = Number(process.env['NEUTRONIUM_CONTRACT_SEED'] ?? 20_261_123);
const wide = Number(process.env['NEUTRONIUM_CONTRACT_RUNS'] ?? 8);
const narrow = Number(process.env['NEUTRONIUM_CONTRACT_RUNS'] ?? 2);

interface Setup {
  readonly agents: AgentsOfHosts;
  /** What they are about, and in how many runs they are asked. */
  readonly sequences: readonly (readonly [string, fc.Arbitrary<readonly Step[]>, number])[];
  /** Takes away what would be in the way of the next run. */
  readonly clear: (side: Side) => Promise<void>;
}

const setups: readonly (readonly [string, Setup])[] = [
  [
    'no hosts',
    {
      agents: {},
      sequences: [
        ['networks and what is on them', sequence, wide],
        ['routers and what belongs to them', routingSequence, wide],
        ['NDP proxies', ndpProxySequence, narrow],
        ['QoS policies and what has them', qosSequence, narrow],
        ['trunks', trunkSequence, narrow],
        ['flavors, pools and topologies that are made for projects', providedSequence, narrow],
      ],
      clear: (side) => side.removeShared(['admin']),
    },
  ],
  [
    'hosts of routers',
    {
      agents: l3Hosts,
      sequences: [['the routers that hosts have', hostingSequence, narrow]],
      clear: (side) => side.removeShared(['admin']),
    },
  ],
  [
    'hosts on wires',
    {
      agents: wiredHosts,
      sequences: [
        ['hosts, segments and ranges of ids', hostLayoutSequence, narrow],
        ['where ports are bound', bindingSequence, narrow],
      ],
      clear: async (side) => {
        await side.removeShared(['admin', 'owner', 'nova']);
        await side.removeRanges();
      },
    },
  ],
];

const needed = 'needs the Debian package python3-neutron';
describe.skipIf(!referenceInstalled).each(setups)(`beside the real Neutron with %s (${needed})`, (_, setup) => {
  let run = 0;
  const ends = new AsyncDisposableStack();
  let ours: ServerProcess;
  let theirs: ReferenceNeutron;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([
      ServerProcess.start({ settings: comparedSettings }),
      ReferenceNeutron.start(setup.agents),
    ]);
    ends.use(theirs);
    ends.use(ours);
    ends.use(await connectAgents(ours.url, setup.agents));
    // What an agent says of itself is written down some time after it is heard.
    const side = new Side(ours.url, 'beginning');
    await vi.waitFor(
      async () => {
        const { body } = await side.send({ as: 'admin', method: 'GET', path: '/v2.0/agents?fields=id' });
        expect(body).toMatchObject({
          agents: Object.values(setup.agents)
            .flat()
            .map(() => ({})),
        });
      },
      { timeout: 60_000, interval: 50 },
    );
  });
  afterAll(() => ends.disposeAsync());

  it.each(setup.sequences)(
    'every answer of a sequence about %s is the same, but for the agreed differences',
    async (__, sequences, numRuns) => {
      await fc.assert(
        fc.asyncProperty(sequences, async (steps) => {
          run += 1;
          const sides = [new Side(ours.url, `run${run}`), new Side(theirs.url, `run${run}`)] as const;
          const { found } = await compare(steps, ...sides);
          await Promise.all(sides.map((side) => setup.clear(side)));
          expect(found).toEqual([]);
        }),
        { seed, numRuns, endOnFailure: true },
      );
    },
    600_000,
  );
});
