import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostView } from '@neutronium/model/host-view';
import { compile } from './compile.ts';
import { flowSet } from './openflow/flow.ts';
import {
  arbitraryPacket,
  arbitraryWorld,
  frameOf,
  maySend,
  ofportOf,
  shouldReach,
  trustedPort,
  worldInventory,
  worldPorts,
  type Sent,
} from './sample-worlds.ts';
import { packetOf } from './trace/packet.ts';
import { trace, type Trace } from './trace/trace.ts';

function traceOf(world: HostView, sent: Sent): Trace {
  const flows = compile(world, worldInventory).flows.get('br-int') ?? flowSet([]);
  return trace(flows, packetOf(frameOf(sent)), () => sent.connection);
}

describe('a packet under random security groups', () => {
  it('reaches the guarded ports that the rules say, and no others', () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.array(arbitraryPacket, { minLength: 20, maxLength: 20 }), (world, packets) => {
        for (const sent of packets) {
          const { exits } = traceOf(world, sent);
          const reached = [...worldPorts.keys()].filter((digits) =>
            exits.some((exit) => exit.port === ofportOf(digits)),
          );
          const guarded = reached.filter((digits) => digits !== trustedPort);
          expect({ sent, guarded }).toEqual({ sent, guarded: shouldReach(world, sent) });
          if (!maySend(world, sent)) expect(exits).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});
