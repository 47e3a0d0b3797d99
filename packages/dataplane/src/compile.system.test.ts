// Open vSwitch is asked what becomes of packets under the sample host's plan (ofproto/trace; ovs-vswitchd(8)).

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { viewOf } from '@neutronium/model/host-view';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { deadVlan } from './bridges/dead-vlan.ts';
import { compile } from './compile.ts';
import type { HostPlan } from './host-plan.ts';
import { tagged } from './openflow/field.ts';
import { flowSet } from './openflow/flow.ts';
import { renderMatch } from './openflow/match-text.ts';
import { arp, ipv4, neighborAdvertisement, type Match } from './openflow/match.ts';
import { renderFlows } from './openflow/render.ts';
import { sampleInventory, sampleObjects } from './sample-host.ts';
import { packet } from './trace/packet.ts';
import { trace } from './trace/trace.ts';

const everyone = 'ff:ff:ff:ff:ff:ff';
const alice = { port: 'tapcccc0011-00', mac: 'fa:16:3e:00:00:0b', ip: '10.0.0.11' };
const carol = { port: 'tapcccc0012-00', mac: 'fa:16:3e:00:00:0c', ip: '10.0.0.12' };
const bob = { port: 'tapcccc0021-00', mac: 'fa:16:3e:00:00:15', ip: '10.0.0.11' };
const unsecured = 'tapcccc0022-00';
const dhcp = 'tapcccc0002-00';
const onFlat = { port: 'tapcccc0031-00', mac: 'fa:16:3e:00:00:1f' };
const onVlan = { port: 'tapcccc0043-00', mac: 'fa:16:3e:00:00:2b' };
const down = 'tapcccc0041-00';
const wire = 'wire0';

describe.skipIf(missingForLab().length > 0)('a packet on the sample host', () => {
  let host: LabHost;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'alpha' });
    const plan = compile(viewOf(1, sampleObjects), sampleInventory);
    await plug(host, plan);
    for (const [bridge, flows] of plan.flows) {
      const target = `unix:${host.switch.runDir}/${bridge}.mgmt`;
      await host.run(['ovs-ofctl', '-O', 'OpenFlow14', '--bundle', 'replace-flows', target, '-'], {
        stdin: renderFlows(flows),
      });
    }
  });

  afterAll(async () => {
    await host?.dispose();
  });

  /** The devices by which a packet that comes in by `device` leaves, in order; the bridges' own devices left out. */
  async function outputs(device: string, packet: string): Promise<readonly string[]> {
    const bridge = device === wire ? 'br-ex' : 'br-int';
    const text = await host.appctl('ofproto/trace', '--names', bridge, `in_port=${device},${packet}`);
    const actions = text.split('\n').findLast((line) => line.startsWith('Datapath actions: ')) ?? '';
    return devicesOf(actions.replace('Datapath actions: ', '').split(/,(?![^(]*\))/));
  }

  const arpRequest = (from: { mac: string; ip: string }, sender = from.mac) =>
    `arp,dl_src=${sender},dl_dst=${everyone},arp_op=1,arp_sha=${from.mac},arp_spa=${from.ip},arp_tpa=10.0.0.1`;
  const frame = (source: string, rest = '') => `dl_src=${source},dl_dst=${everyone},dl_type=0x0800${rest}`;
  const advertisement = (source: string, target: string) =>
    `icmp6,dl_src=${source},dl_dst=33:33:00:00:00:01,icmpv6_type=136,ipv6_src=${target},ipv6_dst=ff02::1,nd_target=${target}`;

  it('reaches the ports of its own network and no other tenant', async () => {
    expect(await outputs(alice.port, arpRequest(alice))).toEqual([dhcp, carol.port].toSorted());
    expect(await outputs(bob.port, arpRequest(bob))).toEqual([unsecured]);
    expect(await outputs(alice.port, frame(alice.mac))).toEqual([dhcp, carol.port].toSorted());
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
    expect(await outputs(unsecured, frame('02:00:00:00:00:99'))).toEqual([bob.port]);
  });

  it('with a VLAN tag that its sender put on is dropped', async () => {
    expect(await outputs(alice.port, frame(alice.mac, ',dl_vlan=2,dl_vlan_pcp=0'))).toEqual([]);
  });

  it('from a port that may not speak, or that nobody described, is dropped', async () => {
    expect(await outputs(down, frame('fa:16:3e:00:00:29'))).toEqual([]);
    expect(await outputs('stranger', frame('02:00:00:00:00:99'))).toEqual([]);
  });

  it('of a flat network is untagged on the wire, both ways', async () => {
    expect(await outputs(onFlat.port, frame(onFlat.mac))).toEqual([wire]);
    expect(await outputs(wire, frame('02:00:00:00:00:99'))).toEqual([onFlat.port]);
  });

  it("of a VLAN network has the network's tag on the wire, both ways", async () => {
    expect(await outputs(onVlan.port, frame(onVlan.mac))).toEqual([`${wire}/101`]);
    const packet = frame('02:00:00:00:00:99', ',dl_vlan=101,dl_vlan_pcp=0');
    expect(await outputs(wire, packet)).toEqual([onVlan.port]);
  });

  it('with a VLAN of no network of ours stays outside', async () => {
    const packet = frame('02:00:00:00:00:99', ',dl_vlan=777,dl_vlan_pcp=0');
    expect(await outputs(wire, packet)).toEqual([]);
  });

  it('meets the flows that our own trace says', async () => {
    const flows = compile(viewOf(1, sampleObjects), sampleInventory).flows.get('br-int') ?? flowSet([]);
    await fc.assert(
      fc.asyncProperty(nearbyPacket, async (tests) => {
        const sent = Object.fromEntries(Object.entries(tests).map(([name, test]) => [name, test.value]));
        // dump-flows prints icmp_type for both families; what reads a packet wants to be told which.
        const description = renderMatch(tests).replace('icmp_type', 'icmpv6_type');
        const text = await host.appctl('ofproto/trace', 'br-int', description);
        const [onBrInt = ''] = text.split('bridge("br-ex")');
        const met = [...onBrInt.matchAll(/^ *([0-9]+)\. .*?priority ([0-9]+)/gm)].map(([, table, priority]) => [
          table,
          priority,
        ]);
        const expected = trace(flows, packet(sent)).steps.map(({ table, flow }) => [
          String(table),
          String(flow?.priority),
        ]);
        expect(met).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('of a network that is not on the wire does not leave the host', async () => {
    for (const device of [alice.port, bob.port]) expect(await outputs(device, frame(alice.mac))).not.toContain(wire);
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

/** A device that sends a frame with a VLAN tag is written `device/vlan`. */
function devicesOf(actions: readonly string[]): readonly string[] {
  let tag = '';
  const devices: string[] = [];
  for (const action of actions) {
    const pushed = /^push_vlan\(vid=([0-9]+)/.exec(action)?.[1];
    if (pushed !== undefined) tag = `/${pushed}`;
    else if (action === 'pop_vlan') tag = '';
    else if (!['drop', 'br-int', 'br-ex'].includes(action)) devices.push(`${action}${tag}`);
  }
  return devices.toSorted();
}

/** Plugs what the plan names, under the OpenFlow port numbers of the sample's inventory. */
async function plug(host: LabHost, plan: HostPlan): Promise<void> {
  for (const { name } of plan.bridges) {
    await host.vsctl('add-br', name, '--', 'set', 'Bridge', name, 'datapath_type=netdev', 'fail_mode=secure');
    await host.vsctl('set', 'Bridge', name, 'protocols=[OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15]');
  }
  for (const bridge of plan.bridges) {
    for (const { name, peer } of bridge.patches) {
      const ofport = sampleInventory.patchPorts.get(name) ?? 0;
      await addPort(host, bridge.name, name, ['type=patch', `options:peer=${peer}`, `ofport_request=${ofport}`]);
    }
  }
  for (const { portId, device, tag } of plan.ports) {
    const ofport = sampleInventory.plugged.get(portId)?.ofport ?? 0;
    await addPort(host, 'br-int', device, ['type=internal', `ofport_request=${ofport}`]);
    await host.vsctl('set', 'Port', device, `tag=${tag}`);
  }
  // What plugs a device gives it the dead VLAN: without a tag it would be a trunk and hear every network.
  await addPort(host, 'br-int', 'stranger', ['type=internal']);
  await host.vsctl('set', 'Port', 'stranger', `tag=${deadVlan}`);
  await addPort(host, 'br-ex', wire, ['type=internal']);
}

async function addPort(host: LabHost, bridge: string, name: string, settings: readonly string[]): Promise<void> {
  await host.vsctl('add-port', bridge, name, '--', 'set', 'Interface', name, ...settings);
}
