// The real agent on a host with real Open vSwitch, dnsmasq and DHCP clients; only the server is a stand-in.

import type {
  DhcpServiceView,
  HostObject,
  NetworkView,
  PortView,
  SecurityGroupView,
  SubnetView,
} from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentOnHost, hostName } from './lab/agent-on-host.ts';

const network: NetworkView = {
  section: 'networks',
  id: '11111111-1111-4111-8111-111111111111',
  project_id: 'p',
  mtu: 1500,
  admin_state_up: true,
  segments: [
    {
      id: '11111111-1111-4111-8111-5e5e5e5e5e5e',
      network_type: 'local',
      physical_network: null,
      segmentation_id: null,
    },
  ],
  dns_domain: 'openstacklocal',
};
const subnet: SubnetView = {
  section: 'subnets',
  id: '22222222-2222-4222-8222-222222222222',
  network_id: network.id,
  ip_version: 4,
  cidr: cidr('10.0.0.0/24'),
  gateway_ip: ip('10.0.0.1'),
  enable_dhcp: true,
  dns_nameservers: [],
  host_routes: [],
  address_scope_id: null,
  ipv6_ra_mode: null,
  ipv6_address_mode: null,
};

/** Admits all of IPv4, because these tests are not about rules. */
const open: SecurityGroupView = {
  section: 'security_groups',
  id: '44444444-4444-4444-8444-444444444444',
  name: 'open',
  stateful: true,
  rules: (['egress', 'ingress'] as const).map((direction) => ({
    id: `55555555-5555-4555-8555-5555555555${direction === 'egress' ? '01' : '02'}`,
    direction,
    ethertype: 'IPv4',
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote: { kind: 'any' },
  })),
};

function port(number: number, overrides: Partial<PortView> = {}): PortView {
  const hex = number.toString(16).padStart(2, '0');
  const address = `10.0.0.${number}`;
  return {
    section: 'ports',
    id: `${hex}333333-3333-4333-8333-333333333333`,
    network_id: network.id,
    project_id: network.project_id,
    host: hostName,
    mac_address: mac(`fa:16:3e:00:00:${hex}`),
    admin_state_up: true,
    device_owner: 'compute:nova',
    device_id: `vm-${number}`,
    fixed_ips: [{ subnet_id: subnet.id, ip_address: ip(address) }],
    allowed_address_pairs: [],
    port_security_enabled: true,
    security_groups: [open.id],
    dns_assignment: [
      { ip_address: ip(address), hostname: `host-10-0-0-${number}`, fqdn: `host-10-0-0-${number}.openstacklocal.` },
    ],
    extra_dhcp_opts: [],
    revision_number: 1,
    ...overrides,
  };
}

const dhcpPort = port(2, { device_owner: 'network:dhcp', device_id: 'dhcp' });
const service: DhcpServiceView = { section: 'dhcp', id: network.id, port_id: dhcpPort.id };
const world: readonly HostObject[] = [network, subnet, dhcpPort, service, open];
const [alice, bob] = [port(10), port(11)];

describe.skipIf(missingForLab().length > 0)('the agent', () => {
  let host: LabHost;
  let agent: AgentOnHost;

  beforeEach(async () => {
    host = await LabHost.start({ name: 'agent' });
    agent = new AgentOnHost(host);
    await agent.startServer();
  });
  afterEach(async () => {
    await host.dispose();
  });

  async function plug(who: PortView, name: string): Promise<void> {
    await host.plugInstance({ netns: name, device: `tap${who.id}`.slice(0, 14), portId: who.id, mac: who.mac_address });
  }

  /** What a real client is given, or null when it is given nothing. */
  async function lease(name: string): Promise<string | null> {
    const { stdout, stderr } = await host.run(
      ['udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-t', '3', '-T', '1', '-s', '/bin/true'],
      { netns: name, anyExitCode: true },
    );
    const address = /lease of (\S+) obtained/.exec(stdout + stderr)?.[1] ?? null;
    if (address !== null) await host.script(`ip -n ${name} addr replace ${address}/24 dev eth0`);
    return address;
  }

  async function twoInstances(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    await agent.startAgent(settings);
    const revision = agent.show([...world, alice, bob]);
    await agent.applies(revision);
    await plug(alice, 'a');
    await plug(bob, 'b');
    await agent.until('two wired ports', () => [alice, bob].every(({ id }) => agent.states.get(id) === 'wired'));
    expect([await lease('a'), await lease('b')]).toEqual(['10.0.0.10', '10.0.0.11']);
  }

  async function flows(): Promise<string> {
    const dump = await host.ofctl(['dump-flows', '--no-stats'], 'br-int');
    return dump
      .split('\n')
      .filter((line) => line.includes('table='))
      .toSorted()
      .join('\n');
  }

  /** Flows with the seconds since each was added: a flow that was added anew is young. */
  async function ages(): Promise<ReadonlyMap<string, number>> {
    const dump = await host.ofctl(['dump-flows'], 'br-int');
    return new Map(
      dump
        .split('\n')
        .filter((line) => line.includes('table='))
        .map((line) => [
          line.replaceAll(/(duration|n_packets|n_bytes|idle_age)=[^,]+, /g, ''),
          Number(/duration=([\d.]+)s/.exec(line)?.[1]),
        ]),
    );
  }

  it('gives two instances their addresses, and lets them ping each other', async () => {
    await twoInstances();
    const { stdout } = await host.run(['ping', '-c', '3', '-i', '0.2', '-W', '1', '10.0.0.11'], { netns: 'a' });
    expect(stdout).toContain('3 received');
    expect(agent.reserved).toEqual(new Set([alice.id, bob.id]));
    expect(agent.states.get(dhcpPort.id)).toBe('wired');
    const reported = agent.heard.filter((message) => message.kind === 'port-status');
    const ofAlice = reported.flatMap(({ ports }) =>
      ports.filter(({ id }) => id === alice.id).map(({ state }) => state),
    );
    expect(ofAlice).toEqual(['absent', 'building', 'wired']);
  });

  it('leads a flat network to its physical network, and a local one nowhere', async () => {
    await agent.startAgent({ NEUTRONIUM_OVS_BRIDGE_MAPPINGS: 'physnet1:br-ex' });
    const flat: NetworkView = {
      ...network,
      segments: [{ id: 'flat', network_type: 'flat', physical_network: 'physnet1', segmentation_id: null }],
    };
    await agent.applies(agent.show([flat, subnet, dhcpPort, service, open, alice]));
    await host.script(`
      ip netns add outside
      ip link add tapoutside type veth peer name eth0 netns outside
      ip link set tapoutside up; ip -n outside link set eth0 up; ip -n outside addr add 10.0.0.200/24 dev eth0
      ip netns exec outside ethtool -K eth0 tx off >/dev/null`);
    await host.vsctl('add-port', 'br-ex', 'tapoutside');
    await plug(alice, 'a');
    await agent.until('a wired port', () => agent.states.get(alice.id) === 'wired');
    expect(await lease('a')).toBe('10.0.0.10');
    const ping = async (): Promise<string> => {
      const command = ['ping', '-c', '2', '-i', '0.2', '-W', '1', '10.0.0.200'];
      return (await host.run(command, { netns: 'a', anyExitCode: true })).stdout;
    };
    await expect.poll(ping, { timeout: 60_000 }).toContain('2 received');
    await agent.applies(agent.change({ set: [network] }));
    expect(await ping()).toContain('0 received');
  });

  it('touches nothing before the server has spoken', async () => {
    await host.vsctl(
      'add-br',
      'br-int',
      '--',
      'set',
      'Bridge',
      'br-int',
      'datapath_type=netdev',
      'protocols=OpenFlow14',
    );
    await host.ofctl(['add-flow'], 'br-int', 'priority=7,actions=drop');
    const before = await flows();
    await agent.startAgent();
    await agent.until('a hello', () => agent.heard.some(({ kind }) => kind === 'hello'));
    expect(await flows()).toBe(before);
    await agent.applies(agent.show([]));
    expect(await flows()).not.toContain('priority=7 ');
  });

  it('is killed and started again without a lost packet or a changed flow, with or without the server', async () => {
    await twoInstances();
    const before = await ages();
    const dnsmasq = await host.script(`cat ${agent.stateDir}/dhcp/${network.id}/pid`);
    const ping = host.run(['ping', '-c', '150', '-i', '0.02', '-W', '1', '10.0.0.11'], { netns: 'a' });
    await agent.killAgent();
    agent.applied = 0;
    await agent.startAgent();
    await agent.until('the new agent has applied the view', () => agent.applied > 0);
    await agent.stopServer();
    expect((await ping).stdout).toContain('150 received');
    const after = await ages();
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [flow, age] of before) expect(after.get(flow)).toBeGreaterThan(age);
    expect(await host.script(`cat ${agent.stateDir}/dhcp/${network.id}/pid`)).toBe(dnsmasq);
  });

  it('changes nothing when it is started anew with 50 wired ports', async () => {
    await agent.startAgent();
    const ports = Array.from({ length: 50 }, (_, index) => port(100 + index));
    await agent.applies(agent.show([...world, ...ports]));
    await Promise.all(ports.map((each, index) => plug(each, `vm${index}`)));
    await agent.until('50 wired ports', () => ports.every(({ id }) => agent.states.get(id) === 'wired'));
    const before = await ages();
    const database = await host.vsctl('list', 'Port');
    const namespaces = await host.script('ls -i /run/netns');
    await agent.killAgent();
    agent.applied = 0;
    await agent.startAgent();
    await agent.until('the new agent has applied the view', () => agent.applied > 0);
    const after = await ages();
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [flow, age] of before) expect(after.get(flow)).toBeGreaterThan(age);
    expect(await host.vsctl('list', 'Port')).toBe(database);
    expect(await host.script('ls -i /run/netns')).toBe(namespaces);
  });

  it('brings flows and traffic back after ovs-vswitchd has been killed', async () => {
    await twoInstances();
    const before = await flows();
    await host.killDaemon('ovs-vswitchd');
    const started = performance.now();
    await host.startVswitchd();
    await expect.poll(flows, { timeout: 60_000, interval: 20 }).toBe(before);
    console.log(`flows were back ${Math.round(performance.now() - started)} ms after ovs-vswitchd was started again`);
    await host.run(['ping', '-c', '20', '-i', '0.2', '-w', '4', '10.0.0.11'], { netns: 'a', anyExitCode: true });
    const { stdout } = await host.run(['ping', '-c', '3', '-i', '0.2', '-W', '1', '10.0.0.11'], { netns: 'a' });
    expect(stdout).toContain('3 received');
  });

  it('brings flows back after somebody has emptied the bridge', async () => {
    await twoInstances();
    const before = await flows();
    await host.ofctl(['del-flows'], 'br-int');
    await expect.poll(flows, { timeout: 60_000 }).toBe(before);
  });

  it('starts dnsmasq again when it has died', async () => {
    await twoInstances();
    const pidFile = `${agent.stateDir}/dhcp/${network.id}/pid`;
    await host.script(`kill -9 $(cat ${pidFile})`);
    await expect.poll(() => lease('a'), { timeout: 60_000 }).toBe('10.0.0.10');
  });

  it('makes the DHCP service anew when someone has removed its namespace', async () => {
    await twoInstances();
    await host.script(`ip netns del qdhcp-${network.id}`);
    await expect.poll(() => lease('b'), { timeout: 60_000 }).toBe('10.0.0.11');
  });

  it('repairs what somebody changes, and counts that, and finds nothing to repair while nobody does', async () => {
    const quick = { NEUTRONIUM_AGENT_CHECK_INTERVAL: '1', NEUTRONIUM_AGENT_REPORT_INTERVAL: '1' };
    await twoInstances(quick);
    const drifts = (): readonly Readonly<Record<string, number>>[] =>
      agent.heard.flatMap((message) => (message.kind === 'heartbeat' ? [message.drift] : []));
    await agent.until('some heartbeats', () => drifts().length >= 4);
    expect(drifts().filter((drift) => Object.keys(drift).length > 0)).toEqual([]);

    await host.script(`ip -n qdhcp-${network.id} addr flush dev ${`tap${dhcpPort.id}`.slice(0, 14)}`);
    await host.vsctl('set', 'Port', `tap${alice.id}`.slice(0, 14), 'tag=4095');
    await agent.until('the repairs', () => {
      const drift = drifts().at(-1);
      return drift?.['namespaces'] === 1 && drift['wiring'] !== undefined;
    });
    const { stdout } = await host.run(['ping', '-c', '2', '-i', '0.2', '-W', '1', '10.0.0.2'], { netns: 'a' });
    expect(stdout).toContain('2 received');
  });

  it('takes away what is no longer wanted, and leaves what is not its own', async () => {
    await twoInstances();
    await host.script('ip netns add qdhcp-foreign');
    await agent.applies(agent.show([]));
    expect(await host.script('ls /run/netns')).toBe('a\nb\nqdhcp-foreign\n');
    expect(await host.script(`ls ${agent.stateDir}/dhcp`)).toBe('');
    expect(await host.script('cat /proc/[0-9]*/comm | grep -c dnsmasq || true')).toBe('0\n');
    expect((await host.vsctl('list-ports', 'br-int')).split('\n').toSorted()).toEqual(
      [alice, bob].map(({ id }) => `tap${id}`.slice(0, 14)),
    );
    const { stdout } = await host.run(['ping', '-c', '1', '-W', '1', '10.0.0.11'], { netns: 'a', anyExitCode: true });
    expect(stdout).toContain('0 received');
  });
});
