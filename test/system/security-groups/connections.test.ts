// What becomes of connections when rules change, what groups without state do, and what people find on the switch who
// follow Neutron's guides.

import { beforeAll, describe, expect, it } from 'vitest';
import type { Frame, SpeakingInstance } from '@neutronium/testkit/lab/speaking-instance';
import { withLabs, type SecurityLab } from './lab.ts';

const udp53 = { protocol: 'udp', port_range_min: 53, port_range_max: 53 };
const ssh = { protocol: 'tcp', port_range_min: 22, port_range_max: 22 };

withLabs((theLab, driver) => {
  let lab: SecurityLab;
  let clients: string;
  let [server, client]: SpeakingInstance[] = [];

  beforeAll(async () => {
    lab = theLab();
    clients = await lab.group('clients');
    server = await lab.instance('server', { security_groups: [clients] });
    client = await lab.instance('client', { security_groups: [clients] });
    await server.listen('tcp', 22);
    await server.listen('udp', 53);
  });

  const cast = () => {
    if (server === undefined || client === undefined) throw new Error('the cast has not arrived');
    return { server, client };
  };
  const give = (instance: SpeakingInstance, ...security_groups: readonly string[]) =>
    lab.updatePort(instance.portId, { security_groups });

  describe('an established connection', () => {
    it.each([4, 6] as const)(
      'ends within a second of the end of its rule, and others go on, for IPv%i',
      async (family) => {
        const { server, client } = cast();
        const ethertype = family === 4 ? 'IPv4' : 'IPv6';
        const group = await lab.group('cut');
        const rule = await lab.rule(group, { ...ssh, ethertype });
        const kept = await lab.group('kept', [{ protocol: 'udp', ethertype }]);
        await give(server, group, kept);
        await lab.comesToBe('a connection', () => client.tcp(server.address(family), 22));
        const name = `cut-${family}`;
        await client.open(name, server.address(family), 22);
        expect(await client.exchange(name, 5)).toBe(true);
        const removedAt = performance.now();
        await lab.remove('security-group-rules', rule);
        // What is said over it is answered at once, or never.
        await lab.comesToBe('the end of the connection', () => client.exchange(name, 0.1), false);
        const tookMs = Math.round(performance.now() - removedAt);
        console.log(
          `${driver}: an established connection (IPv${family}) was cut ${tookMs} ms after its rule's removal`,
        );
        await lab.comesToBe('an answer by UDP', () => client.udp(server.address(family), 53));
      },
    );

    it('survives that another rule is removed which admits it too', async () => {
      const { server, client } = cast();
      const group = await lab.group('twice', [ssh]);
      const other = await lab.rule(group, { protocol: 'tcp' });
      await give(server, group);
      await lab.comesToBe('a connection', () => client.tcp(server.ip4, 22));
      await client.open('twice', server.ip4, 22);
      await lab.remove('security-group-rules', other);
      const open = () => client.arrives(server, { proto: 'tcp', dport: 80 });
      await lab.comesToBe('that port 80 is closed', open, false);
      expect(await client.exchange('twice', 5)).toBe(true);
    });

    it('goes on when its rule comes back', async () => {
      const { server, client } = cast();
      const group = await lab.group('again');
      const rule = await lab.rule(group, ssh);
      await give(server, group);
      await lab.comesToBe('a connection', () => client.tcp(server.ip4, 22));
      await client.open('again', server.ip4, 22);
      await lab.remove('security-group-rules', rule);
      await lab.comesToBe('the end of the connection', () => client.exchange('again', 0.1), false);
      await lab.rule(group, ssh);
      await lab.comesToBe('a new connection', () => client.tcp(server.ip4, 22));
      // TCP itself sends again what was lost meanwhile, later and later.
      expect(await client.exchange('again', 30)).toBe(true);
    });
  });

  it.each([4, 6] as const)('datagrams in fragments belong to their exchange, for IPv%i', async (family) => {
    const { server, client } = cast();
    const ethertype = family === 4 ? 'IPv4' : 'IPv6';
    await give(server, await lab.group('large', [{ ...udp53, ethertype }]));
    await lab.comesToBe('an answer by UDP', () => client.udp(server.address(family), 53));
    expect(await client.udpOf(4000, server.address(family), 53, 2)).toBe(true);
    expect(await client.udp(server.address(family), 53)).toBe(true);
  });

  it('a port does not inherit the connections of the one that had its address before', async () => {
    const { client } = cast();
    const closed = await lab.group('closed');
    const before = await lab.instance('before', { security_groups: [closed] });
    const question: Frame = { proto: 'udp', sport: 161, dport: 9999 };
    const answer: Frame = { proto: 'udp', sport: 9999, dport: 161 };
    await give(client, await lab.group('hears all', [{}]));
    await lab.comesToBe('a question that arrives', () => before.arrives(client, question));
    await lab.comesToBe('an answer that arrives', () => client.arrives(before, answer));
    const { ip4, ip6, mac } = before;
    await lab.removeInstance(before);
    const addresses = [ip4, ip6].map((ip_address) => ({ ip_address }));
    const after = await lab.instance('after', { security_groups: [closed], fixed_ips: addresses, mac_address: mac });
    expect(after.ip4).toBe(ip4);
    expect(await client.arrives(after, answer)).toBe(false);
    // It is told what it asks for itself.
    expect(await after.arrives(client, question)).toBe(true);
    expect(await client.arrives(after, answer)).toBe(true);
    await lab.removeInstance(after);
    await give(client, clients);
  });

  it('groups without state admit what their rules admit, and no answers', async () => {
    const { server, client } = cast();
    const stateless = { stateful: false };
    await give(client, await lab.group('mute', [], stateless));
    const open = await lab.group('open', [{}, { ethertype: 'IPv6' }]);
    await give(server, open);
    // The question arrives, and its answer has no rule.
    const question = { proto: 'udp', dport: 53, sport: 5353 } as const;
    await lab.comesToBe('a question that arrives', () => client.arrives(server, question));
    const answer = { proto: 'udp', sport: 53, dport: 5353 } as const;
    await lab.comesToBe('that answers do not arrive', () => server.arrives(client, answer), false);
    expect(await client.udp(server.ip4, 53)).toBe(false);
    await give(client, await lab.group('hearing', [{ protocol: 'udp' }], stateless));
    await lab.comesToBe('an answer by UDP', () => client.udp(server.ip4, 53));
    await give(client, clients);
  });

  if (driver === 'openvswitch')
    it('a rule is found where Neutron’s guides look for it', async () => {
      const { server } = cast();
      await give(server, await lab.group('of its own', [ssh]));
      const dump = () => lab.embedded.host.script(`ovs-ofctl dump-flows br-int | grep tp_dst=22 || true`);
      await lab.comesToBe('two flows', async () => (await dump()).trim().split('\n').length === 2);
      const lines = (await dump()).trim().split('\n');
      for (const line of lines) expect(line).toMatch(/ table=82, .* priority=77,ct_state=\S+,tcp,reg5=\S+,tp_dst=22 /);
      const { stdout } = await lab.embedded.neutronium([
        'flows',
        '--table',
        '82',
        '--port',
        server.portId,
        '--explain',
      ]);
      expect(stdout).toContain('security group of its own');
    });
});
