// The chains against a plain reading of the rules: for random rules and packets they say the same, and so does what
// decides about connections that have begun.

import fc from 'fast-check';
import { cidr, cidrContains, isCidr, type Cidr } from '@neutronium/net/cidr';
import { ip, type Family, type IpAddress } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { viewOf, type SecurityGroupRuleView } from '@neutronium/model/host-view';
import { describe, expect, it } from 'vitest';
import { evaluate, type FilteredPacket } from '../../netfilter/evaluate.ts';
import { emptyRuleset } from '../../netfilter/ruleset.ts';
import { id, network, port } from '../../sample-host.ts';
import { admits } from './connections.ts';
import { hybridFirewall } from './hybrid.ts';
import { hybridDevices } from './names.ts';
import { cutMark } from './port-chains.ts';
import { group, groupId, hybridInventory, hybridPlugged, member, rule } from './sample.ts';

const own = { 4: ip('10.0.0.11'), 6: ip('2001:db8::11') };
const ownMac = mac('fa:16:3e:00:00:0b');
const members: readonly (IpAddress | Cidr)[] = [
  ip('192.0.2.7'),
  cidr('198.51.100.0/24'),
  ip('2001:db8:7::7'),
  cidr('2001:db8:8::/48'),
];
const far: Readonly<Record<Family, readonly IpAddress[]>> = {
  4: ['192.0.2.7', '192.0.2.8', '198.51.100.200', '203.0.113.1'].map(ip),
  6: ['2001:db8:7::7', '2001:db8:7::8', '2001:db8:8:1::1', '2001:db8:9::1'].map(ip),
};
const prefixes: Readonly<Record<Family, readonly Cidr[]>> = {
  4: ['192.0.2.0/24', '192.0.2.7/32', '0.0.0.0/0', '203.0.113.0/30'].map(cidr),
  6: ['2001:db8:7::/64', '2001:db8:7::7/128', '::/0', '2001:db8:8::/47'].map(cidr),
};

const family = fc.constantFrom<Family>(4, 6);
const protocolOf = (version: Family) => fc.constantFrom(version === 4 ? 1 : 58, 6, 17, 33, 132, 136, 112, 47);
const portNumber = fc.constantFrom(0, 1, 21, 22, 23, 1000, 65_535);

const anyRule = family.chain((version) =>
  fc
    .record({
      direction: fc.constantFrom('ingress' as const, 'egress' as const),
      protocol: fc.option(protocolOf(version)),
      ends: fc.option(fc.tuple(portNumber, portNumber)),
      remote: fc.oneof<fc.Arbitrary<SecurityGroupRuleView['remote']>[]>(
        fc.constant({ kind: 'any' }),
        fc.constantFrom(...prefixes[version]).map((prefix) => ({ kind: 'prefix', cidr: prefix })),
        fc.constant({ kind: 'set', id: groupId(7) }),
      ),
    })
    .map(({ direction, protocol, ends, remote }): Omit<SecurityGroupRuleView, 'id'> => {
      const icmp = protocol === 1 || protocol === 58;
      const [first, last] = ends === null || protocol === null ? [null, null] : ends.toSorted((a, b) => a - b);
      const ranged = icmp ? [first === null ? null : 8, last === 0 ? 0 : null] : [first, last];
      return {
        direction,
        ethertype: version === 4 ? 'IPv4' : 'IPv6',
        protocol,
        port_range_min: ranged[0] ?? null,
        port_range_max: ranged[1] ?? null,
        remote,
      };
    }),
);

const anyPacket = family.chain((version) =>
  fc
    .record({
      direction: fc.constantFrom('ingress' as const, 'egress' as const),
      protocol: protocolOf(version),
      address: fc.constantFrom(...far[version]),
      destinationPort: portNumber,
      type: fc.constantFrom(8, 0, 128),
      code: fc.constantFrom(0, 1),
    })
    .map(({ direction, protocol, address, destinationPort, type, code }) => {
      const [tap, bridgeEnd] = [hybridDevices.tap(id('port', 11)), hybridDevices.bridgeEnd(id('port', 11))];
      const inward = direction === 'ingress';
      const icmp = protocol === 1 || protocol === 58;
      const packet: FilteredPacket = {
        bridgedIn: inward ? bridgeEnd : tap,
        bridgedOut: inward ? tap : bridgeEnd,
        sourceMac: inward ? mac('fa:16:3e:00:00:99') : ownMac,
        source: inward ? address : own[version],
        destination: inward ? own[version] : address,
        protocol,
        sourcePort: icmp || protocol === 112 || protocol === 47 ? 0 : 40_000,
        destinationPort: icmp || protocol === 112 || protocol === 47 ? 0 : destinationPort,
        icmp: icmp ? { type, code } : null,
        ctState: 'NEW',
        connectionMark: 0,
      };
      return { direction, version, packet };
    }),
);

/** What the Networking API says of a rule. */
function allows(given: Omit<SecurityGroupRuleView, 'id'>, { direction, version, packet }: Sent): boolean {
  const address = direction === 'ingress' ? packet.source : packet.destination;
  const within = (one: IpAddress | Cidr) => (isCidr(one) ? cidrContains(one, address) : one === address);
  const [first, last] = [given.port_range_min, given.port_range_max];
  if (given.direction !== direction || given.ethertype !== (version === 4 ? 'IPv4' : 'IPv6')) return false;
  if (given.remote.kind === 'prefix' && !within(given.remote.cidr)) return false;
  if (given.remote.kind === 'set' && !members.some(within)) return false;
  if (given.protocol === null) return true;
  if (given.protocol !== packet.protocol) return false;
  if (packet.icmp !== null) {
    return (first === null || first === packet.icmp.type) && (last === null || last === packet.icmp.code);
  }
  if (packet.sourcePort === 0) return true;
  return packet.destinationPort >= (first ?? 0) && packet.destinationPort <= (last ?? 65_535);
}

interface Sent {
  readonly direction: 'ingress' | 'egress';
  readonly version: Family;
  readonly packet: FilteredPacket;
}

function firewall(rules: readonly (readonly Omit<SecurityGroupRuleView, 'id'>[])[], stateful = true) {
  const groups = rules.map((all, index) =>
    group(
      index + 1,
      all.map((each, number) => rule(index * 100 + number, each)),
      { stateful },
    ),
  );
  const fixed_ips = [own[4], own[6]].map((ip_address) => ({ subnet_id: id('subnet', 1), ip_address }));
  const instance = port(11, { fixed_ips, mac_address: ownMac, security_groups: groups.map((each) => each.id) });
  const addresses = members.map((address) => ({ ip: address, mac: null }));
  const view = viewOf(1, [network(1), instance, ...groups, member(7, 'x', ...addresses)]);
  return hybridFirewall(view, hybridInventory([hybridPlugged(11, 111)]));
}

function verdict({ netfilter }: ReturnType<typeof firewall>, { version, packet }: Sent): 'ACCEPT' | 'DROP' {
  const [plan] = netfilter;
  const rules = plan?.rules[version] ?? emptyRuleset;
  return evaluate({ rules, sets: plan?.sets ?? [] }, { table: 'filter', chain: 'FORWARD' }, packet);
}

const twoGroups = fc.tuple(fc.array(anyRule, { maxLength: 3 }), fc.array(anyRule, { maxLength: 3 }));

describe('the chains of a port', () => {
  it('admit what begins exactly where a rule of its groups does, stateful or not', () => {
    fc.assert(
      fc.property(twoGroups, anyPacket, fc.boolean(), (groups, sent, stateful) => {
        const expected = groups.flat().some((each) => allows(each, sent)) ? 'ACCEPT' : 'DROP';
        const state = stateful ? 'NEW' : 'UNTRACKED';
        const packet = { ...sent.packet, ctState: state } as const;
        expect(verdict(firewall(groups, stateful), { ...sent, packet })).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('agree with what decides whether a connection may go on', () => {
    fc.assert(
      fc.property(twoGroups, anyPacket, (groups, sent) => {
        const built = firewall(groups);
        const { source, destination, protocol, sourcePort, destinationPort, icmp } = sent.packet;
        const connection = {
          source,
          destination,
          protocol,
          sourcePort,
          destinationPort,
          zone: 4097,
          mark: 0,
          timeoutSeconds: 9,
        };
        const [plan] = built.connections;
        if (plan === undefined) throw new Error('the port has connections');
        const admitted = admits(plan.admission, { ...connection, icmp: icmp === null ? null : { ...icmp, id: 1 } });
        expect(admitted ? 'ACCEPT' : 'DROP').toBe(verdict(built, sent));
      }),
      { numRuns: 500 },
    );
  });

  it('drop whatever is from an address or a MAC address that is not the port’s, whatever its rules and state', () => {
    const everything = [
      rule(1, { direction: 'egress' }),
      rule(2, { direction: 'egress', ethertype: 'IPv6' }),
      rule(3),
      rule(4, { ethertype: 'IPv6' }),
    ];
    const built = firewall([everything]);
    const spoofed = fc.constantFrom<Partial<FilteredPacket>>(
      { sourceMac: mac('fa:16:3e:00:00:66') },
      { source: ip('10.0.0.66') },
      { source: ip('2001:db8::66') },
    );
    fc.assert(
      fc.property(
        anyPacket,
        spoofed,
        fc.constantFrom('NEW', 'ESTABLISHED', 'RELATED', 'INVALID'),
        (sent, lie, ctState) => {
          const version = lie.source === undefined ? sent.version : lie.source.includes(':') ? 6 : 4;
          fc.pre(sent.direction === 'egress' && version === sent.version);
          const packet = { ...sent.packet, ...lie, ctState } as FilteredPacket;
          expect(verdict(built, { ...sent, packet })).toBe('DROP');
        },
      ),
    );
  });

  it('let a connection that has begun go on, unless it was cut; and admit nothing that connection tracking cannot place', () => {
    const everything = [rule(1, { direction: 'egress' }), rule(2, { direction: 'egress', ethertype: 'IPv6' })];
    fc.assert(
      fc.property(anyPacket, (sent) => {
        const seen = (given: Partial<FilteredPacket>) =>
          verdict(firewall([everything]), { ...sent, packet: { ...sent.packet, ...given } });
        expect(seen({ ctState: 'ESTABLISHED' })).toBe('ACCEPT');
        expect(seen({ ctState: 'ESTABLISHED', connectionMark: cutMark })).toBe('DROP');
        expect(seen({ ctState: 'INVALID' })).toBe('DROP');
      }),
    );
  });
});
