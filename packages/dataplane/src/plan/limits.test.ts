import { viewOf, type HostObject, type QosPolicyView, type QosRuleView } from '@neutronium/model/host-view';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brInt } from '../bridges/br-int/pipeline.ts';
import { compile } from '../compile.ts';
import { flowSet } from '../openflow/flow.ts';
import { lastMeter } from '../openflow/meter.ts';
import { renderExplained } from '../openflow/render.ts';
import { floatingIp, router, surroundings } from '../routers/sample-router.ts';
import { defaultRules, group, id, inventory, network, plugged, port } from '../sample-host.ts';
import { hostLimits } from './limits.ts';

const policy = (digits: number, rules: readonly QosRuleView[]): QosPolicyView => ({
  section: 'qos_policies',
  id: `abab000${digits}-0000-4000-8000-000000000000`,
  rules,
});
const bits = (direction: 'ingress' | 'egress', max_kbps: number, max_burst_kbps = 0): QosRuleView => ({
  type: 'bandwidth_limit',
  id: `bits ${direction}`,
  direction,
  max_kbps,
  max_burst_kbps,
});
const packets = (direction: 'ingress' | 'egress', max_kpps: number): QosRuleView => ({
  type: 'packet_rate_limit',
  id: `packets ${direction}`,
  direction,
  max_kpps,
  max_burst_kpps: 0,
});
const mark: QosRuleView = { type: 'dscp_marking', id: 'mark', dscp_mark: 26 };

const everything = policy(1, [
  bits('egress', 10_000),
  bits('ingress', 20_000, 500),
  packets('egress', 1),
  packets('ingress', 2),
  mark,
]);
const slow = policy(2, [bits('egress', 1000), bits('ingress', 1000)]);
const guarded = { security_groups: [id('group', 1)] };
const groups = [group(1, defaultRules(1, 1))];
const devices = [plugged(11, 11), plugged(12, 12)];

const limitsOf = (objects: readonly HostObject[], of = inventory(devices)) => hostLimits(viewOf(1, objects), of);

/** The tables of limits and those that lead to them, as people read them. */
const rendered = (objects: readonly HostObject[], of = inventory(devices)): string =>
  renderExplained(flowSet(limitsOf(objects, of).flows), brInt.tables);

describe('the limits of a host', () => {
  it('are these flows and meters for a guarded port, a trusted one, a floating IP and the address of a router', async () => {
    const objects = [
      ...surroundings,
      ...groups,
      everything,
      slow,
      port(11, { ...guarded, qos_policy_id: everything.id }),
      port(12, { port_security_enabled: false, qos_policy_id: slow.id }),
      router({ qos_policy_id: slow.id }),
      floatingIp(21, { qos_policy_id: slow.id }),
    ];
    const host = inventory([...devices, plugged(19, 19), plugged(1, 1)], {
      localVlans: new Map([
        [id('network', 1), 1],
        [id('network', 9), 9],
      ]),
    });
    const { meters } = limitsOf(objects, host);
    const text = [...meters.values()]
      .toSorted((a, b) => a.number - b.number)
      .map(({ number, unit, rate, burst }) => `meter=${number}, ${unit}, rate=${rate}, burst=${burst}`);
    await expect(`${rendered(objects, host)}\n${text.join('\n')}\n`).toMatchFileSnapshot('golden/limits.flows');
  });

  it('name no meter that is not there, in numbers that a switch has, whatever there is', () => {
    const rules = fc.subarray([
      bits('egress', 1),
      bits('ingress', 2),
      packets('egress', 3),
      packets('ingress', 4),
      mark,
    ]);
    fc.assert(
      fc.property(fc.array(rules, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(2), { maxLength: 6 }), (all, of) => {
        const policies = all.map((each, index) => policy(index + 1, each));
        const ports = of.map((which, index) =>
          port(11 + index, {
            port_security_enabled: index % 2 === 0,
            qos_policy_id: policy(which + 1, []).id,
            ...guarded,
          }),
        );
        const host = inventory(of.map((_, index) => plugged(11 + index, 11 + index)));
        const plan = compile(viewOf(1, [network(1), ...groups, ...policies, ...ports]), host);
        const flows = [...(plan.flows.get('br-int')?.flows.values() ?? [])];
        const named = flows.flatMap(({ actions }) =>
          actions.flatMap((action) => (action.kind === 'meter' ? [action.meter] : [])),
        );
        const meters = plan.meters.get('br-int') ?? new Map<number, never>();
        expect(new Set(named)).toEqual(new Set(meters.keys()));
        for (const number of meters.keys()) expect(number).toBeLessThanOrEqual(lastMeter);
      }),
    );
  });

  it('are the policy of the network for instances without their own, and not for ports of the platform', () => {
    const given = [network(1, { qos_policy_id: slow.id }), ...groups, slow, everything];
    const inherited = limitsOf([...given, port(11, guarded), port(12, { device_owner: 'network:dhcp' })]);
    expect([...inherited.meters.values()].map(({ rate }) => rate)).toEqual([1000, 1000]);
    const own = limitsOf([...given, port(11, { ...guarded, qos_policy_id: everything.id })]);
    expect([...own.meters.values()].map(({ rate }) => rate).toSorted((a, b) => a - b)).toEqual([
      1000, 2000, 10_000, 20_000,
    ]);
  });

  it('are none at a rate of nothing, and bursts are 80 % of a second where nobody says otherwise', () => {
    const one = policy(1, [bits('egress', 0), bits('ingress', 1000)]);
    const { meters } = limitsOf([network(1), ...groups, one, port(11, { ...guarded, qos_policy_id: one.id })]);
    expect([...meters.values()]).toMatchObject([{ unit: 'kbps', rate: 1000, burst: 800 }]);
  });

  it('are limits of what a floating IP has by its network where it has none of its own', () => {
    const given = surroundings.filter(({ id: each }) => each !== id('network', 9));
    const outside = network(9, { qos_policy_id: slow.id });
    const objects = [...given, outside, slow, router(), floatingIp(21)];
    const localVlans = new Map([[id('network', 9), 9]]);
    const { flows, meters } = limitsOf(objects, inventory([plugged(19, 19)], { localVlans }));
    expect(meters.size).toBe(4);
    const of = new Set(flows.map((flow) => flow.of));
    expect(of).toContain(floatingIp(21).id);
    expect(of).toContain(router().id);
  });

  it('hold a floating IP of a distributed router where it is reached', () => {
    const there = floatingIp(21, { port_id: id('port', 11), qos_policy_id: slow.id });
    const objects: readonly HostObject[] = [
      ...surroundings,
      slow,
      router({ distributed: true, gateways: [] }),
      port(11, {}),
      port(99, { network_id: id('network', 9), device_owner: 'network:floatingip_agent_gateway' }),
      { section: 'agent_gateways', id: id('network', 9), port_id: id('port', 99) },
      there,
    ];
    const localVlans = new Map([[id('network', 9), 9]]);
    const { flows, meters } = limitsOf(objects, inventory([plugged(99, 99)], { localVlans }));
    expect(meters.size).toBe(2);
    expect(flows.map((flow) => flow.of)).toContain(there.id);
  });

  it('do not change with the order in which things came', () => {
    const objects = [
      network(1),
      ...groups,
      slow,
      ...[11, 12].map((n) => port(n, { ...guarded, qos_policy_id: slow.id })),
    ];
    const [one, other] = [limitsOf(objects), limitsOf(objects.toReversed(), inventory(devices.toReversed()))];
    expect(new Map(one.meters)).toEqual(new Map(other.meters));
    expect(flowSet(one.flows)).toEqual(flowSet(other.flows));
  });
});
