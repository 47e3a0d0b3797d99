// Ports whose rules are not in force: those that are just being plugged, and those whose rules the host cannot carry out.
// Nothing passes, however early or often it is tried, and the port is not ACTIVE.

import { beforeAll, expect, it } from 'vitest';
import { listPorts } from '../instances.ts';
import { SpeakingInstance, type Frame, type InstanceFacts } from '@neutronium/testkit/lab/speaking-instance';
import { withLabs, type SecurityLab } from './lab.ts';

withLabs((theLab, driver) => {
  let lab: SecurityLab;
  let neighbour: SpeakingInstance | undefined;

  beforeAll(async () => {
    lab = theLab();
    const open = await lab.group('open', [{ ethertype: 'IPv4' }, { ethertype: 'IPv6' }]);
    neighbour = await lab.instance('neighbour', { security_groups: [open] });
  });

  /** A namespace with a device that is not plugged yet. */
  async function unplugged(facts: InstanceFacts, device: string): Promise<SpeakingInstance> {
    await lab.embedded.host.script(`
      ip netns add vm-${facts.name}
      ip link add ${device} type veth peer name eth0 address ${facts.mac} netns vm-${facts.name}
      ip link set ${device} up
      ip netns exec vm-${facts.name} ethtool -K eth0 tx off >/dev/null
      ip -n vm-${facts.name} link set eth0 up`);
    return await SpeakingInstance.within(lab.embedded, facts);
  }

  it('nothing passes, in neither direction, while others try all the time', async () => {
    if (neighbour === undefined) throw new Error('the neighbour has not arrived');
    const closed = await lab.group('closed');
    await lab.removeRules(closed, 'egress');
    for (const round of [1, 2, 3]) {
      const facts = await lab.port(`late${round}`, { security_groups: [closed] });
      // What os-vif and iptables call it.
      const device = `tap${facts.portId.slice(0, 11)}`;
      const late = await unplugged(facts, device);
      const inward: Frame = { proto: 'udp', dport: 9, eth_dst: late.mac, dst: late.ip4 };
      const outward: Frame = { proto: 'udp', dport: 9, eth_dst: neighbour.mac, dst: neighbour.ip4 };
      const toAll = 'ff:ff:ff:ff:ff:ff';
      await neighbour.forget();
      await neighbour.repeat(inward, { ...inward, eth_dst: toAll, dst: '255.255.255.255' });
      await late.repeat(outward, { ...outward, eth_dst: toAll, dst: '255.255.255.255' });
      await lab.embedded.neutronium(['port', 'plug', facts.portId, device, '--cloud', 'demo']);
      // It is connected now: ARP passes in both directions, and still nothing else.
      expect(await neighbour.arrives(late, inward)).toBe(false);
      for (const instance of [neighbour, late]) await instance.hush();
      expect(await late.seen({ proto: 'udp', dport: 9 })).toBe(0);
      expect(await neighbour.seen({ proto: 'udp', dport: 9, eth_src: late.mac })).toBe(0);
      await lab.embedded.host.script(`ip link delete ${device}; ip netns delete vm-${facts.name}`);
      await lab.remove('ports', facts.portId);
    }
  });

  if (driver === 'openvswitch')
    it('a port whose rules flows cannot express is DOWN, and says why', async () => {
      if (neighbour === undefined) throw new Error('the neighbour has not arrived');
      const group = await lab.group('odd', [{ ethertype: 'IPv4' }]);
      const odd = await lab.instance('odd', { security_groups: [group] });
      const hears: Frame = { proto: 'udp', dport: 9, eth_dst: odd.mac, dst: odd.ip4 };
      expect(await neighbour.arrives(odd, hears)).toBe(true);

      const rule = await lab.rule(group, { protocol: 'udplite', port_range_min: 9, port_range_max: 9 });
      await lab.comesToBe('a port that is DOWN', async () => (await statusOf(odd)) === 'DOWN');
      const reason = `rule ${rule} of security group odd: Open vSwitch cannot match ports of UDPLITE`;
      for (const command of [
        ['port', 'status'],
        ['vm', 'list'],
      ]) {
        expect((await lab.embedded.neutronium(command)).stdout).toContain(reason);
      }
      await odd.forget();
      await neighbour.repeat(hears);
      // Its neighbour is told nothing by it either; what both say would have passed both ways by the time of the ping.
      await odd.send({ proto: 'udp', dport: 9, eth_dst: neighbour.mac, dst: neighbour.ip4 });
      expect(await neighbour.ping(odd.ip4)).toBe(false);
      await neighbour.hush();
      expect(await odd.seen({ proto: 'udp' })).toBe(0);
      expect(await neighbour.seen({ proto: 'udp', eth_src: odd.mac })).toBe(0);

      await lab.remove('security-group-rules', rule);
      await lab.comesToBe('a port that is ACTIVE again', async () => (await statusOf(odd)) === 'ACTIVE');
      expect(await neighbour.arrives(odd, hears)).toBe(true);
    });

  async function statusOf({ portId }: InstanceFacts): Promise<string | undefined> {
    const [port] = await listPorts(lab.embedded, `id=${portId}`);
    return port?.status;
  }
});
