import { describe, expect, it } from 'vitest';
import { dhcpService, id, inventory, network, port, sampleObjects, subnet } from '../sample-host.ts';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { viewOf } from '@neutronium/model/host-view';
import type { HostObject, PortView, SubnetView } from '@neutronium/model/host-view';
import { dhcpServices } from '../plan/dhcp.ts';
import { metadataService } from './metadata-proxy.ts';
import type { MetadataServed } from './metadata-proxy.ts';
import type { MetadataProxies } from './isolated-metadata.ts';

const stateDir = '/var/lib/neutronium/agent';

function page(serves: MetadataServed): string {
  const { program, args, files } = metadataService({ namespace: 'ns', serves, stateDir });
  return [`${program}\n`, ...args.map((arg) => `  ${arg}\n`), ...[...files].flat().map((text) => `${text}\n`)].join('');
}

describe('the metadata proxy', () => {
  it('of a router is this', async () => {
    const text = page({ kind: 'router', id: '11111111-1111-4111-8111-111111111111' });
    await expect(text).toMatchFileSnapshot('golden/metadata-proxy-router.txt');
  });

  it('of a network is this', async () => {
    const text = page({ kind: 'network', id: id('network', 1), device: 'tapcccc0002-00' });
    await expect(text).toMatchFileSnapshot('golden/metadata-proxy-network.txt');
  });
});

const dhcpPort = port(2, { device_owner: 'network:dhcp' });
const routerPort = (given: Partial<PortView> = {}) =>
  port(1, { device_owner: 'network:router_interface', device_id: 'router', ...given });
const second = subnet(5, { network_id: id('network', 1), cidr: cidr('10.0.5.0/24'), gateway_ip: ip('10.0.5.1') });
const sixth: SubnetView = subnet(6, {
  network_id: id('network', 1),
  ip_version: 6,
  cidr: cidr('2001:db8::/64'),
  gateway_ip: ip('2001:db8::1'),
  ipv6_ra_mode: 'dhcpv6-stateful',
  ipv6_address_mode: 'dhcpv6-stateful',
});

/** Whether network 1 has a proxy, and the next hop to the metadata address that the clients of subnet 1 are told. */
function metadataOf(metadataProxies: MetadataProxies, ...objects: readonly HostObject[]) {
  const view = viewOf(1, [network(1), dhcpService(1, 2), dhcpPort, ...objects]);
  const { services, dhcp, namespaces } = dhcpServices(view, inventory([], { metadataProxies }));
  const options = dhcp[0]?.files.get('opts') ?? '';
  const addresses = namespaces.flatMap(({ links }) => links.flatMap((link) => link.addresses));
  return {
    proxies: services.map(({ namespace }) => namespace),
    hop: /tag:subnet-bbbb0001\S*,option:classless-static-route,.*169\.254\.169\.254\/32,([^,\n]+)/.exec(options)?.[1],
    hasAddress: addresses.includes('169.254.169.254/32') && addresses.includes('fe80::a9fe:a9fe/64'),
  };
}

const own = { proxies: [`qdhcp-${id('network', 1)}`], hop: '10.0.0.2', hasAddress: true };
const none = { proxies: [], hop: undefined, hasAddress: false };
const byRouter = { proxies: [], hop: '10.0.0.1', hasAddress: false };

describe('the metadata of a network', () => {
  it('comes from the DHCP namespace where no router has a gateway address, if that is wanted', () => {
    expect(metadataOf('isolated', subnet(1))).toEqual(own);
    expect(metadataOf('isolated', subnet(1, { gateway_ip: null }))).toEqual(own);
    expect(metadataOf('routers', subnet(1))).toEqual(none);
    expect(metadataOf('none', subnet(1))).toEqual(none);
  });

  it('comes from the router where one has the gateway address', () => {
    expect(metadataOf('isolated', subnet(1), routerPort())).toEqual(byRouter);
    expect(metadataOf('routers', subnet(1), routerPort())).toEqual(byRouter);
  });

  it('comes from the DHCP namespace whatever there is, if that is forced', () => {
    expect(metadataOf('all', subnet(1), routerPort())).toEqual(own);
  });

  it('is told to each subnet for itself', () => {
    expect(metadataOf('isolated', subnet(1), second, routerPort())).toEqual({ ...own, hop: '10.0.0.1' });
  });

  it('comes from the DHCP namespace in IPv6 alone', () => {
    expect(metadataOf('isolated', sixth)).toEqual({ ...own, hop: undefined });
  });

  it('does not come where nobody serves DHCP', () => {
    expect(metadataOf('all', subnet(1, { enable_dhcp: false }))).toEqual(none);
  });

  it('leaves the plans of hosts without it as they are', () => {
    const { services } = dhcpServices(viewOf(1, sampleObjects), inventory([]));
    expect(services).toEqual([]);
  });
});
