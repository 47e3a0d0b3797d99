import type { HostObject } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import type { LinkPlan } from '../host-plan.ts';
import { id, network, port, subnet } from '../sample-host.ts';
import { routerNamespace } from './namespace.ts';
import {
  floatingIp,
  hosted,
  portForwarding,
  router,
  routerId,
  secondFloatingIp,
  secondGateway,
  secondInterface,
  twoGateways,
} from './sample-router.ts';

const gateway = { port_id: id('port', 19), enable_snat: true } as const;

function link(device: string, ...objects: readonly HostObject[]): LinkPlan {
  const found = routerNamespace(hosted(...objects), () => true).links.find((each) => each.device === device);
  if (found === undefined) throw new Error(`the router has no ${device}`);
  return found;
}

const publicSubnet = (digits: number, prefix: string, gatewayIp: string | null) =>
  subnet(digits, {
    network_id: id('network', 9),
    cidr: cidr(prefix),
    ip_version: prefix.includes(':') ? 6 : 4,
    gateway_ip: gatewayIp === null ? null : ip(gatewayIp),
  });

describe('the namespace of a router', () => {
  it('is this', async () => {
    const plan = routerNamespace(hosted(router(), floatingIp(21)), (portId) => portId === id('port', 1));
    await expect(`${JSON.stringify(plan, null, 2)}\n`).toMatchFileSnapshot('golden/namespace.json');
  });

  it('has each floating IP on the gateway of its network, and leaves by the first of several', () => {
    const world = [...secondGateway, floatingIp(21), secondFloatingIp(51)];
    const [first, second] = [link('qg-cccc0019-00', ...world), link('qg-cccc0020-00', ...world)];
    expect(first.addresses).toEqual(['172.24.4.19/24', '172.24.4.21/32']);
    expect(second.addresses).toEqual(['203.0.113.19/24', '203.0.113.51/32']);
    const untabled = (routes: LinkPlan['routes']) => routes.filter(({ table }) => table === undefined);
    expect([first, second].map(({ routes }) => untabled(routes))).toEqual([
      [{ destination: 'default', via: '172.24.4.1' }],
      [],
    ]);
  });

  it('has a table for each of several gateways, to which marks and its own addresses lead', () => {
    const { links, rules } = routerNamespace(hosted(...secondGateway), () => true);
    const tables = links.flatMap(({ device, routes }) =>
      routes.flatMap(({ table, via }) => (table === undefined ? [] : [{ device, table, via }])),
    );
    expect(tables).toEqual([
      { device: 'qg-cccc0019-00', table: 336, via: '172.24.4.1' },
      { device: 'qg-cccc0020-00', table: 345, via: '203.0.113.1' },
    ]);
    expect(rules).toEqual([
      { family: 4, priority: 1000, table: 'main', suppressPrefixLength: 0 },
      { family: 4, priority: 1001, fwmark: '0x5000/0xff00', table: 336 },
      { family: 4, priority: 1002, from: '172.24.4.19', table: 336 },
      { family: 4, priority: 1001, fwmark: '0x5900/0xff00', table: 345 },
      { family: 4, priority: 1002, from: '203.0.113.19', table: 345 },
    ]);
    expect(routerNamespace(hosted(router()), () => true).rules).toBeUndefined();
  });

  it('has numbers for its gateways that do not depend on which others there are, and on their order', () => {
    const turned = router({ gateways: twoGateways.gateways.toReversed() });
    const tablesOf = (...objects: readonly HostObject[]) =>
      link('qg-cccc0020-00', ...objects).routes.filter(({ table }) => table !== undefined);
    expect(tablesOf(...secondGateway, turned)).toEqual(tablesOf(...secondGateway));
  });

  it('has floating IPs on an interface in their network, where no gateway leads there', () => {
    const { addresses } = link('qr-cccc0020-00', ...secondInterface, secondFloatingIp(51));
    expect(addresses).toEqual(['203.0.113.19/24', '203.0.113.51/32']);
  });

  it('has no address of a floating IP whose network the router does not lead to', () => {
    expect(link('qg-cccc0019-00', router(), secondFloatingIp(51)).addresses).toEqual(['172.24.4.19/24']);
  });

  it('is none for a router whose admin state is down', () => {
    expect(() => hosted(router({ admin_state_up: false }))).toThrow('no router');
  });

  it('has the addresses of floating IPs outside, of those with port forwardings too, and not of idle ones', () => {
    const idle = floatingIp(23, { fixed_ip_address: null, port_id: null });
    const forwarding = floatingIp(22, { fixed_ip_address: null, port_id: null });
    const { addresses } = link('qg-cccc0019-00', router(), floatingIp(21), forwarding, portForwarding(1), idle);
    expect(addresses).toEqual(['172.24.4.19/24', '172.24.4.21/32', '172.24.4.22/32']);
  });

  it('has no device for an interface whose port is down, or is another host’s', () => {
    const without = (given: Parameters<typeof port>[1]) =>
      routerNamespace(hosted(router(), port(1, given)), () => true).links.map(({ device }) => device);
    expect(without({ admin_state_up: false })).toEqual(['qg-cccc0019-00']);
    expect(without({ host: 'beta' })).toEqual(['qg-cccc0019-00']);
  });

  it('has a route to each prefix on the wire outside, and one of its own to a way out that is on none', () => {
    const { routes } = link(
      'qg-cccc0019-00',
      router(),
      publicSubnet(9, '172.24.4.0/24', '198.51.100.1'),
      publicSubnet(10, '203.0.113.0/24', '203.0.113.1'),
    );
    expect(routes).toEqual([
      { destination: '203.0.113.0/24', via: null },
      { destination: '198.51.100.1/32', via: null },
      { destination: 'default', via: '198.51.100.1' },
    ]);
  });

  it('has one route to each destination, extra routes before the way out, and none over a prefix of its own', () => {
    const routes = [
      { destination: cidr('0.0.0.0/0'), nexthop: ip('10.0.0.254') },
      { destination: cidr('192.0.2.0/24'), nexthop: ip('10.0.0.20') },
      { destination: cidr('192.0.2.0/24'), nexthop: ip('172.24.4.7') },
      { destination: cidr('10.0.0.0/24'), nexthop: ip('172.24.4.7') },
      { destination: cidr('198.51.100.0/24'), nexthop: ip('192.0.2.9') },
    ];
    const objects = [router({ routes })];
    expect(link('qr-cccc0001-00', ...objects).routes).toEqual([
      { destination: 'default', via: '10.0.0.254' },
      { destination: '192.0.2.0/24', via: '10.0.0.20' },
    ]);
    expect(link('qg-cccc0019-00', ...objects).routes).toEqual([]);
  });

  it('answers outside for the addresses that are shown there, while it is asked to', () => {
    const proxy = {
      section: 'ndp_proxies',
      id: 'np',
      router_id: routerId,
      port_id: id('port', 18),
      ip_address: ip('2001:db8:1::18'),
    } as const;
    const shown = link('qg-cccc0019-00', router({ enable_ndp_proxy: true }), proxy);
    expect(shown.neighborProxies).toEqual(['2001:db8:1::18']);
    expect(shown.sysctls).toMatchObject({ 'net.ipv6.conf.qg-cccc0019-00.proxy_ndp': '1' });
    expect(link('qg-cccc0019-00', router(), proxy).neighborProxies).toEqual([]);
  });

  it('listens to routers outside only where the API names no way out for IPv6', () => {
    const six = (gatewayIp: string | null): LinkPlan =>
      link(
        'qg-cccc0019-00',
        router({ gateways: [gateway] }),
        subnet(2, { network_id: id('network', 1), ip_version: 6, cidr: cidr('2001:db8:1::/64'), gateway_ip: null }),
        port(1, { fixed_ips: [{ subnet_id: id('subnet', 2), ip_address: ip('2001:db8:1::1') }] }),
        publicSubnet(8, '2001:db8:9::/64', gatewayIp),
        port(19, {
          network_id: id('network', 9),
          fixed_ips: [{ subnet_id: id('subnet', 8), ip_address: ip('2001:db8:9::19') }],
        }),
      );
    const [told, asking] = [six('fe80::1'), six(null)];
    expect(told.routes).toContainEqual({ destination: 'default', via: 'fe80::1' });
    expect(told.sysctls).toEqual({});
    expect(asking.routes.map(({ destination }) => destination)).not.toContain('default');
    expect(asking.sysctls).toEqual({ 'net.ipv6.conf.qg-cccc0019-00.accept_ra': '2' });
  });

  it('takes the MTU of each network', () => {
    expect(link('qr-cccc0001-00', router()).mtu).toBe(1450);
    expect(link('qg-cccc0019-00', router(), network(9, { mtu: 9000 })).mtu).toBe(9000);
  });
});
