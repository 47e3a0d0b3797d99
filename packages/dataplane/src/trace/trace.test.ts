import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip, ipFromBigInt, ipToBigInt } from '@neutronium/net/ip';
import { mac, macFromBigInt } from '@neutronium/net/mac';
import { viewOf } from '@neutronium/model/host-view';
import { compile } from '../compile.ts';
import { ct, load, normal, output, popVlan, pushVlan, setField, setVlan, type Action } from '../openflow/action.ts';
import { tagged, whole } from '../openflow/field.ts';
import { flowSet, type Flow } from '../openflow/flow.ts';
import { ethernet, ipv4, match, type Match } from '../openflow/match.ts';
import { ctState } from '../openflow/match-text.ts';
import { sampleInventory, sampleObjects } from '../sample-host.ts';
import { packet } from './packet.ts';
import { newConnection, trace } from './trace.ts';

const bridge = compile(viewOf(1, sampleObjects), sampleInventory).flows.get('br-int') ?? flowSet([]);

function flow(table: number, priority: number, tests: Match, actions: readonly Action[]): Flow {
  return { table, priority, match: tests, actions, of: 'a test', why: `${table}/${priority}` };
}

function exitsOf(flows: readonly Flow[], given: Parameters<typeof packet>[0]) {
  return trace(flowSet(flows), packet(given)).exits;
}

describe('a packet through the integration bridge', () => {
  const port11 = { in_port: 111, eth_src: mac('fa:16:3e:00:00:0b') };
  const claim = { eth_type: ethernet.arp, arp_sha: mac('fa:16:3e:00:00:0b') };

  it('is forwarded with a reason for every table that it passed', () => {
    const { steps, exits } = trace(bridge, packet({ ...port11, ...claim, arp_spa: ipToBigInt(ip('10.0.0.11')) }));
    expect(steps.map((step) => [step.table, step.flow?.why])).toEqual([
      [0, 'comes from the port'],
      [59, 'no flow here concerns it'],
      [60, 'is guarded: its addresses and rules are asked'],
      [71, 'may claim 10.0.0.11 for fa:16:3e:00:00:0b'],
      [94, 'ARP reaches every port'],
    ]);
    expect(exits).toMatchObject([{ port: 'NORMAL' }]);
  });

  it('claims by ARP nothing but the address of its port, whatever it carries', () => {
    const nearby = fc.bigInt({ min: 0x0a00000an, max: 0x0a00000cn });
    const macs = fc.bigInt({ min: 0xfa163e00000an, max: 0xfa163e00000cn }).map(macFromBigInt);
    fc.assert(
      fc.property(macs, macs, nearby, (eth_src, arp_sha, arp_spa) => {
        const { exits } = trace(bridge, packet({ in_port: 111, eth_type: ethernet.arp, eth_src, arp_sha, arp_spa }));
        const own =
          eth_src === port11.eth_src && arp_sha === port11.eth_src && ipFromBigInt(arp_spa, 4) === '10.0.0.11';
        expect(exits).toHaveLength(own ? 1 : 0);
      }),
    );
  });

  it('leaves no port that is not in the plan', () => {
    const known = new Set([...sampleInventory.plugged.values()].map((device) => device.ofport).concat(1));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_279 }), (in_port) => {
        fc.pre(!known.has(in_port));
        expect(trace(bridge, packet({ in_port })).exits).toEqual([]);
      }),
    );
  });

  it('comes from a wire with the local VLAN of its network', () => {
    const [exit] = trace(bridge, packet({ in_port: 1, vlan_vid: tagged(101) })).exits;
    expect(exit?.packet.fields.vlan_vid).toBe(BigInt(tagged(4)));
    const [flat] = trace(bridge, packet({ in_port: 1 })).exits;
    expect(flat?.packet.fields.vlan_vid).toBe(BigInt(tagged(3)));
  });
});

describe('actions in a trace', () => {
  it('apply to the copies that leave after them', () => {
    const exits = exitsOf(
      [flow(0, 1, match({}), [output(1), pushVlan, setVlan(7), output(2), popVlan, output(3)])],
      {},
    );
    expect(exits.map((exit) => exit.packet.fields.vlan_vid ?? 0n)).toEqual([0n, BigInt(tagged(7)), 0n]);
  });

  it('bring the lower tag back when the upper one is popped', () => {
    const [exit] = exitsOf([flow(0, 1, match({}), [pushVlan, setVlan(7), popVlan, output(1)])], {
      vlan_vid: tagged(5),
    });
    expect(exit?.packet).toMatchObject({ fields: { vlan_vid: BigInt(tagged(5)) }, innerTags: [] });
  });

  it('go on after a resubmit, with the registers that it set and the port that the packet had', () => {
    const flows = [
      flow(0, 1, match({}), [
        { kind: 'resubmit', table: 5, inPort: 9 },
        { kind: 'output_slice', from: whole('reg5') },
      ]),
      flow(5, 1, match({ in_port: 9 }), [load(3, whole('reg5'))]),
    ];
    expect(exitsOf(flows, { in_port: 1 })).toMatchObject([{ port: 3, packet: { fields: { in_port: 1n } } }]);
  });

  it('continue a tracked packet in the table that ct names, with what is known of its connection', () => {
    const flows = [
      flow(0, 1, ipv4({ reg6: 4 }), [ct({ zone: { field: 'reg6', start: 0, bits: 16 }, table: 72 }), output(8)]),
      flow(72, 2, ipv4({ ct_state: ctState({ new: true, est: false, trk: true }), ct_zone: 4 }), [output(1)]),
      flow(72, 1, ipv4({ ct_state: ctState({ est: true }), ct_mark: 1 }), [output(2)]),
    ];
    const given = packet({ eth_type: ethernet.ipv4, reg6: 4 });
    expect(trace(flowSet(flows), given).exits.map((exit) => exit.port)).toEqual([8, 1]);
    const cut = trace(flowSet(flows), given, () => ({ state: 0x22n, mark: 1n }));
    expect(cut.exits.map((exit) => exit.port)).toEqual([8, 2]);
  });

  it('see a packet that is not tracked once ct has had it', () => {
    const flows = [
      flow(0, 1, ipv4({}), [ct({ zone: 1, table: 1 })]),
      flow(1, 1, ipv4({ ct_state: ctState({ trk: true }) }), [
        ct({ zone: 1, commit: true }),
        { kind: 'resubmit', table: 2, inPort: null },
      ]),
      flow(2, 1, ipv4({ ct_state: ctState({ trk: false }) }), [output(2)]),
    ];
    expect(exitsOf(flows, { eth_type: ethernet.ipv4 })).toMatchObject([{ port: 2 }]);
  });

  it('that commit a connection say so, and it is an established one afterwards', () => {
    const flows = [
      flow(0, 1, ipv4({}), [ct({ zone: 4, commit: true, exec: [setField('ct_mark', 1)] }), ct({ zone: 4, table: 1 })]),
      flow(1, 1, ipv4({ ct_state: ctState({ est: true, new: false }), ct_mark: 1 }), [output(2)]),
    ];
    const { commits, exits, tracked } = trace(flowSet(flows), packet({ eth_type: ethernet.ipv4 }));
    expect(commits).toMatchObject([{ zone: 4, mark: 1n }]);
    expect(tracked).toEqual([{ state: ctState({ est: true, trk: true }).value, mark: 1n }]);
    expect(exits).toMatchObject([{ port: 2 }]);
  });

  it('know connections of each zone apart', () => {
    const flows = [flow(0, 1, ipv4({}), [ct({ zone: 1, commit: true }), ct({ zone: 2, table: 1 })])];
    const { tracked } = trace(flowSet(flows), packet({ eth_type: ethernet.ipv4 }));
    expect(tracked).toEqual([newConnection]);
  });

  it('do not send a packet back to where it came in by the number of the port', () => {
    const flows = [flow(0, 1, match({}), [output(1), output(2), { kind: 'output_slice', from: whole('reg5') }])];
    expect(exitsOf(flows, { in_port: 1, reg5: 1 })).toMatchObject([{ port: 2 }]);
    expect(exitsOf([flow(0, 1, match({}), [output('IN_PORT')])], { in_port: 1 })).toMatchObject([{ port: 'IN_PORT' }]);
  });

  it('of a conjunction count once every clause is met', () => {
    const clause = (tests: Match, number: number) =>
      flow(0, 7, tests, [{ kind: 'conjunction', id: 16, clause: number, clauses: 2 }]);
    const flows = [
      clause(ipv4({ ip_src: ip('10.0.0.1') }), 1),
      clause(ipv4({ ip_src: ip('10.0.0.2') }), 1),
      clause(ipv4({ ip_dst: ip('10.0.0.9') }), 2),
      flow(0, 7, ipv4({ conj_id: 16 }), [output(1)]),
      flow(0, 1, match({}), [normal]),
    ];
    const ports = (src: string, dst: string) =>
      exitsOf(flows, { eth_type: ethernet.ipv4, ip_src: ipToBigInt(ip(src)), ip_dst: ipToBigInt(ip(dst)) }).map(
        (exit) => exit.port,
      );
    expect(ports('10.0.0.2', '10.0.0.9')).toEqual([1]);
    expect(ports('10.0.0.3', '10.0.0.9')).toEqual(['NORMAL']);
    expect(ports('10.0.0.1', '10.0.0.8')).toEqual(['NORMAL']);
  });

  it('that lead in a circle are a fault of the flows', () => {
    const circle = [flow(0, 1, match({}), [setField('reg0', 1), { kind: 'resubmit', table: 0, inPort: null }])];
    expect(() => exitsOf(circle, {})).toThrow(/in a circle/);
    const tracking = [flow(0, 1, ipv4({}), [ct({ zone: 1, table: 0 })])];
    expect(() => exitsOf(tracking, { eth_type: ethernet.ipv4 })).toThrow(/in a circle/);
  });
});
