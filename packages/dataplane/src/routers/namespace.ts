// The namespace of a router: its devices, their addresses, and the routes between them.

import { cidrContains, hostCidr, networkOf, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { addressBits, family, isLinkLocal, type Family, type IpAddress } from '@neutronium/net/ip';
import type { LinkPlan, NamespacePlan, RoutePlan, Sysctls } from '../host-plan.ts';
import { choiceRoutes, choiceRoutingRules } from './gateway-choice.ts';
import {
  entranceOf,
  type GatewayPort,
  type HostedRouter,
  type RouterAddress,
  type RouterPort,
} from './hosted-router.ts';
import type { LocalPart } from './local-part.ts';
import { wayOut } from './way-out.ts';

/** The namespace of a router. `isWired` says of a port whether its device is connected. */
export function routerNamespace(router: HostedRouter, isWired: (portId: string) => boolean): NamespacePlan {
  const { ha, local } = router;
  if (local !== null) return localNamespace(router, local, isWired);
  const rules = choiceRoutingRules(router);
  const more = rules.length === 0 ? {} : { rules };
  const links = deviceSettingsOf(router).map(({ port, addresses, routes }): LinkPlan => {
    const link = linkOf(port);
    const gateway = router.gateways.find((each) => each === port);
    const isProxy = gateway !== undefined && router.view.enable_ndp_proxy && router.isActive;
    const own = {
      sysctls: gateway === undefined || !router.isActive ? {} : gatewaySysctls(router, gateway),
      neighborProxies: isProxy ? router.ndpProxies.map((proxy) => proxy.ip_address) : [],
    };
    // Which of the hosts has the addresses is settled among them, and who gets them tells the neighbours.
    if (ha !== null) return { ...link, ...own, addresses: [], routes: [], announce: false, isShared: true };
    return { ...link, ...own, addresses, routes, announce: isWired(port.port.id) };
  });
  if (ha === null) return { name: router.namespace, links, sysctls: routerSysctls, ...more };
  const { port } = ha;
  const heard: LinkPlan = {
    ...linkOf(port),
    addresses: ownAddresses(port),
    routes: [],
    announce: false,
    sysctls: {},
    neighborProxies: [],
    isShared: true,
  };
  const sysctls = { ...routerSysctls, ...sharedSysctls };
  return { name: router.namespace, links: [...links, heard], sysctls, ...more };
}

/** What a device of the router has where the router is active. */
export interface DeviceSettings {
  readonly port: RouterPort;
  /** With prefix length. */
  readonly addresses: readonly string[];
  /** In the order in which they can be added. */
  readonly routes: readonly RoutePlan[];
}

/** The devices of the router: its interfaces, then its ways out. */
export function deviceSettingsOf(router: HostedRouter): readonly DeviceSettings[] {
  const routes = routesByDevice(router);
  return [...router.interfaces, ...router.gateways].map((port) => ({
    port,
    addresses: [...ownAddresses(port), ...floatingAddresses(router, port)],
    routes: routes.get(port.device) ?? [],
  }));
}

function linkOf({ port, network, device }: RouterPort): Pick<LinkPlan, 'device' | 'hostDevice' | 'mac' | 'mtu'> {
  return { device, hostDevice: device, mac: port.mac_address, mtu: network.mtu };
}

/** All hosts of a router have its MAC addresses: no device makes itself an address of one, which they would share. */
const sharedSysctls = { 'net.ipv6.conf.default.addr_gen_mode': '1' } as const;

/**
 * The namespace of a host's part of a distributed router. Its interfaces are announced, on the host only: they may have
 * been elsewhere when the router was not distributed, and br-int would go on to send there what instances say to them.
 */
function localNamespace(
  router: HostedRouter,
  { outlets, entrances, neighbors }: LocalPart,
  isWired: (portId: string) => boolean,
): NamespacePlan {
  const routes = routesByDevice({ ...router, gateways: [] });
  const sides = router.interfaces.map((port): LinkPlan => ({
    device: port.device,
    hostDevice: port.device,
    mac: port.port.mac_address,
    mtu: port.network.mtu,
    addresses: ownAddresses(port),
    routes: [
      ...(routes.get(port.device) ?? []),
      ...outlets
        .filter(({ device }) => device === port.device)
        .map(({ via, table }): RoutePlan => ({ destination: 'default', via, table })),
    ],
    sysctls: {},
    announce: isWired(port.port.id),
    neighborProxies: [],
    neighbors: neighbors.get(port.device) ?? [],
  }));
  const ways = entrances.map(({ gateway, namespace, devices, pair, table }): LinkPlan => ({
    device: devices.router,
    hostDevice: null,
    joint: { namespace, device: devices.floating },
    mac: pair.near.mac,
    mtu: gateway.network.mtu,
    addresses: [`${pair.near.address}/31`],
    routes: [{ destination: 'default', via: pair.far.address, table }],
    sysctls: {},
    announce: false,
    neighborProxies: [],
    neighbors: [{ ip: pair.far.address, mac: pair.far.mac }],
  }));
  const rules = [
    ...outlets.map(({ family: version, from, table }) => ({ family: version, priority: table, from, table })),
    // What has a floating IP goes by the centre until it can go by itself: a device that is not wired leads nowhere.
    ...entrances
      .filter(({ gateway }) => isWired(gateway.port.id))
      .flatMap(({ floatingIps, table, priority }) =>
        floatingIps.flatMap(({ fixed_ip_address: from }) =>
          from === null ? [] : [{ family: 4 as const, priority, from, table }],
        ),
      ),
  ];
  return { name: router.namespace, links: [...sides, ...ways], sysctls: routerSysctls, rules };
}

const routerSysctls = {
  'net.ipv4.conf.all.forwarding': '1',
  'net.ipv6.conf.all.forwarding': '1',
  // A router has a leg in each of several networks, which must not answer for one another (RFC 1812 section 3.3.2).
  'net.ipv4.conf.all.arp_ignore': '1',
  'net.ipv4.conf.all.arp_announce': '2',
  // Extra routes may lead answers another way than the packets came.
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.default.rp_filter': '0',
  // An instance that calls its neighbour by a floating IP would be told to send there directly, where nobody translates.
  'net.ipv4.conf.all.send_redirects': '0',
  'net.ipv4.conf.default.send_redirects': '0',
  // Devices have the addresses that the API gave to their ports and no others, and have them at once.
  'net.ipv6.conf.default.accept_ra': '0',
  'net.ipv6.conf.default.autoconf': '0',
  'net.ipv6.conf.default.accept_dad': '0',
} as const;

function gatewaySysctls(router: HostedRouter, gateway: GatewayPort): Sysctls {
  const { device } = gateway;
  // Where the API knows no way out for IPv6, the routers outside may name one (RFC 4861 section 6.2.3).
  const asks = router.interfaces.some((port) => hasFamily(port, 6)) && wayOut(gateway, 6) === undefined;
  return {
    ...(asks ? { [`net.ipv6.conf.${device}.accept_ra`]: '2' } : {}),
    ...(router.view.enable_ndp_proxy
      ? {
          [`net.ipv6.conf.${device}.proxy_ndp`]: '1',
          // Otherwise an answer waits up to 0.8 s for one from the address itself (RFC 4861 section 7.2.8).
          [`net.ipv6.neigh.${device}.proxy_delay`]: '0',
        }
      : {}),
  };
}

export function ownAddresses({ addresses }: RouterPort): readonly string[] {
  return addresses.map(({ ip, subnet }) => `${ip}/${prefixLength(subnet.cidr)}`);
}

/** On the device by which they are reached, so that the router answers for them there. */
function floatingAddresses(router: HostedRouter, port: RouterPort): readonly string[] {
  return router.floatingIps
    .filter((floatingIp) => entranceOf(router, floatingIp) === port)
    .map(({ floating_ip_address: ip }) => `${ip}/${addressBits[family(ip)]}`);
}

/** The routes of each device. To one destination there is one route: the first extra route, then the first way out. */
function routesByDevice(router: HostedRouter): ReadonlyMap<string, readonly RoutePlan[]> {
  const ports = [...router.interfaces, ...router.gateways];
  const routes = new Map<string, RoutePlan[]>(ports.map(({ device }) => [device, []]));
  // Addresses bring routes to their prefixes along.
  const taken = new Set<string>(ports.flatMap(({ addresses }) => addresses.map(connectedPrefix)));
  const add = (device: string, destination: Cidr, via: IpAddress | null): boolean => {
    if (taken.has(destination)) return false;
    taken.add(destination);
    routes.get(device)?.push({ destination: prefixLength(destination) === 0 ? 'default' : destination, via });
    return true;
  };
  for (const { destination, nexthop } of router.view.routes) {
    const port = portTowards(ports, nexthop);
    if (port !== undefined) add(port.device, destination, nexthop);
  }
  for (const gateway of router.gateways) {
    for (const subnet of gateway.otherSubnets) add(gateway.device, subnet.cidr, null);
    for (const version of [4, 6] as const) {
      const way = wayOut(gateway, version);
      if (way === undefined) continue;
      const onLink = cidrContains(way.subnet.cidr, way.via) || (version === 6 && isLinkLocal(way.via));
      if (!onLink) add(gateway.device, hostCidr(way.via), null);
      add(gateway.device, networkOf(way.via, 0), way.via);
    }
    routes.get(gateway.device)?.push(...choiceRoutes(router, gateway));
  }
  return routes;
}

function connectedPrefix({ ip, subnet }: RouterAddress): Cidr {
  return networkOf(ip, prefixLength(subnet.cidr));
}

function hasFamily({ addresses }: RouterPort, version: Family): boolean {
  return addresses.some(({ ip }) => family(ip) === version);
}

/** The port in whose network an address is; of several prefixes that have it, the longest. */
function portTowards(ports: readonly RouterPort[], address: IpAddress): RouterPort | undefined {
  const candidates = ports.flatMap((port) =>
    port.addresses
      .filter(({ subnet }) => cidrContains(subnet.cidr, address))
      .map(({ subnet }) => ({ port, length: prefixLength(subnet.cidr) })),
  );
  return candidates.toSorted((a, b) => b.length - a.length)[0]?.port;
}
