// What an instance may claim to be: its own addresses and its allowed address pairs, no server of DHCP, no router. What
// it may not send does not arrive, and is counted.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Frame, SpeakingInstance } from '@neutronium/testkit/lab/speaking-instance';
import { withLabs, type SecurityLab } from './lab.ts';

const foreignMac = 'fa:16:3e:66:66:66';
const foreign4 = '10.0.0.66';
const foreign6 = 'fd00::66';

/** A neighbour advertisement (RFC 4861 section 4.4) that `address` is at the sender's MAC address. */
function advertisement(address: string): Partial<Frame> & Pick<Frame, 'proto'> {
  // Flags: override; then the address.
  return { proto: 'icmp', type: 136, body: `20000000${hexOf(address)}` };
}

/** A neighbour solicitation (RFC 4861 section 4.3) for `address`. */
function solicitation(address: string): Partial<Frame> & Pick<Frame, 'proto'> {
  return { proto: 'icmp', type: 135, body: `00000000${hexOf(address)}` };
}

/** The 128 bits of an address whose text has a `::` and nothing but zeros in it. */
function hexOf(address: string): string {
  const [before = '', after = ''] = address.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const [head, tail] = [groups(before), groups(after)];
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join('');
}

withLabs((theLab) => {
  let lab: SecurityLab;
  let open: string;
  let [liar, victim]: SpeakingInstance[] = [];

  beforeAll(async () => {
    lab = theLab();
    open = await lab.group('open', [{ ethertype: 'IPv4' }, { ethertype: 'IPv6' }]);
    liar = await lab.instance('liar', { security_groups: [open] });
    victim = await lab.instance('victim', { security_groups: [open] });
  });

  const cast = () => {
    if (liar === undefined || victim === undefined) throw new Error('the cast has not arrived');
    return { liar, victim };
  };

  /** What an instance may not send, each with its honest twin: the two differ in nothing but the lie. */
  const lies: readonly [
    string,
    (who: SpeakingInstance, to: SpeakingInstance) => readonly [lie: Frame, truth: Frame],
  ][] = [
    [
      'ARP for an address of another',
      ({ ip4, mac }) => [
        { proto: 'arp', op: 2, src: foreign4 },
        { proto: 'arp', op: 2, src: ip4, sha: mac },
      ],
    ],
    [
      'ARP for its own address at the MAC address of another',
      ({ mac }) => [
        { proto: 'arp', op: 2, sha: foreignMac },
        { proto: 'arp', op: 2, sha: mac },
      ],
    ],
    [
      'frames from the MAC address of another',
      ({ mac }) => [
        { proto: 'udp', dport: 9, eth_src: foreignMac },
        { proto: 'udp', dport: 9, eth_src: mac },
      ],
    ],
    [
      'packets from an IPv4 address of another',
      ({ ip4 }) => [
        { proto: 'udp', dport: 9, src: foreign4 },
        { proto: 'udp', dport: 9, src: ip4 },
      ],
    ],
    [
      'packets from an IPv6 address of another',
      ({ ip6 }, to) => [
        { proto: 'udp', dport: 9, src: foreign6, dst: to.ip6 },
        { proto: 'udp', dport: 9, src: ip6, dst: to.ip6 },
      ],
    ],
    [
      'neighbour advertisements for an address of another',
      ({ ip6 }, to) => [
        { ...advertisement(foreign6), src: ip6, dst: to.ip6 },
        { ...advertisement(ip6), src: ip6, dst: to.ip6 },
      ],
    ],
    [
      'neighbour solicitations from an address of another',
      ({ ip6 }, to) => [
        { ...solicitation(to.ip6), src: foreign6, dst: to.ip6 },
        { ...solicitation(to.ip6), src: ip6, dst: to.ip6 },
      ],
    ],
    [
      'answers of a DHCP server',
      () => [
        { proto: 'udp', sport: 67, dport: 68 },
        { proto: 'udp', sport: 69, dport: 68 },
      ],
    ],
    [
      'answers of a DHCPv6 server',
      ({ ip6 }, to) => [
        { proto: 'udp', sport: 547, dport: 546, src: ip6, dst: to.ip6 },
        { proto: 'udp', sport: 549, dport: 546, src: ip6, dst: to.ip6 },
      ],
    ],
    [
      'router advertisements',
      ({ ip6 }, to) => [
        { proto: 'icmp', type: 134, body: '4000000a'.padEnd(24, '0'), src: ip6, dst: to.ip6 },
        { proto: 'icmp', type: 128, src: ip6, dst: to.ip6 },
      ],
    ],
  ];

  describe('an instance may not send', () => {
    it.each(lies)('%s', async (_what, frames) => {
      const { liar, victim } = cast();
      const [lie, truth] = frames(liar, victim);
      const before = await lab.dropped();
      expect(await liar.arrives(victim, truth)).toBe(true);
      expect(await liar.arrives(victim, lie)).toBe(false);
      // As many as nothing else on this network would have dropped.
      await liar.send(...Array.from({ length: 50 }, () => ({ eth_dst: victim.mac, dst: victim.ip4, ...lie })));
      await lab.comesToBe('drops that are counted', async () => (await lab.dropped()) >= before + 50);
    });
  });

  it.each([4, 6] as const)(
    'an instance may not send answers of a DHCP server in fragments either, by IPv%i',
    async (family) => {
      const { liar, victim } = cast();
      const [from, to] = family === 4 ? [67, 68] : [547, 546];
      const send = (sport: number) => liar.datagram(3000, victim.address(family), { from: sport, to });
      await victim.forget();
      await send(from);
      await send(from + 2);
      const arrived = (sport: number) => victim.seen({ proto: 'udp', sport, dport: to });
      await lab.comesToBe('an honest datagram', async () => (await arrived(from + 2)) > 0);
      expect(await arrived(from)).toBe(0);
    },
  );

  it('without port security an instance may send what it likes, and hears everyone', async () => {
    const { liar, victim } = cast();
    await lab.updatePort(liar.portId, { security_groups: [], port_security_enabled: false });
    for (const [, frames] of lies) {
      const [lie] = frames(liar, victim);
      // A router advertisement and a DHCP server are what a port without port security is for.
      await lab.comesToBe('a frame without port security', () => liar.arrives(victim, lie));
    }
    expect(await victim.arrives(liar, { proto: 'tcp', dport: 22 })).toBe(true);
    await lab.updatePort(liar.portId, { port_security_enabled: true, security_groups: [open] });
    const spoofed: Frame = { proto: 'udp', dport: 9, src: foreign4 };
    await lab.comesToBe('that it is guarded again', () => liar.arrives(victim, spoofed), false);
  });

  it('allowed address pairs say what else an instance may be, and no more', async () => {
    const { liar, victim } = cast();
    await lab.updatePort(liar.portId, {
      allowed_address_pairs: [
        { ip_address: foreign4 },
        { ip_address: '10.0.7.0/24', mac_address: foreignMac },
        { ip_address: foreign6 },
      ],
    });
    const may: readonly Frame[] = [
      { proto: 'arp', op: 2, src: foreign4 },
      { proto: 'udp', dport: 9, src: foreign4 },
      { proto: 'udp', dport: 9, src: foreign6, dst: victim.ip6 },
      { proto: 'udp', dport: 9, src: '10.0.7.9', eth_src: foreignMac },
      { proto: 'arp', op: 2, src: '10.0.7.9', eth_src: foreignMac },
    ];
    for (const frame of may) await lab.comesToBe('a frame of a pair', () => liar.arrives(victim, frame));
    const mayNot: readonly Frame[] = [
      { proto: 'udp', dport: 9, src: '10.0.0.67' },
      { proto: 'udp', dport: 9, src: '10.0.7.9' },
      { proto: 'udp', dport: 9, src: foreign4, eth_src: foreignMac },
      { proto: 'arp', op: 2, src: '10.0.7.9' },
    ];
    for (const frame of mayNot) expect([frame, await liar.arrives(victim, frame)]).toEqual([frame, false]);
    await lab.updatePort(liar.portId, { allowed_address_pairs: [] });
    const [first] = may;
    if (first === undefined) throw new Error('a frame');
    await lab.comesToBe('that the pair has gone', () => liar.arrives(victim, first), false);
  });
});
