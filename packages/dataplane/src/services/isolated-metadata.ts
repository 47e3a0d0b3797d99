// Which networks answer their instances' requests for metadata themselves, in the namespace of their DHCP server, because
// no router of theirs does.

import { family, type IpAddress } from '@neutronium/net/ip';
import type { PortView, SubnetView } from '@neutronium/model/host-view';

/** Who has a metadata proxy: nobody; routers; networks with a subnet that has no router too; all networks too. */
export type MetadataProxies = 'none' | 'routers' | 'isolated' | 'all';

export interface MetadataNetwork {
  readonly subnets: readonly SubnetView[];
  /** All ports of the network. */
  readonly ports: readonly PortView[];
}

/** device_owner of the ports by which routers are in the networks behind them. */
export const routerInterfaceOwners: ReadonlySet<string> = new Set([
  'network:router_interface',
  'network:router_interface_distributed',
  'network:ha_router_replicated_interface',
]);

/** Whether a router has the gateway address of the subnet. */
export function hasRouter(subnet: SubnetView, ports: readonly PortView[]): boolean {
  return ports.some(
    (port) =>
      routerInterfaceOwners.has(port.device_owner) &&
      port.fixed_ips.some((fixedIp) => fixedIp.subnet_id === subnet.id && fixedIp.ip_address === subnet.gateway_ip),
  );
}

/** Whether the network, whose DHCP the host serves, has a metadata proxy of its own. */
export function servesMetadata({ subnets, ports }: MetadataNetwork, mode: MetadataProxies): boolean {
  return subnets.some((subnet) => subnet.enable_dhcp && usesOwnProxy(subnet, ports, mode));
}

/**
 * Where the network's own proxy is reached from, by the ids of the IPv4 subnets that use it: the DHCP server's address
 * in each. In IPv6 it has an address on the link.
 */
export function metadataHops(
  { subnets, ports, dhcpPort }: MetadataNetwork & { readonly dhcpPort: PortView },
  mode: MetadataProxies,
): ReadonlyMap<string, IpAddress> {
  const using = new Set(subnets.filter((subnet) => usesOwnProxy(subnet, ports, mode)).map(({ id }) => id));
  return new Map(
    dhcpPort.fixed_ips
      .filter((fixedIp) => using.has(fixedIp.subnet_id) && family(fixedIp.ip_address) === 4)
      .map((fixedIp) => [fixedIp.subnet_id, fixedIp.ip_address]),
  );
}

function usesOwnProxy(subnet: SubnetView, ports: readonly PortView[], mode: MetadataProxies): boolean {
  switch (mode) {
    case 'none':
    case 'routers':
      return false;
    case 'isolated':
      return !hasRouter(subnet, ports);
    case 'all':
      return true;
  }
}
