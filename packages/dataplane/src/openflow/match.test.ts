import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { tagged, untagged } from './field.ts';
import { arbitraryMatch } from './flow-arbitraries.ts';
import { arp, ipv4, ipv6, match, matchKey, neighborAdvertisement, protocol, type Match } from './match.ts';
import { ctState, renderMatch } from './match-text.ts';

describe('a match', () => {
  it('has one key, in whatever order its tests were written', () => {
    const one = match({ in_port: 5, eth_src: mac('fa:16:3e:00:00:01'), vlan_vid: tagged(7) });
    const other = match({ vlan_vid: tagged(7), eth_src: mac('fa:16:3e:00:00:01'), in_port: 5 });
    expect(matchKey(one)).toBe(matchKey(other));
  });

  it('has the key of another only if it is the same', () => {
    fc.assert(
      fc.property(arbitraryMatch, arbitraryMatch, (a, b) => {
        expect(matchKey(a) === matchKey(b)).toBe(renderMatch(a) === renderMatch(b));
      }),
    );
  });

  it('does not test what any packet would pass', () => {
    expect(arp({ in_port: 5, arp_spa: cidr('0.0.0.0/0') })).toEqual(arp({ in_port: 5 }));
    expect(match({ eth_dst: { value: 0n, mask: 0n } })).toEqual(match({}));
  });

  it('is refused when a value does not fit into its field', () => {
    expect(() => match({ vlan_pcp: 8 })).toThrow(/does not fit into 3 bits/);
    expect(() => match({ in_port: -1 })).toThrow(/does not fit/);
    expect(() => match({ eth_dst: { value: 3n, mask: 1n } })).toThrow(/does not fit/);
  });

  it('is refused without the protocol that its fields belong to, because a switch would ignore them', () => {
    expect(() => match({ arp_spa: ip('10.0.0.1') })).toThrow(/arp_spa needs the Ethernet type/);
    expect(() => ipv4({ icmpv6_type: 136, ip_proto: protocol.icmpv6 })).toThrow(/icmpv6_type needs/);
    expect(() => ipv4({ udp_dst: 67 })).toThrow(/udp_dst needs the IP protocol/);
  });
});

describe('a match as text', () => {
  it.each<[string, Match]>([
    ['', match({})],
    ['in_port=5,dl_vlan=7', match({ in_port: 5, vlan_vid: tagged(7) })],
    ['in_port=1,vlan_tci=0x0000/0x1fff', match({ in_port: 1, vlan_vid: untagged })],
    ['vlan_tci=0x1000/0x1000', match({ vlan_vid: { value: 0x1000n, mask: 0x1000n } })],
    ['arp,in_port=3,arp_spa=10.0.0.0/24,arp_op=1', arp({ in_port: 3, arp_spa: cidr('10.0.0.0/24'), arp_op: 1 })],
    ['icmp6,icmp_type=136,nd_target=fe80::1', neighborAdvertisement({ nd_target: ip('fe80::1') })],
    ['udp,tp_src=68,tp_dst=67', ipv4({ ip_proto: protocol.udp, udp_src: 68, udp_dst: 67 })],
    ['ipv6,nw_proto=200', ipv6({ ip_proto: 200 })],
    ['ip,nw_src=10.0.0.1/255.0.255.255', ipv4({ ip_src: { value: 0x0a000001n, mask: 0xff00ffffn } })],
    ['dl_type=0x88cc', match({ eth_type: 0x88cc })],
    [
      'ct_state=+est-rel+trk,ct_mark=0,ip,reg5=0xb',
      ipv4({ ct_state: ctState({ est: true, rel: false, trk: true }), ct_mark: 0, reg5: 11 }),
    ],
  ])('%s is as ovs-ofctl prints it', (text, tests) => {
    expect(renderMatch(tests)).toBe(text);
  });
});
