// What routers do for IPv6 besides forwarding: they tell instances where to ask for the rest of their configuration, and
// answer outside for addresses inside.

import { cidr, eui64Address } from '@neutronium/net/cidr';
import { mac } from '@neutronium/net/mac';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordLines } from '@neutronium/testkit/lab/tcpdump';
import { startTcpServer } from '@neutronium/testkit/lab/tcp';
import { servicePort } from '../outside-host.ts';
import { RouterLab, type RoutedNetwork } from './lab.ts';

const outside = '2001:db8:9::1';
const nameServer = '2001:db8:53::53';

let lab: RouterLab;
let scopeId: string;
let publicNetwork: string;

beforeAll(async () => {
  lab = await RouterLab.start();
  const scope = { name: 's', ip_version: 6, shared: true };
  scopeId = (await lab.embedded.create<{ id: string }>('/v2.0/address-scopes', { address_scope: scope })).id;
  const external = { ip_version: 6, cidr: '2001:db8:9::/64', gateway_ip: outside };
  publicNetwork = await lab.externalNetwork('public', { ...external, subnetpool_id: await pool('2001:db8:9::/48') });
  await lab.outside('outside', `${outside}/64`);
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

/** A pool of the one scope, within which routers forward addresses as they are; gives its id. */
async function pool(prefix: string): Promise<string> {
  const subnetpool = {
    name: prefix,
    prefixes: [prefix],
    default_prefixlen: 64,
    address_scope_id: scopeId,
    shared: true,
  };
  return (await lab.embedded.create<{ id: string }>('/v2.0/subnetpools', { subnetpool })).id;
}

/** A routed network with a subnet of that prefix, whose instances get what routers do not tell as `mode` says. */
async function routed(name: string, prefix: string, mode: 'slaac' | 'dhcpv6-stateless'): Promise<RoutedNetwork> {
  const network = await lab.routedNetwork(name, { network_id: publicNetwork });
  const subnet = {
    network_id: network.networkId,
    ip_version: 6,
    cidr: prefix,
    subnetpool_id: await pool(prefix),
    ipv6_ra_mode: mode,
    ipv6_address_mode: mode,
    dns_nameservers: [nameServer],
  };
  const { id } = await lab.embedded.create<{ id: string }>('/v2.0/subnets', { subnet }, network.cloud);
  await lab.put(`/v2.0/routers/${network.routerId}/add_router_interface`, { subnet_id: id }, network.cloud);
  return network;
}

interface Instance {
  readonly portId: string;
  /** What it derives from its MAC address. */
  readonly address: string;
}

/** An instance without port security that answers on TCP port 22, once its address is its own. */
async function instance(name: string, { networkId, cloud }: RoutedNetwork, prefix: string): Promise<Instance> {
  const { embedded } = lab;
  const port = { name, network_id: networkId, port_security_enabled: false };
  const made = await embedded.create<{ id: string; mac_address: string }>('/v2.0/ports', { port }, cloud);
  const address = eui64Address(cidr(prefix), mac(made.mac_address));
  await embedded.vm('add', name, '--port', made.id, '--cloud', cloud);
  await startTcpServer(embedded.host, { netns: `vm-${name}`, port: servicePort });
  await embedded.until(`${address} on the instance`, async () => (await globals(name)).includes(address));
  return { portId: made.id, address };
}

/** The global addresses of IPv6 that the instance has and nobody else claims. */
async function globals(name: string): Promise<readonly string[]> {
  const show = ['ip', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global', '-tentative'];
  const { stdout } = await lab.embedded.inVm(name, show);
  return [...stdout.matchAll(/inet6 ([0-9a-f:]+)\//g)].map(([, address = '']) => address);
}

describe('a network of mode dhcpv6-stateless', () => {
  const prefix = '2001:db8:a::/64';

  it('has its instances derive their addresses, and ask by DHCP for the rest', async () => {
    const network = await routed('red', prefix, 'dhcpv6-stateless');
    const { address } = await instance('alice', network, prefix);
    expect(await globals('alice')).toEqual([address]);
    // The kernel does not read name servers of advertisements, so a server of DHCPv6 has told of this one.
    await lab.embedded.until('an answer of the DHCP server', async () =>
      (await lab.embedded.inVm('alice', ['cat', '/etc/resolv.conf'])).stdout.includes(`nameserver ${nameServer}`),
    );
    await lab.embedded.host.script(`ip -n outside route replace ${prefix} via ${await gatewayOf(network)}`);
    expect(await lab.call('vm-alice', outside)).toBe(address);
    expect(await lab.call('outside', address)).toBe(outside);
  });

  it('is advertised as one whose addresses are derived and whose other configuration is asked for', async () => {
    const capture = await recordLines(lab.embedded.host, {
      netns: 'vm-alice',
      device: 'eth0',
      filter: 'icmp6 and ip6[40] = 134',
      options: ['-v'],
    });
    // A device that comes up asks for routers (RFC 4861 section 6.3.7).
    await lab.embedded.inVm('alice', ['sh', '-c', 'ip link set eth0 down; ip link set eth0 up']);
    await lab.embedded.until('an address by the advertisement', async () => (await globals('alice')).length > 0);
    const advertisements = (await capture.stop()).join(' ');
    // RFC 4861 section 4.2: O without M; section 4.6.2: the prefix is on the link, and addresses are derived from it.
    expect(advertisements).toMatch(/Flags \[other stateful\]/);
    expect(advertisements).toMatch(/2001:db8:a::\/64, Flags \[onlink, auto\]/);
  });
});

describe('an NDP proxy', () => {
  const prefix = '2001:db8:b::/64';
  const call = (address: string): Promise<string> => lab.call('outside', address);

  /** Whether somebody has told the host outside where frames for the address go. */
  async function isAnswered(address: string): Promise<boolean> {
    const { host } = lab.embedded;
    await host.script('ip -n outside neighbour flush all');
    await host.script(`ip netns exec outside ping -6 -c 1 -W 1 ${address} || true`);
    return (await host.script(`ip -n outside neighbour show ${address}`)).includes('lladdr');
  }

  it('has the router answer outside for the address, and let through to that one alone, until it is gone', async () => {
    const network = await routed('blue', prefix, 'slaac');
    const { embedded } = lab;
    const [bob, carol] = [await instance('bob', network, prefix), await instance('carol', network, prefix)];
    await lab.put(`/v2.0/routers/${network.routerId}`, { router: { enable_ndp_proxy: true } }, network.cloud);
    // To the host outside, the whole prefix is on its own link: it asks there for each address.
    await embedded.host.script(`ip -n outside route replace ${prefix} dev eth0`);
    expect([await isAnswered(bob.address), await isAnswered(carol.address)]).toEqual([false, false]);

    const ndp_proxy = { router_id: network.routerId, port_id: bob.portId };
    const { id } = await embedded.create<{ id: string }>('/v2.0/ndp_proxies', { ndp_proxy }, network.cloud);
    await embedded.until('a way in', async () => (await call(bob.address)) === outside);
    expect(await lab.call('vm-bob', outside)).toBe(bob.address);
    expect(await isAnswered(carol.address)).toBe(false);
    // Nor is anybody else reached who is sent to by way of the router.
    await embedded.host.script(`ip -n outside route replace ${carol.address} via ${await gatewayOf(network)}`);
    expect(await call(carol.address)).toBe('no answer');

    await lab.delete(`/v2.0/ndp_proxies/${id}`, network.cloud);
    // Who still knows the router's answer is not let through any more, and nobody gets another one.
    await embedded.until('no way in', async () => (await call(bob.address)) !== outside);
    expect(await isAnswered(bob.address)).toBe(false);
  });
});

async function gatewayOf({ routerId }: RoutedNetwork): Promise<string> {
  const { body } = await lab.embedded.api('GET', `/v2.0/routers/${routerId}`);
  // The shape of a router in the Networking API.
  const { external_gateway_info: info } = body['router'] as {
    external_gateway_info: { external_fixed_ips: readonly { ip_address: string }[] };
  };
  const address = info.external_fixed_ips.map(({ ip_address }) => ip_address).find((each) => each.includes(':'));
  if (address === undefined) throw new Error(`router ${routerId} has no address of IPv6 outside`);
  return address;
}
