import { applyChange, viewOf, type HostObject, type HostView } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brInt } from '../bridges/br-int/pipeline.ts';
import { brPhys } from '../bridges/br-phys/pipeline.ts';
import { brTun } from '../bridges/br-tun/pipeline.ts';
import { compile } from '../compile.ts';
import type { HostPlan, NamespacePlan } from '../host-plan.ts';
import { flowDifference, flowSet, type FlowSet } from '../openflow/flow.ts';
import { renderExplained } from '../openflow/render.ts';
import { linkLocalPairs } from '../routers/link-local.ts';
import { floatingIp, router, routerId } from '../routers/sample-router.ts';
import { id, network, plugged, port, subnet } from '../sample-host.ts';
import { endpoint, remotePort, tunnelInventory, tunnelled } from '../sample-tunnels.ts';

const local = (digits: number, on: number, address: string, given: Parameters<typeof port>[1] = {}) =>
  port(digits, {
    network_id: id('network', on),
    fixed_ips: [{ subnet_id: id('subnet', on), ip_address: ip(address) }],
    port_security_enabled: false,
    ...given,
  });
const owned = (device_owner: string) => ({ device_owner, device_id: routerId });

/** A host with an instance on a network that tunnels carry and one on a VLAN, both behind a distributed router. */
const world: readonly HostObject[] = [
  tunnelled(5, 'vxlan', 5005),
  network(4, { segments: [{ id: 's4', network_type: 'vlan', physical_network: 'dc', segmentation_id: 104 }] }),
  network(9, { segments: [{ id: 's9', network_type: 'flat', physical_network: 'ext', segmentation_id: null }] }),
  subnet(5, { cidr: cidr('192.168.111.0/24'), gateway_ip: ip('192.168.111.1') }),
  subnet(4, { cidr: cidr('192.168.122.0/24'), gateway_ip: ip('192.168.122.1') }),
  subnet(9, { cidr: cidr('91.207.15.0/24'), gateway_ip: ip('91.207.15.1') }),
  router({
    distributed: true,
    interface_ports: [id('port', 41), id('port', 51)],
    snat_ports: [id('port', 43), id('port', 53)],
  }),
  local(41, 4, '192.168.122.1', owned('network:router_interface_distributed')),
  local(51, 5, '192.168.111.1', owned('network:router_interface_distributed')),
  local(43, 4, '192.168.122.3', { ...owned('network:router_centralized_snat'), host: 'beta' }),
  local(53, 5, '192.168.111.3', { ...owned('network:router_centralized_snat'), host: 'beta' }),
  local(47, 4, '192.168.122.7'),
  local(55, 5, '192.168.111.5'),
  local(99, 9, '91.207.15.120', owned('network:floatingip_agent_gateway')),
  floatingIp(21, {
    floating_network_id: id('network', 9),
    floating_ip_address: ip('91.207.15.125'),
    fixed_ip_address: ip('192.168.111.5'),
    port_id: id('port', 55),
  }),
  { section: 'agent_gateways', id: id('network', 9), port_id: id('port', 99) },
  { section: 'distributed_routing', id: 'alpha', mac_address: mac('fa:16:3f:00:00:01') },
  endpoint('beta', '192.0.2.2'),
  remotePort(53, 5, 'beta', { ip_addresses: [ip('192.168.111.3')] }),
];
const inventory = {
  ...tunnelInventory,
  plugged: new Map(
    [41, 51, 47, 55, 99].map((digits) => {
      const found = plugged(digits, digits + 100);
      return [found.portId, found] as const;
    }),
  ),
  localVlans: new Map([4, 5, 9].map((digits) => [id('network', digits), digits])),
  bridgeMappings: new Map([
    ['dc', 'br-dc'],
    ['ext', 'br-ex'],
  ]),
  patchPorts: new Map([
    ...tunnelInventory.patchPorts,
    ['int-br-dc', 5],
    ['phy-br-dc', 6],
    ['int-br-ex', 7],
    ['phy-br-ex', 8],
  ]),
};

const planOf = (view: HostView): HostPlan => compile(view, inventory);
const plan = planOf(viewOf(1, world));
const flowsOf = (of: HostPlan, bridge: string): FlowSet => of.flows.get(bridge) ?? flowSet([]);

function namespace(of: HostPlan, name: string): NamespacePlan {
  const found = of.namespaces.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

describe('a host with a part of a distributed router', () => {
  it('has these namespaces', async () => {
    const text = `${JSON.stringify(plan.namespaces, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('golden/distributed-namespaces.json');
  });

  it('counts for metering labels what goes by floating IPs here, and with the centre the rest', () => {
    const label: HostObject = {
      section: 'metering_labels',
      id: 'aaaaaaaa-0000-4000-8000-000000000000',
      name: '',
      project_id: router().project_id,
      shared: false,
      rules: [{ id: 'rule', direction: 'egress', excluded: false, source: null, destination: cidr('192.0.2.0/24') }],
    };
    const centre = [
      local(43, 4, '192.168.122.3', owned('network:router_centralized_snat')),
      local(98, 9, '91.207.15.121', owned('network:router_gateway')),
      router({
        distributed: true,
        gateways: [{ port_id: id('port', 98), enable_snat: true }],
        interface_ports: [id('port', 41), id('port', 51)],
        snat_ports: [id('port', 43), id('port', 53)],
      }),
    ];
    const devices = planOf(viewOf(1, [...world, ...centre, label])).netfilter.flatMap(({ namespace: name, rules }) =>
      rules[4].chains
        .filter((chain) => chain.name.startsWith('neutron-meter-r-'))
        .flatMap((chain) => chain.rules.map(({ match }) => [name.split('-')[0], match.at(-1)?.slice(0, 3)])),
    );
    expect(devices).toEqual([
      ['qrouter', 'rfp'],
      ['snat', 'qg-'],
    ]);
  });

  it('has these flows for it', async () => {
    const about = (bridge: string, pipeline: typeof brInt | typeof brTun | typeof brPhys): string =>
      renderExplained(flowsOf(plan, bridge), pipeline.tables)
        .split('\n')
        .filter((line) => /router|leaves the host|router's/.test(line) && !line.startsWith('#'))
        .join('\n');
    const text = [
      '# br-int',
      about('br-int', brInt),
      '# br-tun',
      about('br-tun', brTun),
      '# br-dc',
      about('br-dc', brPhys),
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot('golden/distributed.flows');
  });

  it('does not depend on the order in which it hears of things', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...world], { minLength: world.length }), (order) => {
        const other = planOf(viewOf(1, order));
        expect(other.namespaces).toEqual(plan.namespaces);
        expect(other.netfilter).toEqual(plan.netfilter);
      }),
      { numRuns: 20 },
    );
  });

  it('learns of one instance elsewhere by one neighbour, and by no flow of br-int', () => {
    const another = local(56, 5, '192.168.111.6', { host: 'beta' });
    const after = planOf(applyChange(viewOf(1, world), { revision: 2, set: [another], remove: [] }));
    const neighborsOf = (of: HostPlan) =>
      namespace(of, `qrouter-${routerId}`).links.flatMap(({ neighbors = [] }) => neighbors);
    expect(neighborsOf(after).filter((each) => !neighborsOf(plan).some(({ ip: known }) => known === each.ip))).toEqual([
      { ip: '192.168.111.6', mac: another.mac_address },
    ]);
    const { add, remove } = flowDifference(flowsOf(after, 'br-int'), flowsOf(plan, 'br-int').flows.values());
    expect([...add, ...remove]).toEqual([]);
  });

  it('sends nothing for the router while the host has no address of its own', () => {
    const without = world.filter(({ section }) => section !== 'distributed_routing');
    const lines = renderExplained(flowsOf(planOf(viewOf(1, without)), 'br-tun'), brTun.tables).split('\n');
    const fromRouter = lines.filter((line) => /table=1, priority=1\b/.test(line));
    expect(fromRouter).toHaveLength(1);
    expect(fromRouter[0]).toContain('actions=drop');
  });

  it('has nothing of it while the router is down', () => {
    const down = { ...router({ distributed: true, admin_state_up: false }) };
    const after = planOf(applyChange(viewOf(1, world), { revision: 2, set: [down], remove: [] }));
    expect(after.namespaces).toEqual([]);
  });
});

describe('link-local pairs', () => {
  it('are all different, and most keep theirs whoever comes and goes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 60, size: 'max' }), (names) => {
        const all = linkLocalPairs(names);
        const addresses = [...all.values()].flatMap(({ near, far }) => [near.address, far.address]);
        expect(new Set(addresses).size).toBe(names.length * 2);
        for (const address of addresses) expect(address).toMatch(/^169\.254\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
        const [alone = ''] = names;
        expect(linkLocalPairs([alone]).get(alone)?.near.mac).toBe(all.get(alone)?.near.mac);
      }),
    );
  });
});
