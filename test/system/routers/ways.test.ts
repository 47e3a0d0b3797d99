// Ways through routers that the other tests do not go: ports of a floating IP, more than one network outside, packets
// larger than the network behind the router carries, and address scopes.

import { fetchByActiveFtp, startFtpServer } from '@neutronium/testkit/lab/ftp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouterLab, type RoutedNetwork } from './lab.ts';

const [outside, elsewhere] = ['172.24.4.1', '172.25.5.1'];
const floating = '172.24.4.30';
const narrowMtu = 1450;
const tenMegabytes = 10_000_000;

let lab: RouterLab;
let publicNetwork: string;
let otherNetwork: string;
let red: RoutedNetwork;
let blue: RoutedNetwork;
let [alice, bob] = ['', ''];

beforeAll(async () => {
  lab = await RouterLab.start();
  publicNetwork = await lab.externalNetwork('public', { ip_version: 4, cidr: '172.24.4.0/24', gateway_ip: outside });
  otherNetwork = await lab.externalNetworkOn('physnet2', 'other', {
    ip_version: 4,
    cidr: '172.25.5.0/24',
    gateway_ip: elsewhere,
  });
  await lab.outside('outside', `${outside}/24`);
  await lab.outsideOn('br-ex2', 'elsewhere', `${elsewhere}/24`);
  red = await lab.routedNetwork('red', { network_id: publicNetwork });
  blue = await lab.routedNetwork('blue', { network_id: otherNetwork });
  await lab.put(`/v2.0/networks/${red.networkId}`, { network: { mtu: narrowMtu } });
  alice = await lab.instance('alice', '10.0.0.18', red);
  bob = await lab.instance('bob', '10.0.0.18', blue);
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

describe('a port forwarding', () => {
  interface Forwarding {
    readonly id: string;
  }
  const forwardings = (floatingIpId: string): string => `/v2.0/floatingips/${floatingIpId}/port_forwardings`;
  const call = async (port: number): Promise<boolean> => (await lab.callPort('outside', floating, port)) === outside;

  it('leads a port outside to one inside, to another after its change, and nowhere after its end', async () => {
    const id = await lab.floatingIp(publicNetwork, floating, null);
    const made = await lab.embedded.create<Forwarding>(forwardings(id), {
      port_forwarding: {
        protocol: 'tcp',
        external_port: 2201,
        internal_port: 22,
        internal_port_id: alice,
        internal_ip_address: '10.0.0.18',
      },
    });
    await lab.untilStatus(id, 'ACTIVE');
    await lab.embedded.until('an answer of the port', () => call(2201));
    expect(await call(22)).toBe(false);
    await lab.put(`${forwardings(id)}/${made.id}`, { port_forwarding: { external_port: 2202 } });
    await lab.embedded.until('an answer of the new port', () => call(2202));
    expect(await call(2201)).toBe(false);
    await lab.delete(`${forwardings(id)}/${made.id}`);
    await lab.embedded.until('no answer', async () => !(await call(2202)));
    await lab.delete(`/v2.0/floatingips/${id}`);
  });

  it('leads each port of a range to its own', async () => {
    const id = await lab.floatingIp(publicNetwork, floating, null);
    const made = await lab.embedded.create<Forwarding>(forwardings(id), {
      port_forwarding: {
        protocol: 'tcp',
        external_port_range: '2221:2223',
        internal_port_range: '21:23',
        internal_port_id: alice,
        internal_ip_address: '10.0.0.18',
      },
    });
    await lab.embedded.until('an answer of the middle of the range', () => call(2222));
    expect([await call(2221), await call(2223)]).toEqual([false, false]);
    await lab.delete(`${forwardings(id)}/${made.id}`);
    await lab.delete(`/v2.0/floatingips/${id}`);
  });
});

describe('a helper of connection tracking', () => {
  it('lets in the connection that an exchange outside opens, for as long as the router has the helper', async () => {
    const { host } = lab.embedded;
    const end = { netns: 'vm-alice', address: outside, port: 21 };
    const helpers = `/v2.0/routers/${red.routerId}/conntrack_helpers`;
    await startFtpServer(host, { ...end, netns: 'outside' });
    // The client names its own address, which means nothing outside.
    expect(await fetchByActiveFtp(host, end)).toBe('no data');
    const { id } = await lab.embedded.create<{ id: string }>(helpers, {
      conntrack_helper: { protocol: 'tcp', port: 21, helper: 'ftp' },
    });
    await lab.embedded.until('data', async () => (await fetchByActiveFtp(host, end)) === 'data');
    await lab.delete(`${helpers}/${id}`);
    await lab.embedded.until('no data', async () => (await fetchByActiveFtp(host, end)) === 'no data');
  });
});

describe('two external networks', () => {
  it('are each the way out of the routers that have their gateway there', async () => {
    expect(await lab.call('vm-alice', outside)).toMatch(/^172\.24\.4\./);
    expect(await lab.call('vm-bob', elsewhere)).toMatch(/^172\.25\.5\./);
    expect(await lab.call('vm-bob', outside)).toBe('no answer');
  });

  it('have floating IPs of their own, each for instances behind its routers only', async () => {
    const id = await lab.floatingIp(otherNetwork, '172.25.5.21', bob);
    expect(await lab.call('elsewhere', '172.25.5.21')).toBe(elsewhere);
    expect(await lab.call('vm-bob', elsewhere)).toBe('172.25.5.21');
    const floatingip = { floating_network_id: otherNetwork, port_id: alice };
    const refused = await lab.embedded.api('POST', '/v2.0/floatingips', { floatingip });
    expect(refused).toMatchObject({
      status: 404,
      body: { NeutronError: { type: 'ExternalGatewayForFloatingIPNotFound' } },
    });
    await lab.delete(`/v2.0/floatingips/${id}`);
    // What goes out by it until then ends with it.
    await lab.embedded.until(
      'the end of the floating IP',
      async () => (await lab.call('vm-bob', elsewhere)) !== '172.25.5.21',
    );
  });
});

it('a network whose packets are as large as those outside carries ten megabytes out and back, and in and back', async () => {
  expect((await lab.embedded.inVm('bob', ['ip', 'link', 'show', 'eth0'])).stdout).toContain('mtu 1500 ');
  expect(await lab.echoes('vm-bob', elsewhere, tenMegabytes)).toBe(true);
  const id = await lab.floatingIp(otherNetwork, '172.25.5.22', bob);
  expect(await lab.echoes('elsewhere', '172.25.5.22', tenMegabytes)).toBe(true);
  await lab.delete(`/v2.0/floatingips/${id}`);
});

describe('a network of smaller packets behind a router', () => {
  it('has its instances told of their size', async () => {
    expect((await lab.embedded.inVm('alice', ['ip', 'link', 'show', 'eth0'])).stdout).toContain(`mtu ${narrowMtu} `);
  });

  it('carries ten megabytes out and back, and in and back', async () => {
    expect(await lab.echoes('vm-alice', outside, tenMegabytes)).toBe(true);
    const id = await lab.floatingIp(publicNetwork, floating, alice);
    expect(await lab.echoes('outside', floating, tenMegabytes)).toBe(true);
    await lab.delete(`/v2.0/floatingips/${id}`);
  });

  it('has senders outside told by the router of what is too large', async () => {
    const id = await lab.floatingIp(publicNetwork, floating, alice);
    await lab.embedded.host.script('ip -n outside route flush cache');
    // 28 bytes are the headers of IPv4 and ICMP; the packet may not be split on its way.
    const ping = (bytes: number): Promise<string> =>
      lab.embedded.host.script(`ip netns exec outside ping -M do -c 1 -W 2 -s ${bytes - 28} ${floating} || true`);
    expect(await ping(1500)).toMatch(new RegExp(`mtu ?= ?${narrowMtu}`));
    expect(await ping(narrowMtu)).toContain(' 1 received');
    await lab.delete(`/v2.0/floatingips/${id}`);
  });
});

describe('address scopes', () => {
  it('are passed within by a router, and not between', async () => {
    const { embedded } = lab;
    const router = await embedded.create<{ id: string }>('/v2.0/routers', { router: { name: 'scopes' } });
    const make = async (name: string, scope: string, cidr: string): Promise<string> => {
      const pool = { name, prefixes: [cidr], address_scope_id: scope, default_prefixlen: 24 };
      const { id: subnetpool_id } = await embedded.create<{ id: string }>('/v2.0/subnetpools', { subnetpool: pool });
      const network = await embedded.create<{ id: string }>('/v2.0/networks', { network: { name } });
      const subnet = await embedded.create<{ id: string }>('/v2.0/subnets', {
        subnet: { network_id: network.id, ip_version: 4, subnetpool_id },
      });
      await lab.put(`/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
      const routed = { cloud: 'neutronium', routerId: router.id, networkId: network.id, subnetId: subnet.id };
      await lab.instance(name, cidr.replace('.0/24', '.18'), routed);
      return network.id;
    };
    const scope = async (name: string): Promise<string> =>
      (await embedded.create<{ id: string }>('/v2.0/address-scopes', { address_scope: { name, ip_version: 4 } })).id;
    const [here, there] = [await scope('here'), await scope('there')];
    await make('one', here, '10.1.1.0/24');
    await make('two', here, '10.1.2.0/24');
    await make('three', there, '10.1.3.0/24');
    await embedded.until('a way within the scope', async () => (await lab.call('vm-one', '10.1.2.18')) === '10.1.1.18');
    expect(await lab.call('vm-two', '10.1.1.18')).toBe('10.1.2.18');
    expect(await lab.call('vm-three', '10.1.3.1')).toBe('ECONNREFUSED');
    expect(await lab.call('vm-one', '10.1.3.18')).toBe('no answer');
    expect(await lab.call('vm-three', '10.1.1.18')).toBe('no answer');
  });
});
