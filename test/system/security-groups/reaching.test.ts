// Who reaches whom, as rules come and go on running instances. That something does not arrive is said only of frames
// that others, sent after them on the same way, have overtaken (Instance.arrives).

import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Frame, SpeakingInstance } from '@neutronium/testkit/lab/speaking-instance';
import { withLabs, type SecurityLab } from './lab.ts';

const families = [4, 6] as const;
const ethertypeOf = { 4: 'IPv4', 6: 'IPv6' } as const;

/** A TCP or UDP packet, or an echo request, to `target`. */
function packet(
  from: SpeakingInstance,
  target: SpeakingInstance,
  family: 4 | 6,
  more: Partial<Frame> & Pick<Frame, 'proto'>,
): Frame {
  return { src: from.address(family), dst: target.address(family), ...more };
}

withLabs((theLab) => {
  let lab: SecurityLab;
  let clients: string;
  let [server, alice, bob]: SpeakingInstance[] = [];

  beforeAll(async () => {
    lab = theLab();
    clients = await lab.group('clients');
    server = await lab.instance('server');
    alice = await lab.instance('alice', { security_groups: [clients] });
    bob = await lab.instance('bob', { security_groups: [clients] });
    await server.listen('tcp', 22, 80);
    await server.listen('udp', 53);
    for (const client of [alice, bob]) await client.listen('tcp', 22);
  });

  const cast = () => {
    if (server === undefined || alice === undefined || bob === undefined) throw new Error('the cast has not arrived');
    return { server, alice, bob };
  };
  const give = (instance: SpeakingInstance, ...security_groups: readonly string[]) =>
    lab.updatePort(instance.portId, { security_groups });
  const defaultGroup = async (): Promise<string> => {
    const { body } = await lab.embedded.api('GET', '/v2.0/security-groups?name=default', undefined, 'demo');
    const [group] = body['security_groups'] as { id: string }[];
    return group?.id ?? '';
  };

  // What a test that failed has left is none of the next one's business.
  beforeEach(async () => {
    const { alice, bob } = cast();
    for (const client of [alice, bob]) await give(client, clients);
  });

  describe('the default group', () => {
    it('lets everything out and nothing of others in, for IPv4 and IPv6', async () => {
      const { server, alice, bob } = cast();
      const open = await lab.group('open', [{ ethertype: 'IPv4' }, { ethertype: 'IPv6' }]);
      await give(bob, open);
      for (const family of families) {
        await lab.comesToBe('a connection of its own', () => server.tcp(bob.address(family), 22));
        await lab.comesToBe('an answer', () => server.ping(bob.address(family)));
        for (const probe of [
          { proto: 'tcp', dport: 22 },
          { proto: 'udp', dport: 53 },
          { proto: 'icmp', type: family === 4 ? 8 : 128 },
        ] as const) {
          expect(await alice.arrives(server, packet(alice, server, family, probe))).toBe(false);
        }
      }
    });

    it('lets its members reach each other, for IPv4 and IPv6, from when they join until they leave', async () => {
      const { server, alice, bob } = cast();
      await give(alice, await defaultGroup());
      for (const family of families) {
        await lab.comesToBe('a connection of a member', () => alice.tcp(server.address(family), 22));
        await lab.comesToBe('an answer', () => alice.ping(server.address(family)));
        expect(await bob.arrives(server, packet(bob, server, family, { proto: 'tcp', dport: 22 }))).toBe(false);
      }
      await give(alice, clients);
      for (const family of families) {
        const arrives = () => alice.arrives(server, packet(alice, server, family, { proto: 'tcp', dport: 22 }));
        await lab.comesToBe('that a former member is an outsider', arrives, false);
      }
    });
  });

  describe('a rule on a running instance', () => {
    it.each(families)('opens and closes TCP port 22 for IPv%i, and no other', async (family) => {
      const { server, alice } = cast();
      const group = await lab.group('ssh');
      await give(server, group);
      const arrives = () => alice.arrives(server, packet(alice, server, family, { proto: 'tcp', dport: 22 }));
      await lab.comesToBe('that port 22 is closed', arrives, false);
      const ssh = { protocol: 'tcp', port_range_min: 22, port_range_max: 22 };
      const rule = await lab.rule(group, { ethertype: ethertypeOf[family], ...ssh });
      await lab.comesToBe('that port 22 is open', () => alice.tcp(server.address(family), 22));
      for (const probe of [
        { proto: 'tcp', dport: 80 },
        { proto: 'udp', dport: 22 },
      ] as const) {
        expect(await alice.arrives(server, packet(alice, server, family, probe))).toBe(false);
      }
      const other = family === 4 ? 6 : 4;
      expect(await alice.arrives(server, packet(alice, server, other, { proto: 'tcp', dport: 22 }))).toBe(false);
      await lab.remove('security-group-rules', rule);
      await lab.comesToBe('that port 22 is closed again', arrives, false);
    });

    it.each([
      [4, 'icmp', 8, 13],
      [6, 'ipv6-icmp', 128, 139],
    ] as const)('admits ICMP by its type, for IPv%i', async (family, protocol, asked, other) => {
      const { server, alice } = cast();
      const rule = { ethertype: ethertypeOf[family], protocol, port_range_min: asked };
      await give(server, await lab.group('ping', [rule]));
      await lab.comesToBe('an answer to a ping', () => alice.ping(server.address(family)));
      const probe = packet(alice, server, family, { proto: 'icmp', type: other });
      expect(await alice.arrives(server, probe)).toBe(false);
    });

    it.each(families)('admits UDP, whose answers come back by themselves, for IPv%i', async (family) => {
      const { server, alice } = cast();
      const dns = { protocol: 'udp', port_range_min: 53, port_range_max: 53 };
      await give(server, await lab.group('dns', [{ ethertype: ethertypeOf[family], ...dns }]));
      await lab.comesToBe('an answer by UDP', () => alice.udp(server.address(family), 53));
      const probe = packet(alice, server, family, { proto: 'udp', dport: 54 });
      expect(await alice.arrives(server, probe)).toBe(false);
    });

    it('admits exactly the ports of its range', async () => {
      const { server, alice } = cast();
      const range = { protocol: 'tcp', port_range_min: 1000, port_range_max: 1999 };
      await give(server, await lab.group('range', [range]));
      const arrives = (dport: number) => alice.arrives(server, packet(alice, server, 4, { proto: 'tcp', dport }));
      await lab.comesToBe('that the range is open', () => arrives(1000));
      const open: number[] = [];
      for (const port of [1, 999, 1000, 1023, 1024, 1535, 1536, 1999, 2000, 2047, 65_535]) {
        if (await arrives(port)) open.push(port);
      }
      expect(open).toEqual([1000, 1023, 1024, 1535, 1536, 1999]);
    });

    it('admits a protocol by its number', async () => {
      const { server, alice } = cast();
      await give(server, await lab.group('vrrp', [{ protocol: '112' }]));
      const arrives = (proto: `${number}`) => alice.arrives(server, packet(alice, server, 4, { proto }));
      await lab.comesToBe('a packet of protocol 112', () => arrives('112'));
      expect(await arrives('47')).toBe(false);
    });
  });

  describe('the far end of a rule', () => {
    const tcp22 = { protocol: 'tcp', port_range_min: 22, port_range_max: 22 };

    it.each(families)('is a prefix, for IPv%i', async (family) => {
      const { server, alice, bob } = cast();
      const remote_ip_prefix = `${alice.address(family)}/${family === 4 ? 32 : 128}`;
      await give(server, await lab.group('prefix', [{ ...tcp22, ethertype: ethertypeOf[family], remote_ip_prefix }]));
      await lab.comesToBe('a connection of alice', () => alice.tcp(server.address(family), 22));
      const probe = packet(bob, server, family, { proto: 'tcp', dport: 22 });
      expect(await bob.arrives(server, probe)).toBe(false);
    });

    it.each(families)('is a group, whose members come and go, for IPv%i', async (family) => {
      const { server, alice, bob } = cast();
      const friends = await lab.group('friends');
      await give(alice, clients);
      const rule = { ...tcp22, ethertype: ethertypeOf[family], remote_group_id: friends };
      await give(server, await lab.group('from friends', [rule]));
      const arrives = (who: SpeakingInstance) =>
        who.arrives(server, packet(who, server, family, { proto: 'tcp', dport: 22 }));
      await lab.comesToBe('that nobody is a member', () => arrives(alice), false);
      await give(alice, clients, friends);
      await lab.comesToBe('a connection of a member', () => alice.tcp(server.address(family), 22));
      expect(await arrives(bob)).toBe(false);
      await give(bob, clients, friends);
      await lab.comesToBe('a connection of another member', () => bob.tcp(server.address(family), 22));
      await give(alice, clients);
      await lab.comesToBe('that a former member is shut out', () => arrives(alice), false);
      expect(await arrives(bob)).toBe(true);
      await give(bob, clients);
    });

    it('is an address group, whose addresses come and go', async () => {
      const { server, alice, bob } = cast();
      const addresses = await lab.addressGroup(`${alice.ip4}/32`);
      const group = await lab.group('from addresses', [{ ...tcp22, remote_address_group_id: addresses }]);
      await give(server, group);
      const arrives = (who: SpeakingInstance) =>
        who.arrives(server, packet(who, server, 4, { proto: 'tcp', dport: 22 }));
      await lab.comesToBe('a connection from the address', () => alice.tcp(server.ip4, 22));
      expect(await arrives(bob)).toBe(false);
      const path = `/v2.0/address-groups/${addresses}`;
      await lab.put(`${path}/add_addresses`, { addresses: [`${bob.ip4}/32`] });
      await lab.comesToBe('a connection from the new address', () => bob.tcp(server.ip4, 22));
      await lab.put(`${path}/remove_addresses`, { addresses: [`${alice.ip4}/32`] });
      await lab.comesToBe('that the removed address is shut out', () => arrives(alice), false);
      expect(await arrives(bob)).toBe(true);
    });
  });

  it('rules about egress say what an instance may send', async () => {
    const { server, alice, bob } = cast();
    const everything = await lab.group('everything', [{ ethertype: 'IPv4' }, { ethertype: 'IPv6' }]);
    await give(server, everything);
    await lab.comesToBe('that port 80 is in reach', () => alice.tcp(server.ip4, 80));
    const narrow = await lab.group('narrow');
    await lab.removeRules(narrow, 'egress');
    await lab.rule(narrow, { direction: 'egress', protocol: 'tcp', port_range_min: 22, port_range_max: 22 });
    await give(alice, narrow);
    const probe = (dport: number, family: 4 | 6 = 4) => packet(alice, server, family, { proto: 'tcp', dport });
    await lab.comesToBe('that port 80 is out of reach', () => alice.arrives(server, probe(80)), false);
    await lab.comesToBe('an answer', () => alice.tcp(server.ip4, 22));
    // iptables changes one family after the other.
    await lab.comesToBe('that IPv6 is out of reach', () => alice.arrives(server, probe(22, 6)), false);
    await lab.comesToBe('an answer', () => bob.tcp(server.ip4, 80));
    await give(alice, clients);
    await lab.comesToBe('that port 80 is in reach', () => alice.tcp(server.ip4, 80));
  });

  it('two groups on a port admit what either admits', async () => {
    const { server, alice } = cast();
    const one = await lab.group('one', [{ protocol: 'tcp', port_range_min: 22, port_range_max: 22 }]);
    const two = await lab.group('two', [{ protocol: 'tcp', port_range_min: 80, port_range_max: 80 }]);
    await give(server, one, two);
    for (const port of [22, 80]) await lab.comesToBe(`port ${port}`, () => alice.tcp(server.ip4, port));
    await give(server, two);
    const arrives = () => alice.arrives(server, packet(alice, server, 4, { proto: 'tcp', dport: 22 }));
    await lab.comesToBe('that port 22 went with its group', arrives, false);
    await lab.comesToBe('an answer', () => alice.tcp(server.ip4, 80));
  });
});
