// The agent with driver iptables_hybrid: real Open vSwitch, Linux bridges, iptables, and instances that talk. Only the
// server is a stand-in.

import type {
  HostObject,
  NetworkView,
  PortView,
  SecurityGroupRuleView,
  SecurityGroupView,
  SubnetView,
} from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentOnHost, hostName } from './lab/agent-on-host.ts';
import { broadcastMac, heard, ofType, routerAdvertisement, tagged, udpFrame } from './lab/frames.ts';
import { reaches, serve, Stream } from './lab/streams.ts';

const network: NetworkView = {
  section: 'networks',
  id: '11111111-1111-4111-8111-111111111111',
  project_id: 'p',
  mtu: 1500,
  admin_state_up: true,
  segments: [{ id: 's', network_type: 'local', physical_network: null, segmentation_id: null }],
  dns_domain: '',
};
const subnet: SubnetView = {
  section: 'subnets',
  id: '22222222-2222-4222-8222-222222222222',
  network_id: network.id,
  ip_version: 4,
  cidr: cidr('10.0.0.0/24'),
  gateway_ip: null,
  enable_dhcp: false,
  dns_nameservers: [],
  host_routes: [],
  address_scope_id: null,
  ipv6_ra_mode: null,
  ipv6_address_mode: null,
};
const defaultGroup = '44444444-4444-4444-8444-444444444444';
const openGroup = '55555555-5555-4555-8555-555555555555';

function port(number: number, overrides: Partial<PortView> = {}): PortView {
  return {
    section: 'ports',
    id: `${number}333333-3333-4333-8333-333333333333`,
    project_id: 'p',
    network_id: network.id,
    host: hostName,
    mac_address: mac(`fa:16:3e:00:00:${number}`),
    admin_state_up: true,
    device_owner: 'compute:nova',
    device_id: `vm-${number}`,
    fixed_ips: [
      { subnet_id: subnet.id, ip_address: ip(`10.0.0.${number}`) },
      { subnet_id: subnet.id, ip_address: ip(`2001:db8::${number}`) },
    ],
    allowed_address_pairs: [],
    port_security_enabled: true,
    security_groups: [openGroup],
    dns_assignment: [],
    extra_dhcp_opts: [],
    revision_number: 1,
    ...overrides,
  };
}

function rule(number: number, given: Partial<SecurityGroupRuleView>): SecurityGroupRuleView {
  return {
    id: `66666666-6666-4666-8666-${String(number).padStart(12, '0')}`,
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote: { kind: 'any' },
    ...given,
  };
}

const group = (id: string, rules: readonly SecurityGroupRuleView[], stateful = true): SecurityGroupView => ({
  section: 'security_groups',
  id,
  name: 'it\'s "mine"',
  stateful,
  rules,
});
const egress = (['IPv4', 'IPv6'] as const).map((ethertype, index) => rule(index, { direction: 'egress', ethertype }));
const fromMembers = (['IPv4', 'IPv6'] as const).map((ethertype, index) =>
  rule(10 + index, { ethertype, remote: { kind: 'set', id: defaultGroup } }),
);
const ssh = rule(22, { protocol: 6, port_range_min: 22, port_range_max: 22 });
const member = (of: PortView): HostObject => ({
  section: 'address_set_members',
  id: `${defaultGroup}/${of.id}`,
  set_id: defaultGroup,
  addresses: of.fixed_ips.map(({ ip_address }) => ({ ip: ip_address, mac: null })),
});

const [alice, bob] = [port(10, { security_groups: [defaultGroup] }), port(11)];
const driver = { NEUTRONIUM_SECURITYGROUP_FIREWALL_DRIVER: 'iptables_hybrid' };

const missing = missingForLab();

describe.skipIf(missing.length > 0)('ports behind Linux bridges', () => {
  let host: LabHost;
  let agent: AgentOnHost;

  beforeEach(async () => {
    host = await LabHost.start({ name: 'hybrid' });
    agent = new AgentOnHost(host);
    await agent.startServer();
  });
  afterEach(async () => {
    await host.dispose();
  });

  async function plug(who: PortView, name: string): Promise<void> {
    const device = `tap${who.id.slice(0, 11)}`;
    await host.plugInstance({ netns: name, device, portId: who.id, mac: who.mac_address, hybrid: true });
    const addresses = who.fixed_ips.map(({ ip_address: address }) =>
      address.includes(':') ? `${address}/64 dev eth0 nodad` : `${address}/24 dev eth0`,
    );
    await host.script(addresses.map((address) => `ip -n ${name} addr add ${address}\n`).join(''));
  }

  /** Alice, of the default group, and Bob, of an open one: `rules` are its ingress. */
  async function aliceAndBob(
    rules: readonly SecurityGroupRuleView[],
    others: readonly HostObject[] = [],
  ): Promise<void> {
    await agent.startAgent(driver);
    const groups = [group(defaultGroup, [...egress, ...fromMembers]), group(openGroup, [...egress, ...rules])];
    await agent.applies(agent.show([network, subnet, alice, bob, ...groups, ...others]));
    await plug(alice, 'a');
    await plug(bob, 'b');
    await agent.until('two wired ports', () => [alice, bob].every(({ id }) => agent.states.get(id) === 'wired'));
    await serve(host, 'a', 22);
    await serve(host, 'b', 22);
  }

  const open = async (...rules: readonly SecurityGroupRuleView[]): Promise<void> =>
    agent.applies(agent.change({ set: [group(openGroup, [...egress, ...rules])] }));
  const canReach = async (to: string, protocol: 'tcp' | 'udp' = 'tcp'): Promise<boolean> =>
    reaches(host, { from: to === 'a' ? 'b' : 'a', to: to === 'a' ? '10.0.0.10' : '10.0.0.11', port: 22, protocol });
  const pings = async (from: string, to: string): Promise<boolean> =>
    (await host.run(['ping', '-c', '1', '-W', '1', to], { netns: from, anyExitCode: true })).exitCode === 0;
  const filters = (): Promise<string> =>
    host
      .script('for tool in iptables-save ip6tables-save "ipset save"; do $tool | sed /^#/d; done')
      .then((text) => text.replaceAll(/\[\d+:\d+\]/g, ''));

  it('hear what their groups admit, as it is opened and closed', async () => {
    await aliceAndBob([]);
    expect([await canReach('b'), await canReach('b', 'udp'), await pings('a', '10.0.0.11')]).toEqual([
      false,
      false,
      false,
    ]);
    await open(ssh);
    expect([await canReach('b'), await canReach('b', 'udp'), await pings('a', '10.0.0.11')]).toEqual([
      true,
      false,
      false,
    ]);
    await open(
      rule(17, { protocol: 17, port_range_min: 20, port_range_max: 30 }),
      rule(8, { protocol: 1, port_range_min: 8 }),
    );
    expect([await canReach('b'), await canReach('b', 'udp'), await pings('a', '10.0.0.11')]).toEqual([
      false,
      true,
      true,
    ]);
    await open(rule(6, { ethertype: 'IPv6', protocol: 58, port_range_min: 128 }));
    expect([await pings('a', '10.0.0.11'), await pings('a', '2001:db8::11')]).toEqual([false, true]);
    await open(rule(1, { remote: { kind: 'prefix', cidr: cidr('10.0.0.10/31') } }));
    expect(await canReach('b')).toBe(true);
    await open(rule(1, { remote: { kind: 'prefix', cidr: cidr('10.0.0.8/31') } }));
    expect(await canReach('b')).toBe(false);
  });

  it('hear the members of a group as they come and go', async () => {
    await aliceAndBob([]);
    expect(await canReach('a')).toBe(false);
    await agent.applies(agent.change({ set: [member(alice), member(bob)] }));
    expect([await canReach('a'), await pings('b', '2001:db8::10')]).toEqual([true, true]);
    const gone = { section: 'address_set_members', id: `${defaultGroup}/${bob.id}` } as const;
    await agent.applies(agent.change({ remove: [gone] }));
    expect([await canReach('a'), await pings('b', '2001:db8::10')]).toEqual([false, false]);
  });

  it('lose an established connection within a second of its rule, and for good', async () => {
    await aliceAndBob([ssh]);
    const stream = await Stream.begin(host, { from: 'a', to: '10.0.0.11', port: 22 });
    const closed = performance.now();
    await open();
    const sinceRemoval = stream.lastEcho - closed;
    const { echoes } = stream;
    // Both ends go on sending; TCP tries again several times within this time.
    expect(await reaches(host, { from: 'a', to: '10.0.0.11', port: 22 })).toBe(false);
    expect(await reaches(host, { from: 'a', to: '10.0.0.11', port: 22 })).toBe(false);
    expect(stream.echoes - echoes).toBeLessThan(3);
    expect(sinceRemoval).toBeLessThan(1000);
    console.log(`cut ${Math.round(sinceRemoval)} ms after the rule was removed`);
    stream.end();
    await open(ssh);
    expect(await canReach('b')).toBe(true);
  });

  it('lose an exchange by UDP that their own answers would keep alive', async () => {
    await aliceAndBob([rule(17, { protocol: 17, port_range_min: 22, port_range_max: 22 })]);
    const stream = await Stream.begin(host, { from: 'a', to: '10.0.0.11', port: 22, protocol: 'udp' });
    await open();
    const { echoes } = stream;
    expect(await canReach('b', 'udp')).toBe(false);
    expect(stream.echoes - echoes).toBeLessThan(3);
    stream.end();
  });

  it('keep the connections that other rules still admit', async () => {
    const wide = rule(99, { protocol: 6, port_range_min: 1, port_range_max: 100 });
    await aliceAndBob([ssh, wide]);
    const stream = await Stream.begin(host, { from: 'a', to: '10.0.0.11', port: 22 });
    await open(wide);
    const { echoes } = stream;
    await expect.poll(() => stream.echoes, { timeout: 5000 }).toBeGreaterThan(echoes + 50);
    stream.end();
  });

  it('send from their own addresses only', async () => {
    await aliceAndBob([rule(1, {}), rule(2, { ethertype: 'IPv6' })]);
    expect([await pings('a', '10.0.0.11'), await pings('a', '2001:db8::11')]).toEqual([true, true]);
    await host.script(`
      ip -n a addr add 10.0.0.99/24 dev eth0; ip -n a addr add 2001:db8::99/64 dev eth0 nodad
      ip -n b neigh replace 10.0.0.99 lladdr ${alice.mac_address} dev eth0
      ip -n b neigh replace 2001:db8::99 lladdr ${alice.mac_address} dev eth0`);
    const from = (source: string, to: string) =>
      host.run(['ping', '-c', '1', '-W', '1', '-I', source, to], { netns: 'a', anyExitCode: true });
    expect((await from('10.0.0.99', '10.0.0.11')).exitCode).toBe(1);
    expect((await from('2001:db8::99', '2001:db8::11')).exitCode).toBe(1);
    await host.script(`ip -n a link set eth0 down; ip -n a link set eth0 address fa:16:3e:00:00:66 up`);
    expect(await pings('a', '10.0.0.11')).toBe(false);
  });

  describe('whatever their instances try,', () => {
    const aliceAt = { mac: alice.mac_address, ip: '10.0.0.10', port: 1000 };
    const bobAt = { mac: bob.mac_address, ip: '10.0.0.11', port: 9999 };
    const admitted = (from: number) => udpFrame({ from: { ...aliceAt, port: from }, to: { ...bobAt, port: 22 } });
    const hearsOf = (...frames: readonly Buffer[]) =>
      heard(host, { from: 'a', to: 'b', frames, admitted: [admitted(2221), admitted(2222)] });
    const udp22 = rule(1, { protocol: 17, port_range_min: 22, port_range_max: 22 });

    it('hear only what their rules admit, also of broadcast, multicast and what hides behind tags', async () => {
      await aliceAndBob([udp22]);
      const lines = await hearsOf(
        udpFrame({ from: aliceAt, to: bobAt }),
        udpFrame({ from: aliceAt, to: { ...bobAt, mac: broadcastMac, ip: '255.255.255.255' } }),
        udpFrame({ from: aliceAt, to: { ...bobAt, mac: broadcastMac, ip: '10.0.0.255' } }),
        udpFrame({ from: aliceAt, to: { ...bobAt, mac: '01:00:5e:00:00:01', ip: '224.0.0.1' } }),
        tagged(udpFrame({ from: aliceAt, to: bobAt }), 0),
        tagged(tagged(udpFrame({ from: aliceAt, to: bobAt }), 0), 0),
        // The switch takes the first tag off, and the bridge of the receiver looks behind the second.
        tagged(tagged(tagged(udpFrame({ from: aliceAt, to: bobAt }), 0), 0), 0),
        tagged(tagged(tagged(udpFrame({ from: { ...aliceAt, ip: '10.0.0.99' }, to: bobAt }), 0), 0), 0),
        ofType(udpFrame({ from: aliceAt, to: bobAt }), 0x88b5),
        tagged(udpFrame({ from: aliceAt, to: bobAt }), 7),
      );
      expect(lines.filter((line) => /9999|0x88b5/.test(line))).toEqual([]);
    });

    it('hear no server of DHCP, no router, and nobody under another name', async () => {
      await aliceAndBob([rule(1, { protocol: 17 }), rule(2, { ethertype: 'IPv6' })]);
      const lines = await hearsOf(
        udpFrame({ from: { ...aliceAt, port: 67 }, to: { ...bobAt, port: 68 } }),
        udpFrame({ from: { ...aliceAt, ip: '10.0.0.99' }, to: bobAt }),
        udpFrame({ from: { ...aliceAt, mac: 'fa:16:3e:00:00:66' }, to: bobAt }),
        tagged(udpFrame({ from: { ...aliceAt, ip: '10.0.0.99' }, to: bobAt }), 0),
        routerAdvertisement({ mac: alice.mac_address, ip: 'fe80::f816:3eff:fe00:10' }),
      );
      expect(lines.filter((line) => /9999|router advertisement|DHCP|\.68:/.test(line))).toEqual([]);
    });
  });

  it('are left as they are by an agent that is started anew, and so are their connections', async () => {
    await aliceAndBob([ssh]);
    const stream = await Stream.begin(host, { from: 'a', to: '10.0.0.11', port: 22 });
    const before = await filters();
    await agent.killAgent();
    await agent.startAgent(driver);
    await agent.until('the new agent has applied the view', () => agent.applied > 0);
    expect(await filters()).toBe(before);
    const { echoes } = stream;
    await expect.poll(() => stream.echoes, { timeout: 5000 }).toBeGreaterThan(echoes + 50);
    stream.end();
  });

  it('are filtered again soon after somebody has emptied the packet filter', async () => {
    await aliceAndBob([]);
    await host.script('for tool in iptables ip6tables; do $tool -F; $tool -X; $tool -t raw -F; done');
    await expect.poll(filters, { timeout: 10_000, interval: 50 }).toContain('neutron-openvswi-sg-chain');
    await expect.poll(() => canReach('b'), { timeout: 10_000 }).toBe(false);
  });

  it('of stateless groups are admitted packet by packet', async () => {
    const stateless = group(openGroup, [...egress, ssh], false);
    await agent.startAgent(driver);
    await agent.applies(
      agent.show([network, subnet, alice, bob, stateless, group(defaultGroup, egress), member(alice)]),
    );
    await plug(alice, 'a');
    await plug(bob, 'b');
    await agent.until('two wired ports', () => [alice, bob].every(({ id }) => agent.states.get(id) === 'wired'));
    await serve(host, 'a', 22);
    await serve(host, 'b', 22);
    // Bob's server answers although nothing remembers that Alice has asked; what Alice would answer Bob is not heard.
    expect(await canReach('b')).toBe(true);
    await agent.applies(agent.change({ set: [group(defaultGroup, [...egress, rule(1, {})])] }));
    expect(await canReach('a')).toBe(false);
    await agent.applies(agent.change({ set: [group(openGroup, [...egress, rule(1, {})], false)] }));
    expect(await canReach('a')).toBe(true);
  });

  it('leave nothing behind when they go', async () => {
    await aliceAndBob([ssh]);
    expect(await filters()).toContain('neutron-openvswi-sg-chain');
    await host.vsctl('del-port', `qvo${alice.id.slice(0, 11)}`);
    await host.vsctl('del-port', `qvo${bob.id.slice(0, 11)}`);
    await expect.poll(filters, { timeout: 10_000 }).not.toContain(alice.id);
    await expect.poll(filters, { timeout: 10_000 }).not.toContain(bob.id);
    await expect.poll(() => host.script('conntrack -L 2>/dev/null'), { timeout: 10_000 }).not.toContain('zone=');
  });

  it('stay on the dead VLAN, and say why, for as long as their rules are not in force', async () => {
    // Whatever iptables-restore is asked, it refuses. It is one program with iptables-save, under another name.
    const program = (await host.script('readlink -f "$(command -v iptables-restore)"')).trim();
    await host.script(`
      cp ${program} ${host.dir}/real
      cat > ${host.dir}/refusing <<'END'
#!/bin/sh
case "$0" in *-restore) echo no rules today >&2; exit 1;; esac
exec ${host.dir}/real "\${0##*/}" "$@"
END
      chmod 755 ${host.dir}/refusing
      mount --bind ${host.dir}/refusing ${program}`);
    await agent.startAgent(driver);
    agent.show([network, subnet, bob, group(openGroup, [...egress, rule(1, {})])]);
    await expect.poll(() => host.vsctl('list-br'), { timeout: 10_000 }).toContain('br-int');
    await plug(bob, 'b');
    await agent.until('a failed port', () => agent.states.get(bob.id) === 'failed');
    const failed = agent.heard.flatMap((message) => (message.kind === 'port-status' ? message.ports : []));
    expect(failed.find(({ state }) => state === 'failed')?.why).toContain('no rules today');
    expect(await host.vsctl('get', 'Port', `qvo${bob.id.slice(0, 11)}`, 'tag')).toBe('4095');
    await host.script(`umount ${program}`);
    await agent.until('a wired port', () => agent.states.get(bob.id) === 'wired');
    expect(await host.vsctl('get', 'Port', `qvo${bob.id.slice(0, 11)}`, 'tag')).toBe('1');
  });
});
