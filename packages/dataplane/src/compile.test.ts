import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyChange, viewOf, type HostObject, type PortView } from '@neutronium/model/host-view';
import { brInt } from './bridges/br-int/pipeline.ts';
import { brPhys } from './bridges/br-phys/pipeline.ts';
import { deadVlan } from './bridges/dead-vlan.ts';
import { allocateConntrackZones, allocateLocalVlans, compile } from './compile.ts';
import { hybridDevices } from './firewall/hybrid/names.ts';
import type { HostPlan, Inventory } from './host-plan.ts';
import { flowDifference, type Flow, type FlowSet } from './openflow/flow.ts';
import { matchKey } from './openflow/match.ts';
import { renderExplained } from './openflow/render.ts';
import { group, id, inventory, network, plugged, port, rule, sampleInventory, sampleObjects } from './sample-host.ts';

const view = viewOf(7, sampleObjects);

function flowsOf(plan: HostPlan, bridge: string): FlowSet {
  const flows = plan.flows.get(bridge);
  if (flows === undefined) throw new Error(`the plan says nothing about ${bridge}`);
  return flows;
}

function shuffledMap<K, V>(map: ReadonlyMap<K, V>): fc.Arbitrary<ReadonlyMap<K, V>> {
  return fc.shuffledSubarray([...map], { minLength: map.size }).map((entries) => new Map(entries));
}

describe('the flows of a host', () => {
  it('of br-int are these', async () => {
    const text = renderExplained(flowsOf(compile(view, sampleInventory), 'br-int'), brInt.tables);
    await expect(text).toMatchFileSnapshot('golden/br-int.flows');
  });

  it('of a provider bridge are these', async () => {
    const text = renderExplained(flowsOf(compile(view, sampleInventory), 'br-ex'), brPhys.tables);
    await expect(text).toMatchFileSnapshot('golden/br-ex.flows');
  });

  it('of br-int are these where a Linux bridge before it filters', async () => {
    const behindBridges = [...sampleInventory.plugged.values()].map(({ portId, ofport, ifindex }) => {
      return { portId, ofport, ifindex, device: hybridDevices.switchEnd(portId) };
    });
    const seen: Inventory = { ...inventory(behindBridges), firewallDriver: 'iptables_hybrid' };
    const conntrackZones = allocateConntrackZones(view, seen, new Map());
    const flows = flowsOf(compile(view, { ...seen, conntrackZones }), 'br-int');
    await expect(renderExplained(flows, brInt.tables)).toMatchFileSnapshot('golden/br-int-hybrid.flows');
  });

  it('grow by one port exactly by the flows of that port, and reach it when they are for everyone', () => {
    for (const added of sampleObjects.filter((object) => object.section === 'ports')) {
      // The second port of a group is what makes its rules common: see the test of what a port costs.
      if (added.security_groups.includes(id('group', 1))) continue;
      const without = applyChange(view, { revision: 8, set: [], remove: [added] });
      const devices = new Map([...sampleInventory.plugged].filter(([portId]) => portId !== added.id));
      const before = flowsOf(compile(without, { ...sampleInventory, plugged: devices }), 'br-int');
      const after = flowsOf(compile(view, sampleInventory), 'br-int');
      const { add, remove } = flowDifference(after, before.flows.values());
      expect(remove).toEqual([]);
      const others = add.filter((flow) => flow.of !== added.id && !rulesOf(added).has(flow.of));
      expect(others.length).toBeLessThanOrEqual(4);
      for (const flow of others) expect(flow.of).toBe(added.network_id);
    }
  });

  it('of a port that did not change are the same objects in the next plan, so that a change costs its own size', () => {
    const [unchanged, changed] = [id('port', 12), view.ports.get(id('port', 11))];
    if (changed === undefined) throw new Error('the sample has no port 11');
    const next = applyChange(view, { revision: 8, set: [{ ...changed, revision_number: 2 }], remove: [] });
    const flowsFor = (plan: HostPlan) =>
      [...flowsOf(plan, 'br-int').flows.values()].filter((flow) => flow.of === unchanged);
    const [before, after] = [flowsFor(compile(view, sampleInventory)), flowsFor(compile(next, sampleInventory))];
    expect(before.length).toBeGreaterThan(0);
    for (const [index, flow] of before.entries()) expect(after[index]).toBe(flow);
  });

  it('leave a bridge alone while the number of its patch port is not known', () => {
    const plan = compile(view, { ...sampleInventory, patchPorts: new Map() });
    expect([...plan.flows.keys()]).toEqual(['br-int']);
    const fromWires = (flow: Flow) => [1, 2].includes(Number(flow.match.in_port?.value));
    expect(flowsWhere(flowsOf(plan, 'br-int'), 'LOCAL_SWITCHING', fromWires)).toEqual([]);
  });
});

describe('a port that may not speak', () => {
  const plan = compile(view, sampleInventory);

  it.each([
    ['whose admin state is down', 41, 'its admin state is down'],
    ['that is bound to another host', 42, 'it is bound to beta'],
    ['that the server does not know', 99, 'no port of this host has its id'],
  ])('%s is on the dead VLAN and everything from it is dropped', (_, digits, why) => {
    const planned = plan.ports.find((each) => each.portId === id('port', digits));
    expect(planned).toMatchObject({ tag: deadVlan, deadBecause: why });
    const flows = [...flowsOf(plan, 'br-int').flows.values()].filter((flow) => flow.of === id('port', digits));
    expect(flows).toMatchObject([{ table: 0, priority: 65_535, actions: [] }]);
  });

  it('includes every port of a network that is down, and of one whose wire is missing', () => {
    const down = network(1, { admin_state_up: false });
    const segment = { id: 's', network_type: 'vlan', physical_network: 'physnet9', segmentation_id: 5 } as const;
    const unreachable = network(2, { segments: [segment] });
    const changed = applyChange(view, { revision: 8, set: [down, unreachable], remove: [] });
    const ports = new Map(compile(changed, sampleInventory).ports.map((each) => [each.portId, each.deadBecause]));
    expect(ports.get(id('port', 11))).toBe('the admin state of its network is down');
    expect(ports.get(id('port', 21))).toBe('no bridge of this host leads to physnet9');
  });

  it.each([
    ['a security group that the host does not know', ['dddd0009-0000-4000-8000-000000000000'], /is not known$/],
    ['a rule for ports that Open vSwitch cannot match', [id('group', 6)], /^rule .* of security group odd: .* DCCP$/],
    ['a rule that no packet of its family could meet', [id('group', 7)], /IPv6 has no ICMP types of IPv4$/],
  ])('includes one with %s', (_, security_groups, why) => {
    const odd = [
      group(6, [rule(60, { protocol: 33, port_range_min: 1, port_range_max: 2 })], { name: 'odd' }),
      group(7, [rule(70, { ethertype: 'IPv6', protocol: 1, port_range_min: 8 })]),
    ];
    const guarded = port(11, { security_groups });
    const changed = applyChange(view, { revision: 8, set: [guarded, ...odd], remove: [] });
    const { ports, flows } = compile(changed, sampleInventory);
    expect(ports.find((each) => each.portId === guarded.id)?.deadBecause).toMatch(why);
    const its = [...(flows.get('br-int')?.flows.values() ?? [])].filter((flow) => flow.of === guarded.id);
    expect(its).toMatchObject([{ table: 0, priority: 65_535, actions: [] }]);
  });

  it('does not include one whose groups do not count, because nothing is filtered', () => {
    const trusted = port(11, { port_security_enabled: false, security_groups: [id('group', 9)] });
    const changed = applyChange(view, { revision: 8, set: [trusted], remove: [] });
    const planned = compile(changed, sampleInventory).ports.find((each) => each.portId === trusted.id);
    expect(planned?.deadBecause).toBeNull();
  });

  it('includes a device that nobody described, because no flow is for it', () => {
    const entries = flowsWhere(flowsOf(plan, 'br-int'), 'LOCAL_SWITCHING', (flow) => matchKey(flow.match) === '');
    expect(entries).toMatchObject([{ priority: 0, actions: [] }]);
  });
});

describe('the plan of a host', () => {
  it('for its ports, namespaces and servers is this', async () => {
    const { ports, namespaces, dhcp, bridges } = compile(view, sampleInventory);
    const text = JSON.stringify(
      { bridges, ports, namespaces, dhcp: dhcp.map((each) => ({ ...each, files: undefined })) },
      null,
      2,
    );
    await expect(`${text}\n`).toMatchFileSnapshot('golden/host-plan.json');
  });

  it('does not depend on the order in which anything came', () => {
    const expected = compile(view, sampleInventory);
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...sampleObjects], { minLength: sampleObjects.length }),
        shuffledMap(sampleInventory.plugged),
        shuffledMap(sampleInventory.localVlans),
        (objects: HostObject[], devices, localVlans) => {
          const shuffled: Inventory = { ...sampleInventory, plugged: devices, localVlans };
          expect(compile(viewOf(7, objects), shuffled)).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('plugs a DHCP port that is not plugged yet and gives it flows once it has a number', () => {
    const before = compile(view, inventory([]));
    expect(before.ports).toMatchObject([{ portId: id('port', 2), device: 'tapcccc0002-00', tag: 1, plug: {} }]);
    expect([...flowsOf(before, 'br-int').flows.values()].filter((flow) => flow.of === id('port', 2))).toEqual([]);
    const after = compile(view, inventory([plugged(2, 5)]));
    expect([...flowsOf(after, 'br-int').flows.values()].filter((flow) => flow.of === id('port', 2))).toHaveLength(2);
  });

  it('has no DHCP server for a network that is down or that no subnet of which is served', () => {
    const down = applyChange(view, { revision: 8, set: [network(1, { admin_state_up: false })], remove: [] });
    expect(compile(down, sampleInventory).dhcp).toEqual([]);
    expect(compile(down, sampleInventory).namespaces).toEqual([]);
    const unserved = applyChange(view, { revision: 8, set: [], remove: [{ section: 'subnets', id: id('subnet', 1) }] });
    expect(compile(unserved, sampleInventory).dhcp).toEqual([]);
  });
});

describe('local VLANs', () => {
  const networkIds = fc
    .uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 })
    .map((all) => all.map((each) => network(each)));
  const remembered = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 4095 })), { maxLength: 40 })
    .map((pairs) => new Map(pairs.map(([digits, vlan]) => [id('network', digits), vlan])));
  const allocate = (networks: readonly ReturnType<typeof network>[], kept: ReadonlyMap<string, number>) =>
    allocateLocalVlans(viewOf(1, networks), kept);

  it('are unique, in range, and one for each network', () => {
    fc.assert(
      fc.property(networkIds, remembered, (networks, kept) => {
        const vlans = allocate(networks, kept);
        expect([...vlans.keys()].toSorted()).toEqual(networks.map((each) => each.id).toSorted());
        expect(new Set(vlans.values()).size).toBe(networks.length);
        for (const vlan of vlans.values()) expect(vlan >= 1 && vlan <= 4094).toBe(true);
      }),
    );
  });

  it('stay what they are', () => {
    fc.assert(
      fc.property(networkIds, remembered, (networks, kept) => {
        const vlans = allocate(networks, kept);
        expect(allocate(networks.toReversed(), vlans)).toEqual(vlans);
        expect(allocate([...networks, network(99)], vlans)).toEqual(
          new Map([...vlans, ...allocate([network(99)], vlans)]),
        );
      }),
    );
  });

  it('of a network that is gone are not given to another while the switch remembers them', () => {
    expect(allocate([network(2)], new Map([[id('network', 1), 1]]))).toEqual(new Map([[id('network', 2), 2]]));
  });

  it('run out at 4,094', () => {
    const networks = Array.from({ length: 4095 }, (_, digits) => network(digits + 1));
    expect(allocate(networks, new Map()).size).toBe(4094);
  });
});

function flowsWhere(set: FlowSet, table: 'LOCAL_SWITCHING', wanted: (flow: Flow) => boolean): readonly Flow[] {
  return [...set.flows.values()].filter((flow) => flow.table === brInt.number(table) && wanted(flow));
}

/** The rules that the port brings with it: those of groups that it alone has. */
function rulesOf(port: PortView): ReadonlySet<string> {
  return new Set(
    port.security_groups.flatMap((each) => view.security_groups.get(each)?.rules.map(({ id }) => id) ?? []),
  );
}
