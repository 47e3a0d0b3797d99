import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange, viewOf, type HostObject, type HostView } from '@neutronium/model/host-view';
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
      { numRuns: 60 },
    );
  });

  it('is judged the same whatever was judged before on the same host', () => {
    const worlds = fc.array(arbitraryWorld, { minLength: 2, maxLength: 4 });
    const keep = fc.infiniteStream(fc.boolean());
    fc.assert(
      fc.property(worlds, keep, ([first, ...others], kept) => {
        let view = first ?? viewOf(1, []);
        compile(view, worldInventory);
        for (const other of others) {
          // Half of the objects stay the same objects, as they do when a change comes.
          const set = objectsOf(other).filter(() => kept.next().value === true);
          const names = new Set(objectsOf(other).map(({ id: name }) => name));
          const remove = objectsOf(view).filter(({ id: name }) => !names.has(name) && kept.next().value === true);
          view = applyChange(view, { revision: view.revision + 1, set, remove });
          expect(compile(view, worldInventory)).toEqual(compile(structuredClone(view), worldInventory));
        }
      }),
      { numRuns: 20 },
    );
  });
});

function objectsOf({ networks, ports, security_groups, address_set_members }: HostView): readonly HostObject[] {
  return [networks, ports, security_groups, address_set_members].flatMap((section) => [...section.values()]);
}
