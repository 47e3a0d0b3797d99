import type { HostObject, MeteringLabelView, MeteringRuleView } from '@neutronium/model/host-view';
import { applyChange, viewOf } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip, type Family } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { planRuleset } from '../netfilter/plan-ruleset.ts';
import { id, network, port, subnet } from '../sample-host.ts';
import { hostedRouters, type HostedRouter } from './hosted-router.ts';
import { routerNetfilter } from './netfilter.ts';
import {
  floatingIp,
  hosted,
  portForwarding,
  router,
  routerId,
  secondFloatingIp,
  secondGateway,
  secondInterface,
  surroundings,
  twoGateways,
  twoInterfaces,
} from './sample-router.ts';

/** What iptables-restore reads to make the chains of a router. */
function chainsOf(of: HostedRouter, family: Family = 4): string {
  return planRuleset(routerNetfilter(of).rules[family], new Map())?.restore ?? '';
}

/** The lines by which the chains of one router become those of another. */
function difference(from: HostedRouter, to: HostedRouter): readonly string[] {
  const before = planRuleset(routerNetfilter(from).rules[4], new Map());
  const change = planRuleset(routerNetfilter(to).rules[4], before?.result ?? new Map());
  return (change?.restore ?? '').split('\n').filter((line) => line.startsWith('-') || line.startsWith(':'));
}

/** IPv6 beside the IPv4 of the sample: 2001:db8:1::/64 inside, 2001:db8:9::/64 outside. */
const dualStack: readonly HostObject[] = [
  subnet(2, {
    network_id: id('network', 1),
    ip_version: 6,
    cidr: cidr('2001:db8:1::/64'),
    gateway_ip: ip('2001:db8:1::1'),
  }),
  subnet(8, {
    network_id: id('network', 9),
    ip_version: 6,
    cidr: cidr('2001:db8:9::/64'),
    gateway_ip: ip('2001:db8:9::1'),
  }),
  port(1, {
    device_owner: 'network:router_interface',
    device_id: routerId,
    fixed_ips: [
      { subnet_id: id('subnet', 1), ip_address: ip('10.0.0.1') },
      { subnet_id: id('subnet', 2), ip_address: ip('2001:db8:1::1') },
    ],
  }),
  port(19, {
    network_id: id('network', 9),
    device_owner: 'network:router_gateway',
    device_id: routerId,
    fixed_ips: [
      { subnet_id: id('subnet', 9), ip_address: ip('172.24.4.19') },
      { subnet_id: id('subnet', 8), ip_address: ip('2001:db8:9::19') },
    ],
  }),
];

function meteringLabel(digits: string, rules: readonly MeteringRuleView[]): MeteringLabelView {
  return {
    section: 'metering_labels',
    id: `${digits}-0000-4000-8000-000000000000`,
    name: '',
    project_id: 'project1',
    shared: false,
    rules,
  };
}

const everything: readonly HostObject[] = [
  ...dualStack,
  router({ enable_ndp_proxy: true }),
  floatingIp(21),
  floatingIp(22, { fixed_ip_address: null, port_id: null }),
  portForwarding(1),
  portForwarding(2, {
    protocol: 'udp',
    external_ports: { first: 4000, last: 4010 },
    internal_ports: { first: 5000, last: 5010 },
  }),
  { section: 'conntrack_helpers', id: 'cccccccc-1', router_id: routerId, protocol: 'tcp', port: 21, helper: 'ftp' },
  { section: 'conntrack_helpers', id: 'cccccccc-2', router_id: routerId, protocol: 'tcp', port: 6667, helper: 'irc' },
  { section: 'ndp_proxies', id: 'np', router_id: routerId, port_id: id('port', 18), ip_address: ip('2001:db8:1::18') },
];

describe('the chains of a router', () => {
  it.each([
    ['without a gateway', [router({ gateways: [] })]],
    ['with a gateway and a floating IP', [router(), floatingIp(21)]],
    ['whose gateway does not translate', [router({ gateways: [{ port_id: id('port', 19), enable_snat: false }] })]],
    ['with everything', everything],
    [
      'with two gateways',
      [
        ...secondGateway,
        floatingIp(21),
        secondFloatingIp(51),
        secondFloatingIp(52, { fixed_ip_address: ip('10.0.0.20') }),
      ],
    ],
    [
      'with metering labels',
      [
        ...dualStack,
        router(),
        meteringLabel('aaaaaaaa', [
          { id: 'rule-1', direction: 'egress', excluded: false, source: cidr('10.0.0.0/24'), destination: null },
          { id: 'rule-2', direction: 'ingress', excluded: false, source: null, destination: cidr('10.0.0.0/24') },
          { id: 'rule-3', direction: 'egress', excluded: true, source: null, destination: cidr('203.0.113.0/24') },
          { id: 'rule-4', direction: 'egress', excluded: false, source: cidr('2001:db8:1::/64'), destination: null },
          { id: 'rule-5', direction: 'egress', excluded: false, source: cidr('0.0.0.0/0'), destination: cidr('::/0') },
        ]),
        meteringLabel('bbbbbbbb', []),
        { ...meteringLabel('cccccccc', []), project_id: 'other' },
        { ...meteringLabel('dddddddd', []), project_id: 'other', shared: true },
      ],
    ],
    ['that spreads connections', [...secondGateway, router({ ...twoGateways, enable_default_route_ecmp: true })]],
    [
      'with a floating IP by an interface',
      [...secondInterface, router({ ...twoInterfaces, gateways: [] }), secondFloatingIp(51)],
    ],
    [
      'with floating IPs by a gateway and an interface',
      [...secondInterface, router(twoInterfaces), floatingIp(21), secondFloatingIp(51)],
    ],
    [
      'between address scopes',
      [
        router({ interface_ports: [id('port', 1), id('port', 5)] }),
        subnet(1, { address_scope_id: 'scope-inside' }),
        network(5),
        subnet(5, { cidr: cidr('198.51.100.0/24'), address_scope_id: 'scope-outside' }),
        port(5, {
          network_id: id('network', 5),
          fixed_ips: [{ subnet_id: id('subnet', 5), ip_address: ip('198.51.100.1') }],
        }),
        subnet(9, {
          network_id: id('network', 9),
          cidr: cidr('172.24.4.0/24'),
          gateway_ip: ip('172.24.4.1'),
          address_scope_id: 'scope-outside',
        }),
        floatingIp(21),
      ],
    ],
  ])('%s are these', async (name, objects) => {
    const file = `golden/${name.replaceAll(' ', '-')}`;
    await expect(chainsOf(hosted(...objects))).toMatchFileSnapshot(`${file}.iptables`);
    await expect(chainsOf(hosted(...objects), 6)).toMatchFileSnapshot(`${file}.ip6tables`);
  });

  it('grow by one floating IP of many by the three rules of it', () => {
    const many = Array.from({ length: 50 }, (_, n) =>
      floatingIp(100 + n, { fixed_ip_address: ip(`10.0.0.${100 + n}`) }),
    );
    const lines = difference(hosted(router(), ...many.slice(1)), hosted(router(), ...many));
    expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      '-I neutron-l3-agent-OUTPUT',
      '-I neutron-l3-agent-PREROUTING',
      '-I neutron-l3-agent-float-snat',
    ]);
  });

  it('leave what labels have counted alone when their rules and the ways out change', () => {
    const rule: MeteringRuleView = {
      id: 'r',
      direction: 'egress',
      excluded: false,
      source: null,
      destination: cidr('192.0.2.0/24'),
    };
    const before = hosted(router(), meteringLabel('aaaaaaaa', [rule]));
    const after = hosted(...secondGateway, meteringLabel('aaaaaaaa', [rule, { ...rule, id: 's', excluded: true }]));
    const lines = difference(before, after).filter((line) => line.includes('neutron-meter-'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).not.toMatch(/^(:|-[AID] )neutron-meter-l/);
  });

  it('are the same objects while nothing of the router changes', () => {
    const view = viewOf(1, [...surroundings, router(), floatingIp(21)]);
    const planOf = (of: typeof view) => hostedRouters(of, { host: 'alpha', haStates: new Map() }).map(routerNetfilter);
    const [before] = planOf(view);
    const [after] = planOf(applyChange(view, { revision: 2, set: [port(77)], remove: [] }));
    const [changed] = planOf(applyChange(view, { revision: 2, set: [floatingIp(22)], remove: [] }));
    expect(after).toBe(before);
    expect(changed).not.toBe(before);
  });

  it('name each rule of a floating IP by its id', () => {
    const rules = chainsOf(hosted(router(), floatingIp(21)))
      .split('\n')
      .filter((line) => line.includes('172.24.4.21'));
    expect(rules).toHaveLength(3);
    for (const rule of rules) expect(rule).toContain(floatingIp(21).id);
  });

  it('have no rule of a kind that iptables would refuse, and the table with it', () => {
    const helper = { section: 'conntrack_helpers', id: 'h', router_id: routerId, port: 8, helper: 'x' } as const;
    const text = chainsOf(
      hosted(router(), floatingIp(22, { fixed_ip_address: null }), portForwarding(1, { protocol: 'icmp' }), {
        ...helper,
        protocol: 'icmp',
      }),
    );
    expect(text).not.toContain('icmp');
  });
});
