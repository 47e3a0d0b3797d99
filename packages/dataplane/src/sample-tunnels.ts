// The sample host among others: a VXLAN network that alpha shares with beta and gamma, one of another tenant with the
// same addresses that it shares with gamma, a GRE network with beta, and one that is nowhere else.

import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import type { TunnelType } from '@neutronium/net/vni';
import type { HostObject, NetworkView, RemotePortView, TunnelEndpointView } from '@neutronium/model/host-view';
import type { Inventory, TunnelSettings } from './host-plan.ts';
import { id, inventory, network, plugged, port } from './sample-host.ts';

export function tunnelled(digits: number, type: TunnelType, segmentation_id: number): NetworkView {
  const segment = { id: `segment${digits}`, network_type: type, physical_network: null, segmentation_id };
  return network(digits, { mtu: 1450, segments: [segment] });
}

export function endpoint(
  host: string,
  address: string,
  tunnel_types: readonly TunnelType[] = ['gre', 'vxlan'],
): TunnelEndpointView {
  return { section: 'tunnel_endpoints', id: host, ip_address: ip(address), tunnel_types };
}

export function remotePort(
  digits: number,
  networkDigits: number,
  host: string,
  given: Partial<RemotePortView> = {},
): RemotePortView {
  const hex = digits.toString(16).padStart(2, '0');
  return {
    section: 'remote_ports',
    id: id('port', digits),
    network_id: id('network', networkDigits),
    hosts: [host],
    roams: false,
    mac_address: mac(`fa:16:3e:00:00:${hex}`),
    ip_addresses: [ip(`10.0.0.${digits}`)],
    shared_mac_addresses: [],
    ...given,
  };
}

const virtual = mac('00:00:5e:00:01:01');

export const tunnelObjects: readonly HostObject[] = [
  tunnelled(5, 'vxlan', 5005),
  tunnelled(6, 'vxlan', 6006),
  tunnelled(7, 'gre', 7),
  tunnelled(8, 'vxlan', 8008),
  port(51, { network_id: id('network', 5) }),
  port(61, { network_id: id('network', 6) }),
  port(71, { network_id: id('network', 7) }),
  port(81, { network_id: id('network', 8) }),
  endpoint('beta', '192.0.2.2'),
  endpoint('gamma', '192.0.2.3'),
  remotePort(52, 5, 'beta', { ip_addresses: [ip('10.0.0.52'), ip('2001:db8::52')], shared_mac_addresses: [virtual] }),
  remotePort(53, 5, 'gamma', { shared_mac_addresses: [virtual] }),
  remotePort(62, 6, 'gamma', { ip_addresses: [ip('10.0.0.52')] }),
  remotePort(72, 7, 'beta', { ip_addresses: [] }),
];

export const tunnelSettings: TunnelSettings = {
  bridge: 'br-tun',
  localIp: ip('192.0.2.1'),
  types: ['gre', 'vxlan'],
  vxlanUdpPort: 4789,
};

export const tunnelInventory: Inventory = inventory(
  [plugged(51, 151), plugged(61, 161), plugged(71, 171), plugged(81, 181)],
  {
    localVlans: new Map([5, 6, 7, 8].map((digits) => [id('network', digits), digits])),
    bridgeMappings: new Map(),
    patchPorts: new Map([
      ['patch-tun', 3],
      ['patch-int', 4],
    ]),
    tunnels: tunnelSettings,
    tunnelPorts: new Map([
      ['vxlan-c0000202', 22],
      ['vxlan-c0000203', 23],
      ['gre-c0000202', 32],
    ]),
  },
);
