// A router as tests see it, with the numbers of the example in docs/howto: private 10.0.0.0/24 with its interface
// 10.0.0.1, public 172.24.4.0/24 with its gateway 172.24.4.19, and the floating IP 172.24.4.21 of 10.0.0.18.

import type { FloatingIpView, HostObject, PortForwardingView, RouterView } from '@neutronium/model/host-view';
import { viewOf } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { id, network, port, subnet } from '../sample-host.ts';
import { hostedRouters, type HostedRouter } from './hosted-router.ts';

export const routerId = 'dddd0001-0000-4000-8000-000000000000';

export function router(given: Partial<RouterView> = {}): RouterView {
  return {
    section: 'routers',
    id: routerId,
    project_id: 'project1',
    admin_state_up: true,
    gateways: [{ port_id: id('port', 19), enable_snat: true }],
    distributed: false,
    interface_ports: [id('port', 1)],
    snat_ports: [],
    routes: [],
    enable_default_route_ecmp: false,
    enable_ndp_proxy: false,
    ha: null,
    ...given,
  };
}

export function floatingIp(digits: number, given: Partial<FloatingIpView> = {}): FloatingIpView {
  return {
    section: 'floating_ips',
    id: `eeee${String(digits).padStart(4, '0')}-0000-4000-8000-000000000000`,
    router_id: routerId,
    floating_network_id: id('network', 9),
    floating_ip_address: ip(`172.24.4.${digits}`),
    fixed_ip_address: ip('10.0.0.18'),
    port_id: id('port', 18),
    ...given,
  };
}

export function portForwarding(digits: number, given: Partial<PortForwardingView> = {}): PortForwardingView {
  return {
    section: 'port_forwardings',
    id: `ffff${String(digits).padStart(4, '0')}-0000-4000-8000-000000000000`,
    floatingip_id: floatingIp(22).id,
    router_id: routerId,
    protocol: 'tcp',
    external_ports: { first: 2222, last: 2222 },
    internal_ip_address: ip('10.0.0.18'),
    internal_ports: { first: 22, last: 22 },
    ...given,
  };
}

/** The networks and ports of the example: network 1 is private, network 9 public. */
export const surroundings: readonly HostObject[] = [
  network(1, { mtu: 1450 }),
  subnet(1),
  network(9, {
    segments: [{ id: 'segment9', network_type: 'flat', physical_network: 'physnet1', segmentation_id: null }],
  }),
  subnet(9, { network_id: id('network', 9), cidr: cidr('172.24.4.0/24'), gateway_ip: ip('172.24.4.1') }),
  port(1, { device_owner: 'network:router_interface', device_id: routerId }),
  port(18),
  port(19, {
    network_id: id('network', 9),
    device_owner: 'network:router_gateway',
    device_id: routerId,
    fixed_ips: [{ subnet_id: id('subnet', 9), ip_address: ip('172.24.4.19') }],
  }),
];

export const twoGateways: Pick<RouterView, 'gateways'> = {
  gateways: [
    { port_id: id('port', 19), enable_snat: true },
    { port_id: id('port', 20), enable_snat: true },
  ],
};
export const twoInterfaces: Pick<RouterView, 'interface_ports'> = {
  interface_ports: [id('port', 1), id('port', 20)],
};

/** Another external network, 203.0.113.0/24, with the router's port 203.0.113.19 there. */
const secondExternalNetwork = (deviceOwner: string): readonly HostObject[] => [
  network(8, {
    segments: [{ id: 'segment8', network_type: 'flat', physical_network: 'physnet2', segmentation_id: null }],
  }),
  subnet(7, { network_id: id('network', 8), cidr: cidr('203.0.113.0/24'), gateway_ip: ip('203.0.113.1') }),
  port(20, {
    network_id: id('network', 8),
    device_owner: deviceOwner,
    device_id: routerId,
    fixed_ips: [{ subnet_id: id('subnet', 7), ip_address: ip('203.0.113.19') }],
  }),
];
export const secondGateway: readonly HostObject[] = [
  ...secondExternalNetwork('network:router_gateway'),
  router(twoGateways),
];
export const secondInterface: readonly HostObject[] = [
  ...secondExternalNetwork('network:router_interface'),
  router(twoInterfaces),
];

/** The floating IP 203.0.113.<digits>, by which the router is reached through its second gateway, or its interface there. */
export function secondFloatingIp(digits: number, given: Partial<FloatingIpView> = {}): FloatingIpView {
  return floatingIp(digits, {
    floating_network_id: id('network', 8),
    floating_ip_address: ip(`203.0.113.${digits}`),
    ...given,
  });
}

/** The router of those objects beside its surroundings. */
export function hosted(...objects: readonly HostObject[]): HostedRouter {
  const [found] = hostedRouters(viewOf(1, [...surroundings, ...objects]), { host: 'alpha', haStates: new Map() });
  if (found === undefined) throw new Error('the sample has no router that is up');
  return found;
}

/** The router as one that this host shares with another, and what it must know for that. */
export const haRouter: RouterView = router({ ha: { port_id: id('port', 40), vr_id: 7, priority: 240 } });
export const haObjects: readonly HostObject[] = [
  network(4),
  subnet(4, { network_id: id('network', 4), cidr: cidr('169.254.192.0/18'), gateway_ip: null }),
  port(40, {
    network_id: id('network', 4),
    device_owner: 'network:router_ha_interface',
    device_id: routerId,
    fixed_ips: [{ subnet_id: id('subnet', 4), ip_address: ip('169.254.192.5') }],
  }),
];
