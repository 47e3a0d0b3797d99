// We and the real Neutron 21 are asked the same things, and must say the same.

import fc from 'fast-check';
import { ServerProcess } from '@neutronium/testkit/server-process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from './compare.ts';
import { hostingSequence } from './hosting.ts';
import { ndpProxySequence } from './ndp-proxies.ts';
import { providedSequence } from './provided.ts';
import { ReferenceNeutron, referenceInstalled } from './reference.ts';
import { qosSequence } from './qos.ts';
import { routingSequence } from './routing.ts';
import { sequence } from './sequences.ts';
import { comparedSettings } from './settings.ts';
import { connectL3Agent } from './silent-agents.ts';
import { Side, type Step } from './step.ts';
import { trunkSequence } from './trunks.ts';

/** The sequences are the same in each run; another seed, or more runs, look further. */
const seed = Number(process.env['NEUTRONIUM_CONTRACT_SEED'] ?? 20_261_123);
const wide = Number(process.env['NEUTRONIUM_CONTRACT_RUNS'] ?? 12);
const narrow = Number(process.env['NEUTRONIUM_CONTRACT_RUNS'] ?? 3);

/** A pair of servers for the tests of a suite, on whose hosts there are L3 agents that do nothing. */
function pair(l3Hosts: readonly string[] = []) {
  let run = 0;
  const ends = new AsyncDisposableStack();
  let ours: ServerProcess;
  let theirs: ReferenceNeutron;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([
      ServerProcess.start({ settings: comparedSettings }),
      ReferenceNeutron.start(l3Hosts),
    ]);
    ends.use(theirs);
    ends.use(ours);
    for (const host of l3Hosts) ends.use(await connectL3Agent(ours.url, host));
  });
  afterAll(() => ends.disposeAsync());

  return async (sequences: fc.Arbitrary<readonly Step[]>, numRuns: number): Promise<void> => {
    await fc.assert(
      fc.asyncProperty(sequences, async (steps) => {
        run += 1;
        const sides = [new Side(ours.url, `run${run}`), new Side(theirs.url, `run${run}`)] as const;
        await Promise.all(sides.map((side) => side.find('agent', '/v2.0/agents?sort_key=host&sort_dir=asc')));
        const { found } = await compare(steps, ...sides);
        await Promise.all(sides.map((side) => side.removeShared()));
        expect(found).toEqual([]);
      }),
      { seed, numRuns, endOnFailure: true },
    );
  };
}

describe.skipIf(!referenceInstalled)('beside the real Neutron (needs the Debian package python3-neutron)', () => {
  describe('every answer is the same, but for the agreed differences, of a sequence about', () => {
    const answersAreTheSame = pair();
    it.each([
      ['networks and what is on them', sequence, wide],
      ['routers and what belongs to them', routingSequence, wide],
      ['NDP proxies', ndpProxySequence, narrow],
      ['QoS policies and what has them', qosSequence, narrow],
      ['trunks', trunkSequence, narrow],
      ['flavors, pools and topologies that are made for projects', providedSequence, narrow],
    ])('%s', (_, sequences, runs) => answersAreTheSame(sequences, runs), 600_000);
  });

  describe('so they are where there are agents, of a sequence about', () => {
    const answersAreTheSame = pair(['host-a', 'host-b']);
    it('the routers that they host', () => answersAreTheSame(hostingSequence, narrow), 600_000);
  });
});
