// The real agent with a router: real Open vSwitch, namespaces, iptables and radvd; only the server is a stand-in. The
// numbers are those of docs/howto: private 10.0.0.0/24, public 172.24.4.0/24.

import type {
  FloatingIpView,
  HostObject,
  NetworkView,
  PortForwardingView,
  PortView,
  RouterView,
  SubnetView,
} from '@neutronium/model/host-view';
import { cidr, eui64Address } from '@neutronium/net/cidr';
import { ip, type IpAddress } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { callTcp, startTcpServer, TcpConversation } from '@neutronium/testkit/lab/tcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentOnHost, hostName } from './lab/agent-on-host.ts';

const routerId = 'dddddddd-0001-4000-8000-000000000000';
const namespace = `qrouter-${routerId}`;

function network(digits: string, segment: Partial<NetworkView['segments'][number]> = {}): NetworkView {
  const id = `aaaaaa${digits}-0000-4000-8000-000000000000`;
  return {
    section: 'networks',
    id,
    project_id: 'p',
    mtu: 1500,
    admin_state_up: true,
    segments: [{ id, network_type: 'local', physical_network: null, segmentation_id: null, ...segment }],
    dns_domain: '',
  };
}

function subnet(digits: string, of: NetworkView, prefix: string, gateway: string): SubnetView {
  return {
    section: 'subnets',
    id: `bbbbbb${digits}-0000-4000-8000-000000000000`,
    network_id: of.id,
    ip_version: prefix.includes(':') ? 6 : 4,
    cidr: cidr(prefix),
    gateway_ip: ip(gateway),
    enable_dhcp: false,
    dns_nameservers: [],
    host_routes: [],
    address_scope_id: null,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
  };
}

function port(digits: string, of: SubnetView, address: string, given: Partial<PortView> = {}): PortView {
  return {
    section: 'ports',
    id: `cccccc${digits}-0000-4000-8000-000000000000`,
    network_id: of.network_id,
    project_id: 'p',
    host: hostName,
    mac_address: mac(`fa:16:3e:00:00:${digits}`),
    admin_state_up: true,
    device_owner: 'compute:nova',
    device_id: `vm-${digits}`,
    fixed_ips: [{ subnet_id: of.id, ip_address: ip(address) }],
    allowed_address_pairs: [],
    port_security_enabled: false,
    security_groups: [],
    dns_assignment: [],
    extra_dhcp_opts: [],
    revision_number: 1,
    ...given,
  };
}

const publicNetwork = network('09', { network_type: 'flat', physical_network: 'physnet1' });
const publicSubnet = subnet('09', publicNetwork, '172.24.4.0/24', '172.24.4.1');
const privateNetwork = network('01');
const privateSubnet = subnet('01', privateNetwork, '10.0.0.0/24', '10.0.0.1');
const inside = port('01', privateSubnet, '10.0.0.1', { device_owner: 'network:router_interface', device_id: routerId });
const gateway = port('19', publicSubnet, '172.24.4.19', {
  device_owner: 'network:router_gateway',
  device_id: routerId,
});
const [alice, bob] = [port('a8', privateSubnet, '10.0.0.18'), port('a9', privateSubnet, '10.0.0.20')];
const router: RouterView = {
  section: 'routers',
  id: routerId,
  project_id: 'p',
  admin_state_up: true,
  gateways: [{ port_id: gateway.id, enable_snat: true }],
  distributed: false,
  interface_ports: [inside.id],
  snat_ports: [],
  routes: [],
  enable_default_route_ecmp: false,
  enable_ndp_proxy: false,
  ha: null,
};
const world: readonly HostObject[] = [
  publicNetwork,
  publicSubnet,
  privateNetwork,
  privateSubnet,
  inside,
  gateway,
  alice,
  bob,
  router,
];

function floatingIp(address: string, fixed: PortView | null): FloatingIpView {
  return {
    section: 'floating_ips',
    id: `fip-${address}`,
    router_id: routerId,
    floating_network_id: publicNetwork.id,
    floating_ip_address: ip(address),
    fixed_ip_address: fixed?.fixed_ips[0]?.ip_address ?? null,
    port_id: fixed?.id ?? null,
  };
}
const floating21 = (of: PortView): FloatingIpView => floatingIp('172.24.4.21', of);
const settings = {
  NEUTRONIUM_OVS_BRIDGE_MAPPINGS: 'physnet1:br-ex',
  NEUTRONIUM_AGENT_CHECK_INTERVAL: '1',
  NEUTRONIUM_AGENT_REPORT_INTERVAL: '1',
};
const outsideAddress: IpAddress = ip('172.24.4.1');

describe.skipIf(missingForLab().length > 0)('a router', () => {
  let host: LabHost;
  let agent: AgentOnHost;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'router' });
    agent = new AgentOnHost(host);
    await agent.startServer();
    await agent.startAgent(settings);
    await agent.applies(agent.show(world));
    await plugOutside('outside', 'tapoutside', `${outsideAddress}/24`);
    for (const [netns, { id, mac_address, fixed_ips }] of [
      ['alice', alice],
      ['bob', bob],
    ] as const) {
      await host.plugInstance({ netns, device: `tap${id}`.slice(0, 14), portId: id, mac: mac_address });
      await host.script(`
        ip -n ${netns} addr add ${fixed_ips[0]?.ip_address}/24 dev eth0
        ip -n ${netns} route add default via 10.0.0.1`);
    }
    await wired(alice, bob, inside, gateway);
    await startTcpServer(host, { netns: 'outside', port: 22 });
    await startTcpServer(host, { netns: 'alice', port: 22 });
    await startTcpServer(host, { netns: 'bob', port: 22 });
  });
  afterAll(async () => {
    await host?.dispose();
  });

  async function plugOutside(netns: string, device: string, address: string): Promise<void> {
    await host.script(`
      ip netns add ${netns}
      ip link add ${device} type veth peer name eth0 netns ${netns}
      ip link set ${device} up; ip -n ${netns} link set eth0 up; ip -n ${netns} link set lo up
      ip -n ${netns} addr add ${address} dev eth0
      ip netns exec ${netns} ethtool -K eth0 tx off >/dev/null`);
    await host.vsctl('add-port', 'br-ex', device);
  }

  async function wired(...ports: readonly PortView[]): Promise<void> {
    await agent.until(`${ports.length} wired ports`, () => ports.every(({ id }) => agent.states.get(id) === 'wired'));
  }

  /** Brings the host to the world and these objects, and no others. */
  async function show(...objects: readonly HostObject[]): Promise<void> {
    await agent.applies(agent.show([...world, ...objects]));
  }

  const call = (netns: string, address: string): Promise<string> => callTcp(host, { netns, address, port: 22 });

  it('lets instances out with the address of its gateway', async () => {
    await show();
    expect(await call('alice', outsideAddress)).toBe('172.24.4.19');
  });

  it('lets them out with their floating IP, by which they are reached from outside', async () => {
    await show(floating21(alice));
    expect(await call('alice', outsideAddress)).toBe('172.24.4.21');
    expect(await call('bob', outsideAddress)).toBe('172.24.4.19');
    expect(await call('outside', '172.24.4.21')).toBe(outsideAddress);
  });

  it('ends open connections of a floating IP that is taken away, both ways', async () => {
    await show(floating21(alice));
    const inwards = await TcpConversation.open(host, { netns: 'outside', address: '172.24.4.21', port: 22 });
    const outwards = await TcpConversation.open(host, { netns: 'alice', address: outsideAddress, port: 22 });
    expect([await inwards.isAlive(), await outwards.isAlive()]).toEqual([true, true]);
    expect(outwards.seenAs).toBe('172.24.4.21');
    await show();
    expect([await inwards.isAlive(), await outwards.isAlive()]).toEqual([false, false]);
    expect(await call('outside', '172.24.4.21')).not.toBe(outsideAddress);
    expect(await call('alice', outsideAddress)).toBe('172.24.4.19');
  });

  it('leads to another instance as soon as its floating IP has moved', async () => {
    await show(floating21(alice));
    const before = await TcpConversation.open(host, { netns: 'outside', address: '172.24.4.21', port: 22 });
    await show(floating21(bob));
    expect(await before.isAlive()).toBe(false);
    expect(await call('outside', '172.24.4.21')).toBe(outsideAddress);
    expect(await call('bob', outsideAddress)).toBe('172.24.4.21');
    expect(await call('alice', outsideAddress)).toBe('172.24.4.19');
  });

  it('leads an instance to floating IPs of its neighbours and to its own', async () => {
    await show(floating21(alice), floatingIp('172.24.4.22', bob));
    expect(await call('bob', '172.24.4.21')).toBe('172.24.4.22');
    expect(await call('alice', '172.24.4.21')).toBe('172.24.4.21');
    await show(floating21(alice));
    expect(await call('bob', '172.24.4.21')).toBe('172.24.4.19');
  });

  it('leads ports of a floating IP to ports of instances, and cuts those that are taken away', async () => {
    const shared = floatingIp('172.24.4.30', null);
    const forwarding = (id: string, port: number, to: PortView): PortForwardingView => ({
      section: 'port_forwardings',
      id,
      floatingip_id: shared.id,
      router_id: routerId,
      protocol: 'tcp',
      external_ports: { first: port, last: port },
      internal_ip_address: to.fixed_ips[0]?.ip_address ?? outsideAddress,
      internal_ports: { first: 22, last: 22 },
    });
    const [toAlice, toBob] = [forwarding('11111111-pf', 2201, alice), forwarding('22222222-pf', 2202, bob)];
    await show(shared, toAlice, toBob);
    await agent.until('an active floating IP', () => agent.floatingIps.get(shared.id) === 'ACTIVE');
    const [first, second] = await Promise.all(
      [2201, 2202].map((port) => TcpConversation.open(host, { netns: 'outside', address: '172.24.4.30', port })),
    );
    expect([await first?.isAlive(), await second?.isAlive()]).toEqual([true, true]);
    await show(shared, toBob);
    expect([await first?.isAlive(), await second?.isAlive()]).toEqual([false, true]);
    second?.close();
  });

  it('keeps the addresses of instances where it does not translate', async () => {
    await show({ ...router, gateways: [{ port_id: gateway.id, enable_snat: false }] });
    await host.script('ip -n outside route replace 10.0.0.0/24 via 172.24.4.19');
    expect(await call('alice', outsideAddress)).toBe('10.0.0.18');
    await host.script('ip -n outside route del 10.0.0.0/24');
    expect(await call('alice', outsideAddress)).toBe('no answer');
  });

  it('has extra routes, and loses them again', async () => {
    await host.script(`
      ip -n bob addr add 192.0.2.7/32 dev lo
      ip -n outside route replace 192.0.2.0/24 via 172.24.4.19`);
    const extra = { destination: cidr('192.0.2.0/24'), nexthop: ip('10.0.0.20') };
    await show({ ...router, routes: [extra] });
    expect(await call('outside', '192.0.2.7')).toBe(outsideAddress);
    await show();
    expect(await call('outside', '192.0.2.7')).not.toBe(outsideAddress);
    await host.script('ip -n outside route del 192.0.2.0/24');
  });

  it('tells the neighbours outside where its addresses are now', async () => {
    await show();
    // What another router of the past left behind with them.
    await host.script('ip -n outside neigh replace 172.24.4.21 lladdr fa:16:3e:ff:ff:ff dev eth0 nud reachable');
    await show(floating21(alice));
    const neighbor = (): Promise<string> => host.script('ip -n outside neigh show 172.24.4.21');
    await expect.poll(neighbor, { timeout: 20_000 }).toContain(gateway.mac_address);
    expect(await call('outside', '172.24.4.21')).toBe(outsideAddress);
  });

  it('gives instances addresses of IPv6 by router advertisements, and forwards between them and outside', async () => {
    const slaac: SubnetView = {
      ...subnet('06', privateNetwork, '2001:db8:1::/64', '2001:db8:1::1'),
      ipv6_ra_mode: 'slaac',
      ipv6_address_mode: 'slaac',
    };
    const outer = subnet('16', publicNetwork, '2001:db8:9::/64', '2001:db8:9::1');
    await show(
      slaac,
      outer,
      { ...inside, fixed_ips: [...inside.fixed_ips, { subnet_id: slaac.id, ip_address: ip('2001:db8:1::1') }] },
      { ...gateway, fixed_ips: [...gateway.fixed_ips, { subnet_id: outer.id, ip_address: ip('2001:db8:9::19') }] },
    );
    const address = eui64Address(slaac.cidr, alice.mac_address);
    const addresses = (): Promise<string> => host.script('ip -n alice -6 addr show dev eth0 scope global -tentative');
    await expect.poll(addresses, { timeout: 20_000 }).toContain(address);
    await host.script(`
      ip -n outside addr add 2001:db8:9::1/64 dev eth0 nodad
      ip -n outside route replace 2001:db8:1::/64 via 2001:db8:9::19`);
    expect(await call('alice', '2001:db8:9::1')).toBe(address);
    await show();
    const advertisers = (): Promise<string> => host.script('cat /proc/[0-9]*/comm | grep -c radvd || true');
    await expect.poll(advertisers).toBe('0\n');
  });

  it('keeps address scopes apart, but for what it translates', async () => {
    const [scoped, unscoped] = [{ ...privateSubnet, address_scope_id: 'inner' }, publicSubnet];
    await show(scoped, unscoped, floating21(alice), {
      ...router,
      gateways: [{ port_id: gateway.id, enable_snat: false }],
    });
    await host.script('ip -n outside route replace 10.0.0.0/24 via 172.24.4.19');
    expect(await call('outside', '10.0.0.20')).toBe('no answer');
    expect(await call('outside', '172.24.4.21')).toBe(outsideAddress);
    await show(scoped, { ...publicSubnet, address_scope_id: 'inner' });
    expect(await call('outside', '10.0.0.20')).toBe(outsideAddress);
    expect(await call('bob', outsideAddress)).toBe('10.0.0.20');
    await host.script('ip -n outside route del 10.0.0.0/24');
  });

  it('is repaired, whatever somebody breaks, and the repair is counted', async () => {
    await show(floating21(alice));
    const drift = (): Readonly<Record<string, number>> => {
      const [last] = agent.heard
        .flatMap((message) => (message.kind === 'heartbeat' ? [message.drift] : []))
        .toReversed();
      return last ?? {};
    };
    const sum = (counts: Readonly<Record<string, number>>): number =>
      Object.values(counts).reduce((total, count) => total + count, 0);
    const device = (prefix: string, { id }: PortView): string => `${prefix}${id}`.slice(0, 14);
    for (const damage of [
      `ip netns exec ${namespace} iptables -t nat -F neutron-l3-agent-float-snat`,
      `ip netns exec ${namespace} iptables -t nat -D PREROUTING 1`,
      `ip -n ${namespace} addr del 172.24.4.21/32 dev ${device('qg-', gateway)}`,
      `ip -n ${namespace} route del default`,
      `ip -n ${namespace} link set ${device('qr-', inside)} down`,
      `ip -n ${namespace} link del ${device('qg-', gateway)}`,
      `ip netns del ${namespace}`,
    ]) {
      const before = sum(drift());
      await host.script(damage);
      await agent.until(`a repair after: ${damage}`, () => sum(drift()) > before);
      await expect.poll(() => call('outside', '172.24.4.21'), { timeout: 20_000 }).toBe(outsideAddress);
      expect(await call('alice', outsideAddress)).toBe('172.24.4.21');
    }
  });

  it('goes on while the agent is away, and is left as it is by a new one', async () => {
    await show(floating21(alice));
    const open = await TcpConversation.open(host, { netns: 'outside', address: '172.24.4.21', port: 22 });
    const state = async (): Promise<string> =>
      await host.script(`
        ip netns exec ${namespace} iptables-save | grep -v '^#' | sed 's/\\[[0-9:]*\\]//'
        ip -n ${namespace} -d link; ip -n ${namespace} addr | grep inet; ip -n ${namespace} route; ls -i /run/netns`);
    const before = await state();
    await agent.killAgent();
    expect(await open.isAlive()).toBe(true);
    agent.applied = 0;
    await agent.startAgent(settings);
    await agent.until('the new agent has applied the view', () => agent.applied > 0);
    expect(await state()).toBe(before);
    expect(await open.isAlive()).toBe(true);
    open.close();
  });

  it('takes everything away with the router', async () => {
    await agent.applies(agent.show(world.filter((object) => ![router, inside, gateway].includes(object as PortView))));
    expect(await host.script('ls /run/netns')).not.toContain('qrouter-');
    expect(await host.vsctl('list-ports', 'br-int')).not.toMatch(/q[rg]-/);
    // What still tells neighbours of an address keeps the namespace for up to three seconds.
    await expect.poll(() => host.script('ip -o link'), { timeout: 20_000 }).not.toMatch(/q[rg]-/);
  });
});
