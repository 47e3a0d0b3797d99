// Random security groups on a real Open vSwitch: the switch, our own trace and a plain reading of the rules agree.

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { brInt } from './bridges/br-int/pipeline.ts';
import { compile } from './compile.ts';
import { flowSet } from './openflow/flow.ts';
import {
  arbitraryPacket,
  arbitraryWorld,
  frameOf,
  shouldReach,
  trustedPort,
  worldInventory,
  worldPorts,
} from './sample-worlds.ts';
import { id } from './sample-host.ts';
import { askSwitch, metInTrace, outputsOf, plug, replaceFlows } from './switch-under-test.ts';
import { packetOf, readField } from './trace/packet.ts';
import { trace, type Trace } from './trace/trace.ts';

const worlds = 25;
const packetsPerWorld = 30;

const deviceOf = (digits: number) => `tap${id('port', digits)}`.slice(0, 14);

describe.skipIf(missingForLab().length > 0)('a packet under random security groups, on Open vSwitch', () => {
  let host: LabHost;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'alpha' });
    const [world] = fc.sample(arbitraryWorld, 1);
    if (world !== undefined) await plug(host, compile(world, worldInventory), worldInventory);
  });

  afterAll(async () => {
    await host?.dispose();
  });

  it('meets the flows that our trace says, and reaches the guarded ports that the rules say and no others', async () => {
    // Sampled, not shrunk: what fails names a packet, which our own trace explains.
    const packets = fc.array(arbitraryPacket, { minLength: packetsPerWorld, maxLength: packetsPerWorld });
    for (const [world, all] of fc.sample(fc.tuple(arbitraryWorld, packets), worlds)) {
      const plan = compile(world, worldInventory);
      const flows = plan.flows.get('br-int') ?? flowSet([]);
      await replaceFlows(host, plan);
      for (const sent of all) {
        const frame = frameOf(sent);
        const ours = trace(flows, packetOf(frame), () => sent.connection);
        if (sent.connection.mark !== 0n && meetsRulesUntracked(ours)) continue;
        const { met, text } = await askSwitch(host, frame, ours);
        expect(met, text).toEqual(metInTrace(ours));
        // A frame to a station that nobody has heard of: the switch floods it, to no port's own address.
        if (ours.exits.some((exit) => exit.port === 'NORMAL')) continue;
        const reached = outputsOf(text);
        const guarded = [...worldPorts.keys()].filter((each) => each !== trustedPort);
        expect(
          guarded.filter((each) => reached.includes(deviceOf(each))),
          text,
        ).toEqual(shouldReach(world, sent));
      }
    }
  }, 120_000);
});

/** ofproto/trace takes a mark with the packet, where those who do not track it would see it too. */
function meetsRulesUntracked({ steps }: Trace): boolean {
  const rules = [brInt.number('RULES_EGRESS'), brInt.number('RULES_INGRESS')];
  return steps.some((step) => rules.includes(step.table) && readField(step.packet, 'ct_state') === 0n);
}
