import { ipProtocols } from '@neutronium/model/ip-protocols';
import { ApiError } from '@neutronium/model/errors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkedTraffic, trafficKey, type Traffic } from './check-rule.ts';

const anything: Traffic = {
  direction: 'ingress',
  ethertype: 'IPv4',
  protocol: null,
  port_range_min: null,
  port_range_max: null,
  remote_ip_prefix: null,
  remote_group_id: null,
  remote_address_group_id: null,
};

/** The type of the error that refuses the traffic; undefined when nothing does. */
function refusal(more: Partial<Traffic>): string | undefined {
  try {
    checkedTraffic({ ...anything, ...more });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.type;
    throw error;
  }
}

const ports = (min: number | null, max: number | null) => ({ port_range_min: min, port_range_max: max });

describe('traffic', () => {
  it.each([
    ['no protocol with ports', ports(22, 22), 'SecurityGroupProtocolRequiredWithPorts'],
    ['ports of a protocol without', { protocol: 'gre', ...ports(1, 2) }, 'SecurityGroupInvalidProtocolForPort'],
    ['port 0', { protocol: 'tcp', ...ports(0, 22) }, 'SecurityGroupInvalidPortValue'],
    ['a range that runs backwards', { protocol: 'udp', ...ports(23, 22) }, 'SecurityGroupInvalidPortRange'],
    ['half a range', { protocol: '6', ...ports(22, null) }, 'SecurityGroupInvalidPortRange'],
    ['the other half', { protocol: 'sctp', ...ports(null, 22) }, 'SecurityGroupInvalidPortRange'],
    ['a large ICMP type', { protocol: 'icmp', ...ports(256, 0) }, 'SecurityGroupInvalidIcmpValue'],
    ['a large ICMP code', { protocol: '1', ...ports(8, 256) }, 'SecurityGroupInvalidIcmpValue'],
    ['an ICMP code without a type', { protocol: 'icmp', ...ports(null, 0) }, 'SecurityGroupMissingIcmpType'],
    ['an IPv6 prefix over IPv4', { remote_ip_prefix: 'fd00::/64' }, 'SecurityGroupRuleParameterConflict'],
    ['ICMP for IPv6 over IPv4', { protocol: 'ipv6-icmp' }, 'SecurityGroupEthertypeConflictWithProtocol'],
    ['the number of an IPv6 header over IPv4', { protocol: '44' }, 'SecurityGroupEthertypeConflictWithProtocol'],
    [
      'two far ends',
      { remote_ip_prefix: '10.0.0.0/8', remote_group_id: 'some group' },
      'SecurityGroupMultipleRemoteEntites',
    ],
  ] as const)('is refused for %s', (_, more, type) => {
    expect(refusal(more)).toBe(type);
  });

  it.each([
    ['one port', { protocol: 'tcp', ...ports(22, 22) }],
    ['every ICMP message', { protocol: 'icmp' }],
    ['every code of an ICMP type', { protocol: 'icmp', ...ports(3, null) }],
    ['ICMP type 0', { protocol: 'icmp', ...ports(0, 0) }],
    ['a protocol that has no name', { protocol: '253' }],
  ])('may be %s', (_, more) => {
    expect(refusal(more)).toBeUndefined();
  });

  it('of all ports names none', () => {
    expect(checkedTraffic({ ...anything, protocol: 'tcp', ...ports(1, 65_535) })).toMatchObject(ports(null, null));
  });

  it.each([
    ['icmp', 'ipv6-icmp'],
    ['icmpv6', 'ipv6-icmp'],
    ['1', '58'],
    ['tcp', 'tcp'],
  ])('over IPv6 that is called %s is kept as %s', (given, kept) => {
    expect(checkedTraffic({ ...anything, ethertype: 'IPv6', protocol: given }).protocol).toBe(kept);
  });

  it('is kept as it is once it has been checked', () => {
    fc.assert(
      fc.property(traffic, (given) => {
        fc.pre(refusal(given) === undefined);
        const kept = checkedTraffic(given);
        expect(checkedTraffic(kept)).toEqual(kept);
      }),
    );
  });
});

describe('two rules', () => {
  it.each(Object.entries(ipProtocols))('are the same with protocol %s as with %i', (name, number) => {
    expect(trafficKey({ ...anything, protocol: name })).toBe(trafficKey({ ...anything, protocol: String(number) }));
  });

  it('from everywhere are the same, whether they say so or not', () => {
    expect(trafficKey({ ...anything, remote_ip_prefix: '0.0.0.0/0' })).toBe(trafficKey(anything));
  });

  it('differ when they admit different traffic', () => {
    const different: readonly Partial<Traffic>[] = [
      {},
      { direction: 'egress' },
      { ethertype: 'IPv6' },
      { protocol: 'tcp' },
      { protocol: 'tcp', ...ports(22, 22) },
      { protocol: 'tcp', ...ports(22, 23) },
      { remote_ip_prefix: '10.0.0.0/8' },
      { remote_group_id: 'x' },
      { remote_address_group_id: 'x' },
    ];
    expect(new Set(different.map((more) => trafficKey({ ...anything, ...more }))).size).toBe(different.length);
  });
});

const port = fc.option(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(1, 65_535)));
const traffic: fc.Arbitrary<Traffic> = fc.record({
  direction: fc.constantFrom('ingress', 'egress'),
  ethertype: fc.constantFrom('IPv4', 'IPv6'),
  protocol: fc.option(
    fc.oneof(fc.constantFrom(...Object.keys(ipProtocols)), fc.integer({ min: 0, max: 255 }).map(String)),
  ),
  port_range_min: port,
  port_range_max: port,
  remote_ip_prefix: fc.constantFrom(null, '0.0.0.0/0', '10.0.0.7/24', 'fd00::/64'),
  remote_group_id: fc.constantFrom(null, 'group'),
  remote_address_group_id: fc.constant(null),
});
