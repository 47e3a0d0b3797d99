// What one more port, rule or member costs a host, in flows.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipFromBigInt } from '@neutronium/net/ip';
import {
  applyChange,
  viewOf,
  type AddressSetMemberView,
  type HostObject,
  type HostView,
  type PortView,
  type SecurityGroupRuleView,
} from '@neutronium/model/host-view';
import { brInt } from './bridges/br-int/pipeline.ts';
import { compile } from './compile.ts';
import { flowDifference, flowKey, flowSet, type Flow, type FlowSet } from './openflow/flow.ts';
import { renderFlow } from './openflow/render.ts';
import { defaultRules, group, id, inventory, member, network, plugged, port, remoteSet, rule } from './sample-host.ts';

const defaultGroup = id('group', 1);

/** Ports of one network that all have the default group, every second one also a group of its own beside it. */
function hostOf(count: number, rules: readonly SecurityGroupRuleView[] = defaultRules(1, 10)): HostView {
  const digits = Array.from({ length: count }, (_, index) => 100 + index);
  const ports = digits.map((each) =>
    port(each, { security_groups: each % 2 === 0 ? [defaultGroup] : [defaultGroup, id('group', each)] }),
  );
  return viewOf(1, [
    network(1),
    ...ports,
    ...ports.map(memberOf),
    group(1, rules),
    ...digits.filter((each) => each % 2 === 1).map((each) => group(each, [rule(each, { protocol: 17 })])),
  ]);
}

function memberOf(each: PortView): AddressSetMemberView {
  return member(
    defaultGroup,
    each.id,
    each.fixed_ips.map(({ ip_address }) => ip_address),
  );
}

function flowsOf(view: HostView): FlowSet {
  const devices = [...view.ports.keys()].map((portId) => Number(portId.slice(4, 8)));
  const host = inventory(devices.map((digits) => plugged(digits, digits)));
  return compile(view, host).flows.get('br-int') ?? flowSet([]);
}

/** The flows that differ, those that only do something else counted once. */
function changed(before: HostView, after: HostView): readonly Flow[] {
  const { add, remove } = flowDifference(flowsOf(after), flowsOf(before).flows.values());
  const added = new Set(add.map(flowKey));
  const gone = remove.filter((each) => !added.has(flowKey(each)));
  return [...add, ...gone.map((each) => ({ ...each, of: '', why: '' }))];
}

function put(view: HostView, ...set: readonly HostObject[]): HostView {
  return applyChange(view, { revision: view.revision + 1, set, remove: [] });
}

const portCount = fc.integer({ min: 2, max: 40 });

describe('what changes on a host', () => {
  it('for a guarded port with the default group is at most 15 flows of its own', () => {
    const flows = [...flowsOf(hostOf(4)).flows.values()];
    expect(flows.filter((flow) => flow.of === id('port', 100)).length).toBeLessThanOrEqual(15);
  });

  it('for a rule is as many flows whatever the number of its ports and their other groups', () => {
    const rules = fc.record({
      direction: fc.constantFrom('ingress' as const, 'egress' as const),
      ethertype: fc.constantFrom('IPv4' as const, 'IPv6' as const),
      protocol: fc.constantFrom(null, 6, 17, 132),
      remote: fc.constantFrom({ kind: 'any' as const }, remoteSet('group', 1)),
    });
    fc.assert(
      fc.property(portCount, rules, (count, given) => {
        const added = [...defaultRules(1, 10), rule(50, given)];
        const flows = changed(hostOf(count), hostOf(count, added));
        // A rule of the default group may say what another one says already. The first rule that names a set for a
        // direction or a family brings the set's members there.
        const members = flows.filter((flow) => /^.* is a member of /.test(flow.why)).length;
        const names = given.remote.kind === 'set' && given.direction === 'egress';
        expect(members).toBe(names && given.ethertype === 'IPv4' ? count : 0);
        expect(flows.length - members).toBeLessThanOrEqual(names ? 2 : 1);
      }),
    );
  });

  it('for a rule of one port alone is the two flows that Neutron has for it', () => {
    const ssh = rule(20, { protocol: 6, port_range_min: 22, port_range_max: 22 });
    const objects = [network(1), port(11, { security_groups: [defaultGroup] })];
    const [without, withSsh] = [viewOf(1, [...objects, group(1, [])]), viewOf(1, [...objects, group(1, [ssh])])];
    expect(changed(without, withSsh).map(renderFlow).toSorted()).toEqual([
      'table=82, priority=77,ct_state=+est-rel-rpl,tcp,reg5=0xb,tp_dst=22 actions=resubmit(,96)',
      'table=82, priority=77,ct_state=+new-est,tcp,reg5=0xb,tp_dst=22 actions=ct(commit,zone=NXM_NX_REG6[0..15]),resubmit(,96),resubmit(,92)',
    ]);
  });

  it('for a member of a set is one flow', () => {
    fc.assert(
      fc.property(portCount, fc.bigInt({ min: 0n, max: 0xffffn }), (count, suffix) => {
        const view = hostOf(count);
        const elsewhere = member(defaultGroup, 'elsewhere', [ipFromBigInt(0xc0000000n + suffix, 4)]);
        expect(changed(view, put(view, elsewhere))).toHaveLength(1);
      }),
    );
  });

  it('for a port that joins is its own flows, its membership, and how its network floods', () => {
    fc.assert(
      fc.property(portCount, (count) => {
        const joining = port(99, { security_groups: [defaultGroup] });
        const view = hostOf(count);
        const flows = changed(view, put(view, joining, memberOf(joining)));
        const others = flows.filter((flow) => flow.of !== joining.id);
        const flooding = others.filter((flow) => flow.table === brInt.number('FLOOD'));
        const membership = others.filter((flow) => flow.of === defaultGroup);
        expect([flooding.length, membership.length, others.length]).toEqual([2, 1, 3]);
        expect(flows.length).toBeLessThanOrEqual(18);
      }),
    );
  });
});
