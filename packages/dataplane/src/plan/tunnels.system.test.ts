// Open vSwitch is asked what becomes of frames on the tunnel bridge of the sample host (ofproto/trace; ovs-vswitchd(8)).

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { viewOf } from '@neutronium/model/host-view';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { compile } from '../compile.ts';
import { tagged } from '../openflow/field.ts';
import { flowSet } from '../openflow/flow.ts';
import { renderMatch } from '../openflow/match-text.ts';
import { arp, ipv4, neighborSolicitation, type Match } from '../openflow/match.ts';
import { renderFlows } from '../openflow/render.ts';
import { tunnelInventory, tunnelObjects } from '../sample-tunnels.ts';
import { packet } from '../trace/packet.ts';
import { trace } from '../trace/trace.ts';

const everyone = mac('ff:ff:ff:ff:ff:ff');
const [patch, ofBeta, ofGamma, greOfBeta] = [4, 22, 23, 32];

describe.skipIf(missingForLab().length > 0)('a frame on the tunnel bridge', () => {
  const plan = compile(viewOf(1, tunnelObjects), tunnelInventory);
  const flows = plan.flows.get('br-tun') ?? flowSet([]);
  let host: LabHost;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'alpha' });
    await host.vsctl('add-br', 'br-tun', '--', 'set', 'Bridge', 'br-tun', 'datapath_type=netdev', 'fail_mode=secure');
    await host.vsctl('set', 'Bridge', 'br-tun', 'protocols=[OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15]');
    await addPort('patch-int', ['type=patch', 'options:peer=patch-tun', `ofport_request=${patch}`]);
    for (const { name, type, options } of plan.tunnels) {
      const ofport = tunnelInventory.tunnelPorts.get(name) ?? 0;
      const settings = Object.entries(options).map(([key, value]) => `options:${key}="${value}"`);
      await addPort(name, [`type=${type}`, `ofport_request=${ofport}`, ...settings]);
    }
    await host.run(
      ['ovs-ofctl', '-O', 'OpenFlow14', '--bundle', 'replace-flows', `unix:${host.switch.runDir}/br-tun.mgmt`, '-'],
      { stdin: renderFlows(flows) },
    );
  });
  afterAll(async () => {
    await host?.dispose();
  });

  async function addPort(name: string, settings: readonly string[]): Promise<void> {
    await host.vsctl('add-port', 'br-tun', name, '--', 'set', 'Interface', name, ...settings);
  }

  /** Tables and priorities that the frame meets, and the ports by which it leaves, as Open vSwitch has it. */
  async function asked(tests: Match): Promise<{ met: readonly string[]; left: readonly string[] }> {
    const description = renderMatch(tests).replace('icmp_type', 'icmpv6_type');
    const text = await host.appctl('ofproto/trace', 'br-tun', description);
    const [onBrTun = ''] = text.split('Final flow');
    return {
      met: [...onBrTun.matchAll(/^ *([0-9]+)\. .*?priority ([0-9]+)/gm)].map(
        ([, table, priority]) => `${table}/${priority}`,
      ),
      left: [...onBrTun.matchAll(/^ +(?:output:([0-9]+)|(IN_PORT))$/gm)].map(([, port, back]) => port ?? back ?? ''),
    };
  }

  /** The same as our own trace has it. */
  function expected(tests: Match): { met: readonly string[]; left: readonly string[] } {
    const sent = Object.fromEntries(Object.entries(tests).map(([name, test]) => [name, test.value]));
    const { steps, exits } = trace(flows, packet(sent));
    return {
      met: steps.map(({ table, flow }) => `${table}/${flow?.priority}`),
      left: exits.map(({ port }) => String(port)),
    };
  }

  const nearby: fc.Arbitrary<Match> = fc
    .record({
      in_port: fc.constantFrom(patch, ofBeta, ofGamma, greOfBeta, 99),
      vlan_vid: fc.constantFrom({ value: 0n, mask: 0n }, tagged(5), tagged(6), tagged(7), tagged(9)),
      tun_id: fc.constantFrom(5005, 6006, 7, 1),
      eth_dst: fc.constantFrom('fa:16:3e:00:00:34', '00:00:5e:00:01:01', everyone, '33:33:ff:00:00:34').map(mac),
      asked: fc.constantFrom('10.0.0.52', '10.0.0.99').map(ip),
      target: fc.constantFrom('2001:db8::52', 'fe80::1').map(ip),
      arp_op: fc.constantFrom(1, 2),
      kind: fc.constantFrom('arp', 'solicitation', 'other'),
    })
    .map(({ asked: address, target, arp_op, kind, ...frame }) => {
      if (kind === 'arp') return arp({ ...frame, arp_op, arp_tpa: address });
      return kind === 'solicitation' ? neighborSolicitation({ ...frame, nd_target: target }) : ipv4(frame);
    });

  it('meets the flows, and leaves by the ports, that our own trace says', async () => {
    await fc.assert(
      fc.asyncProperty(nearby, async (tests) => {
        expect(await asked(tests)).toEqual(expected(tests));
      }),
      { numRuns: 100 },
    );
  });

  it('goes to the one host of its destination, or to those that have ports of its network', async () => {
    const sent = { in_port: patch, vlan_vid: tagged(5) };
    expect((await asked(ipv4({ ...sent, eth_dst: mac('fa:16:3e:00:00:34') }))).left).toEqual([String(ofBeta)]);
    expect((await asked(ipv4({ ...sent, eth_dst: everyone }))).left).toEqual([ofBeta, ofGamma].map(String));
    expect((await asked(ipv4({ ...sent, vlan_vid: tagged(6), eth_dst: everyone }))).left).toEqual([String(ofGamma)]);
  });

  it('of a network that is not here, or without one, goes nowhere', async () => {
    expect((await asked(ipv4({ in_port: ofBeta, tun_id: 4004, eth_dst: everyone }))).left).toEqual([]);
    expect((await asked(ipv4({ in_port: greOfBeta, tun_id: 5005, eth_dst: everyone }))).left).toEqual([]);
    expect((await asked(ipv4({ in_port: patch, vlan_vid: tagged(9), eth_dst: everyone }))).left).toEqual([]);
    expect((await asked(ipv4({ in_port: patch, eth_dst: everyone }))).left).toEqual([]);
  });

  it('that asks for the address of another host comes back answered', async () => {
    const question = arp({
      in_port: patch,
      vlan_vid: tagged(5),
      eth_dst: everyone,
      arp_op: 1,
      arp_tpa: ip('10.0.0.52'),
    });
    expect((await asked(question)).left).toEqual(['IN_PORT']);
  });
});
