// Open vSwitch is asked what becomes of packets under the sample host's plan (ofproto/trace; ovs-vswitchd(8)).

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { eui64Address, linkLocalPrefix } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { viewOf } from '@neutronium/model/host-view';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { deadVlan } from './bridges/dead-vlan.ts';
import { compile } from './compile.ts';
import { tagged } from './openflow/field.ts';
import { flowSet } from './openflow/flow.ts';
import { arp, ipv4, neighborAdvertisement, type Match } from './openflow/match.ts';
import { sampleInventory, sampleObjects } from './sample-host.ts';
import { askSwitch, metInTrace, outputsOf, plug, replaceFlows, wire } from './switch-under-test.ts';
import { packetOf } from './trace/packet.ts';
import { trace } from './trace/trace.ts';

const everyone = 'ff:ff:ff:ff:ff:ff';
const alice = { port: 'tapcccc0011-00', mac: 'fa:16:3e:00:00:0b', ip: '10.0.0.11' };
const carol = { port: 'tapcccc0012-00', mac: 'fa:16:3e:00:00:0c', ip: '10.0.0.12' };
const bob = { port: 'tapcccc0021-00', mac: 'fa:16:3e:00:00:15', ip: '10.0.0.11' };
const unsecured = 'tapcccc0022-00';
const dhcp = 'tapcccc0002-00';
const onFlat = { port: 'tapcccc0031-00', mac: 'fa:16:3e:00:00:1f' };
const onVlan = { port: 'tapcccc0043-00', mac: 'fa:16:3e:00:00:2b' };
const linkLocal = ({ mac: address }: { mac: string }) => eui64Address(linkLocalPrefix, mac(address));
const stranger = { mac: '02:00:00:00:00:99', ip: '10.0.0.99' };
const down = 'tapcccc0041-00';

describe.skipIf(missingForLab().length > 0)('a packet on the sample host', () => {
  let host: LabHost;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'alpha' });
    const plan = compile(viewOf(1, sampleObjects), sampleInventory);
    await plug(host, plan, sampleInventory);
    await replaceFlows(host, plan);
  });

  afterAll(async () => {
    await host?.dispose();
  });

  /** The devices by which a packet that comes in by `device` leaves, in order; the bridges' own devices left out. */
  async function outputs(device: string, packet: string): Promise<readonly string[]> {
    const bridge = device === wire ? 'br-ex' : 'br-int';
    return outputsOf(await host.appctl('ofproto/trace', '--names', bridge, `in_port=${device},${packet}`));
  }

  const arpRequest = (from: { mac: string; ip: string }, sender = from.mac) =>
    `arp,dl_src=${sender},dl_dst=${everyone},arp_op=1,arp_sha=${from.mac},arp_spa=${from.ip},arp_tpa=10.0.0.1`;
  const frame = (source: string, rest = '') => `dl_src=${source},dl_dst=${everyone},dl_type=0x0800${rest}`;
  const advertisement = (source: string, target: string) =>
    `icmp6,dl_src=${source},dl_dst=33:33:00:00:00:01,icmpv6_type=136,ipv6_src=${target},ipv6_dst=ff02::1,nd_target=${target}`;

  const solicitation = (source: string, from: string) =>
    `icmp6,dl_src=${source},dl_dst=33:33:ff:00:00:01,icmpv6_type=135,ipv6_src=${from},ipv6_dst=ff02::1:ff00:1,nd_target=fe80::1`;

  it('reaches the ports of its own network and no other tenant', async () => {
    expect(await outputs(alice.port, arpRequest(alice))).toEqual([dhcp, carol.port].toSorted());
    expect(await outputs(bob.port, arpRequest(bob))).toEqual([unsecured]);
  });

  it('that claims the address of another port by ARP is dropped', async () => {
    expect(await outputs(alice.port, arpRequest({ mac: alice.mac, ip: carol.ip }))).toEqual([]);
    expect(await outputs(alice.port, arpRequest({ mac: carol.mac, ip: alice.ip }, alice.mac))).toEqual([]);
  });

  it('that claims an allowed pair is forwarded, its address alone is not', async () => {
    const virtual = { mac: '00:00:5e:00:01:01', ip: '10.0.0.100' };
    expect(await outputs(carol.port, arpRequest(virtual))).toEqual([dhcp, alice.port].toSorted());
    expect(await outputs(carol.port, arpRequest({ mac: carol.mac, ip: '10.0.1.77' }))).toEqual(
      [dhcp, alice.port].toSorted(),
    );
    expect(await outputs(carol.port, arpRequest({ mac: carol.mac, ip: virtual.ip }))).toEqual([]);
  });

  it('that advertises the address of another port by neighbour discovery is dropped', async () => {
    expect(await outputs(alice.port, advertisement(alice.mac, 'fe80::f816:3eff:fe00:b'))).not.toEqual([]);
    expect(await outputs(alice.port, advertisement(alice.mac, 'fe80::f816:3eff:fe00:c'))).toEqual([]);
  });

  it('from a foreign MAC address is dropped, unless the port has no port security', async () => {
    expect(await outputs(alice.port, frame(carol.mac))).toEqual([]);
    expect(await outputs(unsecured, arpRequest({ mac: '02:00:00:00:00:99', ip: '10.0.0.99' }))).toEqual([bob.port]);
  });

  it('with a VLAN tag that its sender put on is dropped', async () => {
    expect(await outputs(alice.port, frame(alice.mac, ',dl_vlan=2,dl_vlan_pcp=0'))).toEqual([]);
  });

  it('from a port that may not speak, or that nobody described, is dropped', async () => {
    expect(await outputs(down, frame('fa:16:3e:00:00:29'))).toEqual([]);
    expect(await outputs('stranger', frame('02:00:00:00:00:99'))).toEqual([]);
  });

  it('of a flat network is untagged on the wire, both ways', async () => {
    expect(await outputs(onFlat.port, solicitation(onFlat.mac, linkLocal(onFlat)))).toEqual([wire]);
    expect(await outputs(wire, arpRequest(stranger))).toEqual([onFlat.port]);
  });

  it("of a VLAN network has the network's tag on the wire, both ways", async () => {
    expect(await outputs(onVlan.port, solicitation(onVlan.mac, linkLocal(onVlan)))).toEqual([`${wire}/101`]);
    expect(await outputs(wire, `${arpRequest(stranger)},dl_vlan=101,dl_vlan_pcp=0`)).toEqual([onVlan.port]);
  });

  it('with a VLAN of no network of ours stays outside', async () => {
    expect(await outputs(wire, `${arpRequest(stranger)},dl_vlan=777,dl_vlan_pcp=0`)).toEqual([]);
  });

  const dhcpOf = (from: { mac: string }, source: string, ports: string, to = everyone) =>
    `udp,dl_src=${from.mac},dl_dst=${to},nw_src=${source},nw_dst=255.255.255.255,${ports}`;
  const client = 'udp_src=68,udp_dst=67';
  const server = 'udp_src=67,udp_dst=68';

  it('that asks by DHCP reaches the server, and only those ports whose rules want it', async () => {
    expect(await outputs(alice.port, dhcpOf(alice, '0.0.0.0', client))).toEqual([dhcp]);
    expect(await outputs(alice.port, dhcpOf(alice, alice.ip, client))).toEqual([dhcp, carol.port]);
    expect(await outputs(alice.port, dhcpOf(carol, '0.0.0.0', client))).toEqual([]);
  });

  it('that answers as a DHCP server is dropped unless it comes from one', async () => {
    expect(await outputs(alice.port, dhcpOf(alice, alice.ip, server, carol.mac))).toEqual([]);
    expect(await outputs(dhcp, dhcpOf({ mac: 'fa:16:3e:00:00:02' }, '10.0.0.2', server, carol.mac))).toEqual([
      carol.port,
    ]);
    const server6 = `udp6,dl_src=${alice.mac},dl_dst=${carol.mac},ipv6_src=${linkLocal(alice)},ipv6_dst=${linkLocal(carol)}`;
    expect(await outputs(alice.port, `${server6},udp_src=547,udp_dst=546`)).toEqual([]);
  });

  it('that announces a router, or sends others elsewhere, is dropped from an instance', async () => {
    const from = `dl_src=${alice.mac},dl_dst=33:33:00:00:00:01,ipv6_src=${linkLocal(alice)},ipv6_dst=ff02::1`;
    for (const type of [134, 137]) expect(await outputs(alice.port, `icmp6,${from},icmpv6_type=${type}`)).toEqual([]);
    const router = `icmp6,dl_src=fa:16:3e:00:00:02,dl_dst=33:33:00:00:00:01,ipv6_src=fe80::1,ipv6_dst=ff02::1`;
    expect(await outputs(dhcp, `${router},icmpv6_type=134`)).toEqual([alice.port, carol.port]);
  });

  it('that solicits a neighbour is forwarded from an own address only', async () => {
    expect(await outputs(alice.port, solicitation(alice.mac, linkLocal(alice)))).toEqual([dhcp, carol.port]);
    expect(await outputs(alice.port, solicitation(alice.mac, linkLocal(carol)))).toEqual([]);
    expect(await outputs(alice.port, solicitation(carol.mac, linkLocal(alice)))).toEqual([]);
  });

  it('that asks whether an address is free is forwarded for an own address only', async () => {
    const detection = (target: string) =>
      `icmp6,dl_src=${alice.mac},dl_dst=33:33:ff:00:00:0b,icmpv6_type=135,ipv6_src=::,ipv6_dst=ff02::1:ff00:b,nd_target=${target}`;
    expect(await outputs(alice.port, detection(linkLocal(alice)))).toEqual([dhcp, carol.port]);
    expect(await outputs(alice.port, detection(linkLocal(carol)))).toEqual([]);
  });

  it('that reports multicast groups is forwarded from no address yet, and nothing else is', async () => {
    const from = (source: string) => `dl_src=${source},dl_dst=33:33:00:00:00:16,ipv6_src=::,ipv6_dst=ff02::16`;
    expect(await outputs(alice.port, `icmp6,${from(alice.mac)},icmpv6_type=143`)).toEqual([dhcp, carol.port]);
    expect(await outputs(alice.port, `icmp6,${from(carol.mac)},icmpv6_type=143`)).toEqual([]);
    expect(await outputs(alice.port, `udp6,${from(alice.mac)},udp_dst=5353`)).toEqual([]);
  });

  it('from a foreign IP address is dropped', async () => {
    const to = (source: string) =>
      `icmp,dl_src=${alice.mac},dl_dst=${carol.mac},nw_src=${source},nw_dst=${carol.ip},icmp_type=8`;
    expect(await outputs(alice.port, to(alice.ip))).toEqual([carol.port]);
    expect(await outputs(alice.port, to('10.0.0.99'))).toEqual([]);
  });

  it('meets the flows that our own trace says', async () => {
    const flows = compile(viewOf(1, sampleObjects), sampleInventory).flows.get('br-int') ?? flowSet([]);
    await fc.assert(
      fc.asyncProperty(nearbyPacket, async (tests) => {
        const ours = trace(flows, packetOf(tests));
        const { met } = await askSwitch(host, tests, ours);
        expect(met).toEqual(metInTrace(ours));
      }),
      { numRuns: 100 },
    );
  });

  it('of a network that is not on the wire does not leave the host', async () => {
    for (const who of [alice, bob]) expect(await outputs(who.port, arpRequest(who))).not.toContain(wire);
  });
});

/** Packets of the sample's ports that say, or nearly say, what the sample allows. */
const nearbyPacket: fc.Arbitrary<Match> = fc
  .record({
    in_port: fc.constantFrom(...[...sampleInventory.plugged.values()].map((device) => device.ofport), 1),
    eth_src: fc.constantFrom(alice.mac, carol.mac, bob.mac, '00:00:5e:00:01:01').map(mac),
    // Without a test of the tag the packet has none.
    vlan_vid: fc.constantFrom({ value: 0n, mask: 0n }, tagged(2), tagged(101), tagged(deadVlan)),
    sender: fc.constantFrom(alice.mac, carol.mac, '00:00:5e:00:01:01').map(mac),
    claimed: fc.constantFrom(alice.ip, carol.ip, '10.0.0.100', '10.0.1.7').map(ip),
    target: fc.constantFrom('fe80::f816:3eff:fe00:b', 'fe80::f816:3eff:fe00:c').map(ip),
    kind: fc.constantFrom('arp', 'advertisement', 'other'),
  })
  .map(({ sender, claimed, target, kind, ...frame }) => {
    if (kind === 'arp') return arp({ ...frame, arp_op: 1, arp_sha: sender, arp_spa: claimed });
    return kind === 'advertisement' ? neighborAdvertisement({ ...frame, nd_target: target }) : ipv4(frame);
  });
