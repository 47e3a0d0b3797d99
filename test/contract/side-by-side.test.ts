// We and the real Neutron 21 are asked the same things, and must say the same.

import fc from 'fast-check';
import { ServerProcess } from '@neutronium/testkit/server-process';
import { attributesOf } from '@neutronium/model/resource';
import { network } from '@neutronium/model/resources/network';
import { port } from '@neutronium/model/resources/port';
import { subnet } from '@neutronium/model/resources/subnet';
import { subnetpool } from '@neutronium/model/resources/subnetpool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agreedDifferences } from './differences.ts';
import { type KnownAttributes, normalise } from './normalise.ts';
import { ReferenceNeutron, referenceInstalled } from './reference.ts';
import { sequence } from './sequences.ts';
import { Side, type Step } from './step.ts';

/** The sequences are the same in each run; another seed, or more runs, look further. */
const seed = Number(process.env['NEUTRONIUM_CONTRACT_SEED'] ?? 20_261_123);
const runs = Number(process.env['NEUTRONIUM_CONTRACT_RUNS'] ?? 12);

/** Ours: the reference has more extensions, whose attributes are not compared. */
const known: KnownAttributes = new Map(
  [network, subnet, port, subnetpool].flatMap((resource) => {
    const names = new Set(attributesOf(resource).map(([name]) => name));
    return [
      [resource.name, names],
      [resource.plural, names],
    ] as const;
  }),
);

describe.skipIf(!referenceInstalled)('beside the real Neutron (Debian package python3-neutron)', () => {
  let ours: ServerProcess;
  let theirs: ReferenceNeutron;
  beforeAll(async () => {
    [ours, theirs] = await Promise.all([
      ServerProcess.start({
        settings: {
          'auth.mode': 'noauth',
          'log.level': 'error',
          'networks.tenant_network_types': 'vxlan',
          'networks.network_vlan_ranges': 'physnet1:100:199',
          'networks.vni_ranges': '1:1000',
          'networks.tunnel_id_ranges': '1:1000',
        },
      }),
      ReferenceNeutron.start(),
    ]);
  });
  afterAll(async () => {
    await Promise.all([ours?.[Symbol.asyncDispose](), theirs?.[Symbol.asyncDispose]()]);
  });

  it('every answer of a sequence of requests is the same, but for the agreed differences', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(sequence, async (steps) => {
        run += 1;
        const found = await compare(steps, {
          a: new Side(ours.url, `run${run}`),
          b: new Side(theirs.url, `run${run}`),
        });
        expect(found).toEqual([]);
      }),
      { seed, numRuns: runs, endOnFailure: true },
    );
  }, 600_000);
});

/** The steps whose answers differ without agreement, as text that a person can act on. */
async function compare(steps: readonly Step[], { a, b }: { a: Side; b: Side }): Promise<string[]> {
  const found: string[] = [];
  for (const step of steps) {
    const [mine, yours] = await Promise.all([a.send(step), b.send(step)]);
    if (step.creates !== undefined && mine.status === 201 && yours.status === 201) {
      a.remember(step.creates, mine);
      b.remember(step.creates, yours);
    }
    const left = normalise(a, mine, known);
    const right = normalise(b, yours, known);
    if (JSON.stringify(left) === JSON.stringify(right)) continue;
    if (agreedDifferences.some((difference) => difference.applies(step, left, right))) continue;
    found.push([JSON.stringify(step), ...differences(left, right)].join('\n  '));
    // From here on the two have different objects, and every later difference would only repeat this one.
    if (mine.status !== yours.status) break;
  }
  return found;
}

/** One line for each place in which the two answers differ. */
function differences(ours: unknown, theirs: unknown, path = ''): string[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  if (isRecord(ours) && isRecord(theirs)) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) => differences(ours[key], theirs[key], `${path}/${key}`));
  }
  return [`${path}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
