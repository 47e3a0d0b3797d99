import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ip, ipFromBigInt } from '@neutronium/net/ip';
import { applyChange, viewOf, type HostObject, type HostView } from '@neutronium/model/host-view';
import { brInt } from '../bridges/br-int/pipeline.ts';
import { brTun } from '../bridges/br-tun/pipeline.ts';
import { compile } from '../compile.ts';
import type { HostPlan, Inventory } from '../host-plan.ts';
import { flowDifference, flowSet, type FlowSet } from '../openflow/flow.ts';
import { renderExplained } from '../openflow/render.ts';
import { id, port } from '../sample-host.ts';
import { endpoint, remotePort, tunnelInventory, tunnelled, tunnelObjects, tunnelSettings } from '../sample-tunnels.ts';
import { tunnelPortName } from './tunnels.ts';

const view = viewOf(7, tunnelObjects);

function changed(set: readonly HostObject[], remove: readonly HostObject[] = []): HostView {
  return applyChange(view, { revision: 8, set, remove });
}

function flowsOf(plan: HostPlan, bridge = 'br-tun'): FlowSet {
  return plan.flows.get(bridge) ?? flowSet([]);
}

const inTunnelTables = (plan: HostPlan): readonly string[] =>
  renderExplained(flowsOf(plan), brTun.tables)
    .split('\n')
    .filter((line) => line.includes('output:2') || line.includes('output:3'));

const namesOf = (plan: HostPlan): readonly string[] => plan.tunnels.map(({ name }) => name);

describe('the flows of a host with tunnels', () => {
  const plan = compile(view, tunnelInventory);

  it('of br-tun are these', async () => {
    await expect(renderExplained(flowsOf(plan), brTun.tables)).toMatchFileSnapshot('golden/br-tun.flows');
  });

  it('to a highly available router are these', async () => {
    const roaming = { ...remotePort(54, 5, 'beta'), hosts: ['beta', 'gamma'], roams: true };
    const { add, remove } = flowDifference(
      flowsOf(compile(changed([roaming]), tunnelInventory)),
      flowsOf(plan).flows.values(),
    );
    expect(remove).toEqual([]);
    await expect(renderExplained(flowSet(add), brTun.tables)).toMatchFileSnapshot('golden/roaming.flows');
  });

  it('of br-int let in from br-tun the tunnelled networks and nothing else', () => {
    const lines = renderExplained(flowsOf(plan, 'br-int'), brInt.tables).split('\n');
    expect(lines.filter((line) => /in_port=3\b/.test(line))).toEqual([
      ...[5, 6, 7, 8].map(
        (n) =>
          `table=0, priority=3,in_port=3,dl_vlan=${n} actions=goto_table:59 # ${id('network', n)}: arrives from a tunnel`,
      ),
      'table=0, priority=2,in_port=3 actions=drop # br-int: is no tunnelled network of ours',
    ]);
  });

  it('are nothing on br-tun while the number of its patch port is not known', () => {
    const unknown = compile(view, { ...tunnelInventory, patchPorts: new Map() });
    expect([...unknown.flows.keys()]).toEqual(['br-int']);
  });

  it('change by one remote port exactly by the flows of that port', () => {
    const another = remotePort(54, 5, 'beta');
    const { add, remove } = flowDifference(
      flowsOf(compile(changed([another]), tunnelInventory)),
      flowsOf(plan).flows.values(),
    );
    expect(remove).toEqual([]);
    expect(add.map((flow) => flow.of)).toEqual([another.id, another.id, another.id]);
  });

  it('of a remote port that did not change are the same objects in the next plan, so that a change costs its own size', () => {
    const ofPort = (of: HostPlan) => [...flowsOf(of).flows.values()].filter((flow) => flow.of === id('port', 52));
    const next = ofPort(compile(changed([remotePort(54, 5, 'beta')]), tunnelInventory));
    expect(next.length).toBeGreaterThan(0);
    for (const [index, flow] of ofPort(plan).entries()) expect(next[index]).toBe(flow);
  });

  it('are the same set in the next plan when something else has changed', () => {
    const next = compile(changed([port(51, { network_id: id('network', 5), device_id: 'another' })]), tunnelInventory);
    expect(flowsOf(next)).toBe(flowsOf(plan));
    const numbered = new Map([...tunnelInventory.tunnelPorts, ['vxlan-c0000203', 99] as const]);
    expect(flowsOf(compile(view, { ...tunnelInventory, tunnelPorts: numbered }))).not.toEqual(flowsOf(plan));
  });

  it('and everything else do not depend on the order in which anything came', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...tunnelObjects], { minLength: tunnelObjects.length }), (objects) => {
        expect(compile(viewOf(7, objects), tunnelInventory)).toEqual(plan);
      }),
      { numRuns: 30 },
    );
  });

  it('go to no host that cannot be reached: unknown, of another family, without the type, or without a number', () => {
    const cases: readonly (readonly [HostView, Inventory])[] = [
      [changed([], [endpoint('beta', '192.0.2.2'), endpoint('gamma', '192.0.2.3')]), tunnelInventory],
      [changed([endpoint('beta', '2001:db8::2'), endpoint('gamma', '2001:db8::3')]), tunnelInventory],
      [changed([endpoint('beta', '192.0.2.2', []), endpoint('gamma', '192.0.2.3', ['geneve'])]), tunnelInventory],
      [changed([endpoint('beta', '192.0.2.1'), endpoint('gamma', '192.0.2.1')]), tunnelInventory],
      [view, { ...tunnelInventory, tunnelPorts: new Map() }],
    ];
    for (const [seen, host] of cases) expect(inTunnelTables(compile(seen, host))).toEqual([]);
  });

  it('of a network that is down are none', () => {
    const down = { ...tunnelled(5, 'vxlan', 5005), admin_state_up: false };
    const flows = [...flowsOf(compile(changed([down]), tunnelInventory)).flows.values()];
    expect(flows.filter(({ of }) => [id('network', 5), id('port', 52), id('port', 53)].includes(of))).toEqual([]);
  });
});

describe('the tunnels of a host', () => {
  it('are one for each type and host with which it shares a network', () => {
    expect(compile(view, tunnelInventory).tunnels).toEqual([
      { bridge: 'br-tun', name: 'gre-c0000202', type: 'gre', options: options('192.0.2.2') },
      { bridge: 'br-tun', name: 'vxlan-c0000202', type: 'vxlan', options: options('192.0.2.2', '4789') },
      { bridge: 'br-tun', name: 'vxlan-c0000203', type: 'vxlan', options: options('192.0.2.3', '4789') },
    ]);
  });

  const options = (remote_ip: string, dst_port?: string) => ({
    df_default: 'true',
    in_key: 'flow',
    out_key: 'flow',
    local_ip: '192.0.2.1',
    remote_ip,
    ...(dst_port !== undefined && { dst_port }),
  });

  it('go when the last shared port goes, and come with the first', () => {
    const shared = [52, 72].map((digits) => ({ section: 'remote_ports', id: id('port', digits) }) as const);
    const without = applyChange(view, { revision: 8, set: [], remove: shared });
    expect(namesOf(compile(without, tunnelInventory))).toEqual(['vxlan-c0000203']);
    const again = applyChange(without, { revision: 9, set: [remotePort(72, 7, 'beta')], remove: [] });
    expect(namesOf(compile(again, tunnelInventory))).toEqual(['gre-c0000202', 'vxlan-c0000203']);
  });

  it('are none on a host that has none, whose ports of such networks are dead and say why', () => {
    const plan = compile(view, { ...tunnelInventory, tunnels: null });
    expect(plan.tunnels).toEqual([]);
    expect(plan.bridges.map(({ name, patches }) => [name, patches])).toEqual([['br-int', []]]);
    expect(plan.ports.map(({ deadBecause }) => deadBecause)).toEqual([
      ...Array.from({ length: 2 }, () => 'this host has no vxlan tunnels'),
      'this host has no gre tunnels',
      'this host has no vxlan tunnels',
    ]);
  });

  it('have names that Linux takes, different for different IPv6 addresses', () => {
    const addresses = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => ipFromBigInt(value, 6));
    fc.assert(
      fc.property(
        fc.uniqueArray(addresses, { maxLength: 30 }),
        fc.constantFrom('gre', 'vxlan', 'geneve' as const),
        (all, type) => {
          const names = all.map((address) => tunnelPortName(type, address));
          for (const name of names) expect(name).toMatch(/^(?:gre|vxlan|geneve)-[0-9a-v]{8}$/);
          expect(new Set(names).size).toBe(all.length);
        },
      ),
    );
    expect(tunnelPortName('geneve', ip('1.2.3.4'))).toBe('geneve-01020304');
    const neighbours = Array.from({ length: 2000 }, (_, n) => ipFromBigInt((0xfd00n << 112n) + BigInt(n), 6));
    expect(new Set(neighbours.map((address) => tunnelPortName('vxlan', address))).size).toBe(2000);
  });

  it('end at IPv6 addresses on a host whose own end is one', () => {
    const tunnels = { ...tunnelSettings, localIp: ip('2001:db8::1') };
    const seen = changed([endpoint('beta', '2001:db8::2'), endpoint('gamma', '192.0.2.3')]);
    const plan = compile(seen, { ...tunnelInventory, tunnels });
    expect(plan.tunnels.map(({ type, options: { remote_ip } }) => [type, remote_ip])).toEqual([
      ['gre', '2001:db8::2'],
      ['vxlan', '2001:db8::2'],
    ]);
  });
});
