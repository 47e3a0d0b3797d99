import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange, viewOf, type HostObject, type HostView } from '@neutronium/model/host-view';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { compile } from './compile.ts';
import { group, id, network, port, rule } from './sample-host.ts';
import { flowSet } from './openflow/flow.ts';
import {
  arbitraryPacket,
  arbitraryWorld,
  frameOf,
  maySend,
  ofportOf,
  shouldReach,
  states,
  trustedPort,
  worldInventory,
  wirePatch,
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
      { numRuns: 40 },
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

/** Port 11 may send all of IPv4. The others admit TCP, and those of `admits` UDP too. */
function smallWorld({ admits }: { readonly admits: readonly number[] }): HostView {
  const udp = rule(30, { protocol: 17 });
  const membership = (digits: number) =>
    admits.includes(digits) ? [id('group', 2), id('group', 3)] : [id('group', 2)];
  return viewOf(1, [
    network(1),
    port(11, { security_groups: [id('group', 1)] }),
    ...[12, 13, 14].map((digits) => port(digits, { security_groups: membership(digits) })),
    group(1, [rule(10, { direction: 'egress' })]),
    group(2, [rule(20, { protocol: 6 })]),
    group(3, [udp]),
  ]);
}

const established: Sent = {
  from: 11,
  sourceMac: port(11).mac_address,
  targetMac: port(12).mac_address,
  source: ip('10.0.0.11'),
  target: ip('10.0.0.12'),
  family: 4,
  protocol: 17,
  port: 5353,
  code: 0,
  connection: { state: states.established, mark: 0n },
};
const cut: Sent = { ...established, connection: { state: states.established, mark: 1n } };
const toEveryone = mac('ff:ff:ff:ff:ff:ff');

function marksOf(world: HostView, sent: Sent): readonly bigint[] {
  return traceOf(world, sent).commits.map((commit) => commit.mark);
}

describe('a packet of a known connection', () => {
  it('for everyone is judged for each port, whatever the port before it said', () => {
    const { exits } = traceOf(smallWorld({ admits: [13] }), { ...established, targetMac: toEveryone });
    expect(exits.map((exit) => exit.port)).toEqual([wirePatch, ofportOf(13)]);
  });

  it('that no rule allows cuts the connection, unless it was for several ports', () => {
    expect(marksOf(smallWorld({ admits: [] }), established)).toEqual([1n]);
    expect(marksOf(smallWorld({ admits: [] }), { ...established, targetMac: toEveryone })).toEqual([]);
    expect(marksOf(smallWorld({ admits: [12] }), established)).toEqual([]);
  });

  it('that was cut gives it a new life only where a rule allows it, and is for one port', () => {
    expect(marksOf(smallWorld({ admits: [12] }), cut)).toEqual([0n]);
    expect(marksOf(smallWorld({ admits: [] }), cut)).toEqual([0n, 1n]);
    expect(marksOf(smallWorld({ admits: [12] }), { ...cut, targetMac: toEveryone })).toEqual([]);
  });

  it('that was cut does not answer', () => {
    const answer = { state: states.reply, mark: 1n };
    expect(traceOf(smallWorld({ admits: [12] }), { ...cut, connection: answer }).exits).toEqual([]);
  });
});

function objectsOf({ networks, ports, security_groups, address_set_members }: HostView): readonly HostObject[] {
  return [networks, ports, security_groups, address_set_members].flatMap((section) => [...section.values()]);
}
