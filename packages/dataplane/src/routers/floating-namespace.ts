// The namespace in which a host is on an external network for the floating IPs of its instances: it answers for them there,
// and hands what is sent to them to the routers of their instances, whose own routes end here.

import { isLinkLocal, ipToBigInt } from '@neutronium/net/ip';
import { cidrContains, hostCidr } from '@neutronium/net/cidr';
import type { LinkPlan, NamespacePlan, RoutePlan, RoutingRulePlan } from '../host-plan.ts';
import type { HostedRouter, RouterPort } from './hosted-router.ts';
import type { Entrance } from './local-part.ts';
import { ownAddresses } from './namespace.ts';
import { wayOut } from './way-out.ts';

/** One for each external network on which the routers' floating IPs are reached here. */
export function floatingNamespaces(
  routers: readonly HostedRouter[],
  isWired: (portId: string) => boolean,
): readonly NamespacePlan[] {
  return [...Map.groupBy(joints(routers), ({ entrance }) => entrance.namespace)].map(([name, of]) =>
    floatingNamespace(name, of, isWired),
  );
}

/** The host's ports on external networks, each once. */
export function agentGateways(
  routers: readonly HostedRouter[],
): readonly { readonly gateway: RouterPort; readonly namespace: string }[] {
  return [...new Map(joints(routers).map(({ entrance }) => [entrance.namespace, entrance])).values()];
}

interface Joint {
  readonly entrance: Entrance;
  /** The namespace of the router. */
  readonly router: string;
}

function joints(routers: readonly HostedRouter[]): readonly Joint[] {
  return routers.flatMap(({ namespace, local }) =>
    (local?.entrances ?? []).map((entrance) => ({ entrance, router: namespace })),
  );
}

function floatingNamespace(name: string, of: readonly Joint[], isWired: (portId: string) => boolean): NamespacePlan {
  const [first] = of;
  const gateway = first?.entrance.gateway;
  const outside = gateway === undefined ? [] : [outsideLink(gateway, of, isWired)];
  return {
    name,
    links: [...outside, ...of.map(routerLink)],
    sysctls: {
      'net.ipv4.conf.all.forwarding': '1',
      // Floating IPs are announced from here, and are addresses of no device.
      'net.ipv4.ip_nonlocal_bind': '1',
      // What a router sends comes in by its pair and answers to it by the external network, or the other way round.
      'net.ipv4.conf.all.rp_filter': '0',
      'net.ipv4.conf.default.rp_filter': '0',
      'net.ipv4.conf.all.send_redirects': '0',
      'net.ipv4.conf.default.send_redirects': '0',
      'net.ipv6.conf.default.accept_ra': '0',
      'net.ipv6.conf.default.autoconf': '0',
      'net.ipv6.conf.default.accept_dad': '0',
    },
    rules: of.map(({ entrance }): RoutingRulePlan => ({
      family: 4,
      priority: tableOf(entrance),
      iif: entrance.devices.floating,
      table: tableOf(entrance),
    })),
  };
}

/** The device on the external network. Each router's packets ask a table of their own for the way out. */
function outsideLink(gateway: RouterPort, of: readonly Joint[], isWired: (portId: string) => boolean): LinkPlan {
  const way = wayOut(gateway, 4);
  const onLink = way === undefined || cidrContains(way.subnet.cidr, way.via) || isLinkLocal(way.via);
  return {
    device: gateway.device,
    hostDevice: gateway.device,
    mac: gateway.port.mac_address,
    mtu: gateway.network.mtu,
    addresses: ownAddresses(gateway),
    routes: [
      ...(onLink ? [] : [{ destination: hostCidr(way.via), via: null }]),
      ...(way === undefined
        ? []
        : of.map(({ entrance }): RoutePlan => ({ destination: 'default', via: way.via, table: tableOf(entrance) }))),
    ],
    // Otherwise an answer for a floating IP waits up to 0.8 s for one from the address itself.
    sysctls: { [`net.ipv4.neigh.${gateway.device}.proxy_delay`]: '0' },
    announce: isWired(gateway.port.id),
    neighborProxies: of.flatMap(({ entrance }) => entrance.floatingIps.map((each) => each.floating_ip_address)),
  };
}

function routerLink({ entrance, router }: Joint): LinkPlan {
  const { devices, pair, gateway, floatingIps } = entrance;
  return {
    device: devices.floating,
    hostDevice: null,
    joint: { namespace: router, device: devices.router },
    mac: pair.far.mac,
    mtu: gateway.network.mtu,
    addresses: [`${pair.far.address}/31`],
    routes: floatingIps.map((each): RoutePlan => ({
      destination: hostCidr(each.floating_ip_address),
      via: pair.near.address,
    })),
    sysctls: {},
    announce: false,
    neighborProxies: [],
    neighbors: [{ ip: pair.near.address, mac: pair.near.mac }],
  };
}

/** Neutron's number: the address of the pair's end in this namespace. */
function tableOf({ pair }: Entrance): number {
  return Number(ipToBigInt(pair.far.address));
}
