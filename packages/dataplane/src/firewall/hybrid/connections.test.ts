import fc from 'fast-check';
import { cidr } from '@neutronium/net/cidr';
import { ip, ipFromBigInt } from '@neutronium/net/ip';
import {
  applyChange,
  viewOf,
  type HostObject,
  type HostView,
  type SecurityGroupRuleView,
} from '@neutronium/model/host-view';
import { describe, expect, it } from 'vitest';
import { id, port } from '../../sample-host.ts';
import {
  admits,
  parseConnections,
  sameAdmission,
  sweepCommands,
  type Admission,
  type TrackedConnection,
} from './connections.ts';
import { hybridFirewall } from './hybrid.ts';
import { cutMark } from './port-chains.ts';
import { group, groupId, hybridHost, hybridInventory, hybridObjects, hybridPlugged, member, rule } from './sample.ts';

const instance = port(11, { security_groups: [groupId(5)] });

function admissionOf(...rules: readonly SecurityGroupRuleView[]): Admission {
  const view = viewOf(1, [
    ...hybridObjects,
    instance,
    group(5, rules),
    member(7, 'one', { ip: ip('192.0.2.7'), mac: null }, { ip: cidr('198.51.100.0/24'), mac: null }),
  ]);
  const plan = hybridFirewall(view, hybridInventory([hybridPlugged(11, 111)])).connections[0];
  if (plan === undefined) throw new Error('the port has connections');
  return plan.admission;
}

const toInstance: TrackedConnection = {
  zone: 4097,
  protocol: 6,
  source: ip('192.0.2.7'),
  destination: ip('10.0.0.11'),
  sourcePort: 40_000,
  destinationPort: 22,
  icmp: null,
  mark: 0,
  timeoutSeconds: 431_999,
};
const fromInstance = { ...toInstance, source: toInstance.destination, destination: toInstance.source };
const ssh = rule(1, { protocol: 6, port_range_min: 22, port_range_max: 22 });

describe('a connection', () => {
  it.each<[string, SecurityGroupRuleView, Partial<TrackedConnection>, boolean]>([
    ['of any kind by a rule for everything', rule(1), {}, true],
    ['to its port', ssh, {}, true],
    ['to another port', ssh, { destinationPort: 23 }, false],
    ['within a range', rule(1, { protocol: 6, port_range_min: 20, port_range_max: 30 }), {}, true],
    ['of another protocol', ssh, { protocol: 17 }, false],
    ['of the other family', rule(1), { source: ip('2001:db8::1'), destination: ip('2001:db8::2') }, false],
    ['from a prefix', rule(1, { remote: { kind: 'prefix', cidr: cidr('192.0.2.0/24') } }), {}, true],
    ['from outside of it', rule(1, { remote: { kind: 'prefix', cidr: cidr('192.0.2.0/30') } }), {}, false],
    ['from a member', rule(1, { remote: { kind: 'set', id: groupId(7) } }), {}, true],
    [
      'from the prefix of a member',
      rule(1, { remote: { kind: 'set', id: groupId(7) } }),
      { source: ip('198.51.100.9') },
      true,
    ],
    ['from no member', rule(1, { remote: { kind: 'set', id: groupId(7) } }), { source: ip('192.0.2.8') }, false],
    [
      'by ICMP type',
      rule(1, { protocol: 1, port_range_min: 8 }),
      { protocol: 1, icmp: { type: 8, code: 0, id: 1 } },
      true,
    ],
    [
      'by another type',
      rule(1, { protocol: 1, port_range_min: 0 }),
      { protocol: 1, icmp: { type: 8, code: 0, id: 1 } },
      false,
    ],
    ['that only egress would admit', rule(1, { direction: 'egress' }), {}, false],
    ['of a DHCP client', ssh, { protocol: 17, sourcePort: 68, destinationPort: 67 }, true],
  ])('to an instance %s', (_, by, differing, expected) => {
    expect(admits(admissionOf(by), { ...toInstance, ...differing })).toBe(expected);
  });

  it('from an instance is a matter of the rules for egress', () => {
    expect(admits(admissionOf(rule(1)), fromInstance)).toBe(false);
    expect(admits(admissionOf(rule(1, { direction: 'egress' })), fromInstance)).toBe(true);
  });
});

describe('a sweep', () => {
  const sweep = (admission: Admission, ...connections: readonly TrackedConnection[]) =>
    sweepCommands(connections, { plans: [{ zone: 4097, admission }], abandoned: new Set([5000]), cutting: new Map() })
      .commands;

  it('leaves alone what is admitted, and zones that are not judged', () => {
    expect(sweep(admissionOf(ssh), toInstance, { ...toInstance, zone: 4098, destinationPort: 1 })).toEqual([]);
  });

  it('replaces what is not admitted by a cut connection that lasts as long', () => {
    const name = '-w 4097 -p 6 --orig-src 192.0.2.7 --orig-dst 10.0.0.11 --orig-port-src 40000 --orig-port-dst 22';
    expect(sweep(admissionOf(), toInstance)).toEqual([
      `-D ${name}`,
      `-A ${name} --timeout 431999 --mark ${cutMark} --state ESTABLISHED`,
    ]);
    expect(sweep(admissionOf(), { ...toInstance, mark: cutMark })).toEqual([]);
  });

  it('forgets a cut connection that is admitted again, so that it may begin anew', () => {
    expect(sweep(admissionOf(ssh), { ...toInstance, mark: cutMark })).toEqual([
      expect.stringMatching(/^-D -w 4097 -p 6 /),
    ]);
  });

  it('ends everything in a zone that has no port any more', () => {
    expect(sweep(admissionOf(ssh), { ...toInstance, zone: 5000 })).toEqual([expect.stringMatching(/^-D -w 5000 /)]);
  });

  it('has nothing left to do after what it did', () => {
    const connection = fc.record({
      zone: fc.constantFrom(4097, 4098, 5000),
      protocol: fc.constantFrom(6, 17, 112),
      source: fc.constantFrom(ip('192.0.2.7'), ip('10.0.0.11'), ipFromBigInt(0xc0000208n, 4)),
      destination: fc.constant(ip('10.0.0.11')),
      sourcePort: fc.constant(1),
      destinationPort: fc.constantFrom(22, 23),
      icmp: fc.constant(null),
      mark: fc.constantFrom(0, cutMark),
      timeoutSeconds: fc.constant(10),
    });
    const admission = admissionOf(ssh);
    fc.assert(
      fc.property(fc.array(connection, { maxLength: 5 }), (connections) => {
        const after = connections.flatMap((each) => {
          const commands = sweep(admission, each);
          if (commands.length === 0) return [each];
          return commands.length === 2 ? [{ ...each, mark: cutMark }] : [];
        });
        expect(sweep(admission, ...after)).toEqual([]);
      }),
    );
  });
});

describe('what conntrack lists', () => {
  it('is read as the packets that began each connection', () => {
    const listed = [
      'tcp      6 431999 ESTABLISHED src=192.0.2.7 dst=10.0.0.11 sport=40000 dport=22 src=10.0.0.11 dst=192.0.2.7 sport=22 dport=40000 [ASSURED] mark=0 zone=4097 use=1',
      'icmpv6   58 29 src=2001:db8::1 dst=2001:db8:0:0:1::2 type=128 code=0 id=9 src=2001:db8:0:0:1::2 dst=2001:db8::1 type=129 code=0 id=9 mark=7 zone=4098 use=1',
      'unknown  112 599 src=10.0.0.1 dst=10.0.0.2 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 mark=0 zone=4099 use=1',
      'udp      17 29 src=127.0.0.1 dst=127.0.0.1 sport=1 dport=2 [UNREPLIED] src=127.0.0.1 dst=127.0.0.1 sport=2 dport=1 mark=0 use=1',
      '',
    ].join('\n');
    expect(parseConnections(listed)).toMatchObject([
      toInstance,
      { zone: 4098, protocol: 58, destination: '2001:db8::1:0:0:2', icmp: { type: 128, code: 0, id: 9 }, mark: 7 },
      { zone: 4099, protocol: 112, sourcePort: 0, destinationPort: 0 },
    ]);
  });
});

describe('what a port admits', () => {
  const admissions = (view: HostView) => hybridFirewall(view, hybridHost).connections.map((plan) => plan.admission);
  const view = viewOf(1, hybridObjects);
  const changedBy = (object: HostObject) => {
    const before = admissions(view);
    const after = admissions(applyChange(view, { revision: 2, set: [object], remove: [] }));
    return before.filter((admission, index) => !sameAdmission(admission, after[index] ?? admission)).map(portOf);
  };
  const portOf = ({ port: { view: of } }: Admission) => of.id;

  it('is the same while its own port, groups and members are', () => {
    expect(changedBy(port(99))).toEqual([]);
    expect(changedBy(member(8, 'x', { ip: ip('192.0.2.1'), mac: null }))).toEqual([]);
  });

  it('differs with each of them', () => {
    expect(changedBy(group(2, []))).toEqual([id('port', 12)]);
    expect(changedBy(member(9, 'x', { ip: ip('192.0.2.1'), mac: null }))).toEqual([id('port', 12)]);
    expect(changedBy(member(1, 'x', { ip: ip('192.0.2.1'), mac: null }))).toEqual([id('port', 11), id('port', 12)]);
    expect(changedBy(port(11, { security_groups: [] }))).toEqual([id('port', 11)]);
  });
});
