// Who a port belongs to (`device_owner`), where the server's rules depend on it. The names are the Networking API's.

export const deviceOwners = {
  dhcp: 'network:dhcp',
  routerInterface: 'network:router_interface',
  haRouterInterface: 'network:ha_router_replicated_interface',
  distributedRouterInterface: 'network:router_interface_distributed',
  centralizedSnat: 'network:router_centralized_snat',
  routerGateway: 'network:router_gateway',
  haPort: 'network:router_ha_interface',
  agentGateway: 'network:floatingip_agent_gateway',
  floatingIp: 'network:floatingip',
  localIp: 'network:local_ip',
} as const;

/** Owners of routers' ports on internal networks. */
export const routerInterfaceOwners: readonly string[] = [
  deviceOwners.routerInterface,
  deviceOwners.haRouterInterface,
  deviceOwners.distributedRouterInterface,
  deviceOwners.centralizedSnat,
];

/** A router's port on an internal network. */
export function isRouterInterface(deviceOwner: string): boolean {
  return routerInterfaceOwners.includes(deviceOwner);
}

/** Any port of a router. */
export function isRouterPort(deviceOwner: string): boolean {
  return isRouterInterface(deviceOwner) || deviceOwner === deviceOwners.routerGateway;
}

/** A port of the network service itself, not of an instance. */
export function isNetworkService(deviceOwner: string): boolean {
  return deviceOwner.startsWith('network:');
}

/** The network's own services take the lowest free address; instances are scattered, so that none is reused at once. */
export function addressOrder(deviceOwner: string): 'any' | 'first' {
  return isNetworkService(deviceOwner) ? 'first' : 'any';
}
