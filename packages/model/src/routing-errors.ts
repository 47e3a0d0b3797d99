// The errors of routers and of what belongs to them: floating IPs, port forwardings, address scopes. See errors.ts.

import { declareError, declareInUse } from './api-error.ts';
import { pythonRepr } from './python-text.ts';

// Routers

export const RouterNotFound = declareError<{ readonly router_id: string }>(
  404,
  'RouterNotFound',
  ({ router_id }) => `Router ${router_id} could not be found`,
);
export const RouterInUse = declareInUse<{ readonly router_id: string; readonly reason: string }>(
  'RouterInUse',
  ({ router_id, reason }) => `Router ${router_id} ${reason}`,
);
export const RouterInterfaceNotFound = declareError<{ readonly router_id: string; readonly port_id: string }>(
  404,
  'RouterInterfaceNotFound',
  ({ router_id, port_id }) => `Router ${router_id} does not have an interface with id ${port_id}`,
);
export const RouterInterfaceNotFoundForSubnet = declareError<{
  readonly router_id: string;
  readonly subnet_id: string;
}>(
  404,
  'RouterInterfaceNotFoundForSubnet',
  ({ router_id, subnet_id }) => `Router ${router_id} has no interface on subnet ${subnet_id}`,
);
export const RouterInterfaceInUseByFloatingIP = declareInUse<{
  readonly router_id: string;
  readonly subnet_id: string;
}>(
  'RouterInterfaceInUseByFloatingIP',
  ({ router_id, subnet_id }) =>
    `Router interface for subnet ${subnet_id} on router ${router_id} cannot be deleted, as it is required by one or more floating IPs.`,
);
export const RouterInterfaceInUseByRoute = declareError<{ readonly router_id: string; readonly subnet_id: string }>(
  409,
  'RouterInterfaceInUseByRoute',
  ({ router_id, subnet_id }) =>
    `Router interface for subnet ${subnet_id} on router ${router_id} cannot be deleted, as it is required by one or more routes.`,
);
export const RouterExternalGatewayInUseByFloatingIp = declareInUse<{
  readonly router_id: string;
  readonly net_id: string;
}>(
  'RouterExternalGatewayInUseByFloatingIp',
  ({ router_id, net_id }) =>
    `Gateway cannot be updated for router ${router_id}, since a gateway to external network ${net_id} is required by one or more floating IPs.`,
);
export const SubnetMismatchForPort = declareError<{ readonly port_id: string; readonly subnet_id: string }>(
  400,
  'SubnetMismatchForPort',
  ({ port_id, subnet_id }) => `Subnet on port ${port_id} does not match the requested subnet ${subnet_id}.`,
);
export const InvalidRoutes = declareError<{ readonly routes: unknown; readonly reason: string }>(
  400,
  'InvalidRoutes',
  ({ routes, reason }) => `Invalid format for routes: ${pythonRepr(routes)}, ${reason}`,
);
export const RoutesExhausted = declareError<{ readonly router_id: string; readonly quota: number }>(
  400,
  'RoutesExhausted',
  ({ router_id, quota }) =>
    `Unable to complete operation for ${router_id}. The number of routes exceeds the maximum ${quota}.`,
);
export const FlavorNotFound = declareError<{ readonly flavor_id: string }>(
  404,
  'FlavorNotFound',
  ({ flavor_id }) => `Flavor ${flavor_id} could not be found.`,
);
export const FlavorInUse = declareInUse<{ readonly flavor_id: string }>(
  'FlavorInUse',
  ({ flavor_id }) => `Flavor ${flavor_id} is used by some service instance.`,
);
export const FlavorDisabled = declareError<void>(503, 'FlavorDisabled', () => 'Flavor is not enabled.');
export const InvalidServiceType = declareError<{ readonly service_type: string }>(
  400,
  'InvalidServiceType',
  ({ service_type }) => `Invalid service type: ${service_type}.`,
);
export const ServiceProfileNotFound = declareError<{ readonly sp_id: string }>(
  404,
  'ServiceProfileNotFound',
  ({ sp_id }) => `Service Profile ${sp_id} could not be found.`,
);
export const ServiceProfileInUse = declareInUse<{ readonly sp_id: string }>(
  'ServiceProfileInUse',
  ({ sp_id }) => `Service Profile ${sp_id} is used by some service instance.`,
);
export const ServiceProfileDriverNotFound = declareError<{ readonly driver: string }>(
  404,
  'ServiceProfileDriverNotFound',
  ({ driver }) => `Service Profile driver ${driver} could not be found.`,
);
export const ServiceProfileEmpty = declareError<void>(
  400,
  'ServiceProfileEmpty',
  () => 'Service Profile needs either a driver or metainfo.',
);
export const ServiceProfileDisabled = declareError<void>(
  503,
  'ServiceProfileDisabled',
  () => 'Service Profile is not enabled.',
);
export const FlavorServiceProfileBindingExists = declareError<{ readonly sp_id: string; readonly fl_id: string }>(
  409,
  'FlavorServiceProfileBindingExists',
  ({ sp_id, fl_id }) => `Service Profile ${sp_id} is already associated with flavor ${fl_id}.`,
);
export const FlavorServiceProfileBindingNotFound = declareError<{ readonly sp_id: string; readonly fl_id: string }>(
  404,
  'FlavorServiceProfileBindingNotFound',
  ({ sp_id, fl_id }) => `Service Profile ${sp_id} is not associated with flavor ${fl_id}.`,
);
export const AutoAllocationFailure = declareError<{ readonly reason: string }>(
  409,
  'AutoAllocationFailure',
  ({ reason }) => `Deployment error: ${reason}.`,
);
export const NDPProxyNotFound = declareError<{ readonly id: string }>(
  404,
  'NDPProxyNotFound',
  ({ id }) => `Ndp proxy ${id} could not be found.`,
);
export const RouterGatewayInUseByNDPProxy = declareInUse<{ readonly router_id: string }>(
  'RouterGatewayInUseByNDPProxy',
  ({ router_id }) =>
    `Unable to unset external gateway of router ${router_id}, There are one or more ndp proxies still in use on the router.`,
);
export const RouterInterfaceInUseByNDPProxy = declareInUse<{ readonly router_id: string; readonly subnet_id: string }>(
  'RouterInterfaceInUseByNDPProxy',
  ({ router_id, subnet_id }) =>
    `Unable to remove subnet ${subnet_id} from router ${router_id}, There are one or more ndp proxies still in use on the subnet.`,
);
export const AddressScopeConflict = declareError<{
  readonly ext_address_scope: string;
  readonly internal_address_scope: string;
}>(
  409,
  'AddressScopeConflict',
  ({ ext_address_scope, internal_address_scope }) =>
    `The IPv6 address scope ${ext_address_scope} of external network conflict with internal network's IPv6 address scope ${internal_address_scope}.`,
);
export const RouterGatewayNotValid = declareError<{ readonly router_id: string; readonly reason: string }>(
  409,
  'RouterGatewayNotValid',
  ({ router_id, reason }) => `Can not enable ndp proxy on router ${router_id}, ${reason}.`,
);
export const RouterNDPProxyNotEnable = declareError<{ readonly router_id: string }>(
  409,
  'RouterNDPProxyNotEnable',
  ({ router_id }) =>
    `The enable_ndp_proxy parameter of router ${router_id} must be set as True while create ndp proxy entry on it.`,
);
export const PortUnreachableRouter = declareError<{ readonly port_id: string; readonly router_id: string }>(
  409,
  'PortUnreachableRouter',
  ({ port_id, router_id }) => `The port ${port_id} cannot reach the router ${router_id} by IPv6 subnet.`,
);
export const InvalidAddress = declareError<{ readonly address: string; readonly reason: string }>(
  400,
  'InvalidAddress',
  ({ address, reason }) => `The address ${address} is invalid, reason: ${reason}.`,
);
export const RouterIPv6GatewayInUse = declareError<{ readonly router_id: string }>(
  409,
  'RouterIPv6GatewayInUse',
  ({ router_id }) =>
    `Can't remove the IPv6 subnet from external gateway of router ${router_id}, the IPv6 subnet in use by the router's ndp proxy.`,
);
export const InvalidL3Agent = declareError<{ readonly id: string }>(
  404,
  'InvalidL3Agent',
  ({ id }) => `Agent ${id} is not a L3 Agent or has been disabled`,
);
export const RouterHostedByL3Agent = declareError<{ readonly router_id: string; readonly agent_id: string }>(
  409,
  'RouterHostedByL3Agent',
  ({ router_id, agent_id }) => `The router ${router_id} has been already hosted by the L3 Agent ${agent_id}.`,
);
// Floating IPs

export const FloatingIPNotFound = declareError<{ readonly floatingip_id: string }>(
  404,
  'FloatingIPNotFound',
  ({ floatingip_id }) => `Floating IP ${floatingip_id} could not be found`,
);
export const ExternalGatewayForFloatingIPNotFound = declareError<{
  readonly external_network_id: string;
  readonly subnet_id: string;
  readonly port_id: string;
}>(
  404,
  'ExternalGatewayForFloatingIPNotFound',
  ({ external_network_id, subnet_id, port_id }) =>
    `External network ${external_network_id} is not reachable from subnet ${subnet_id}.  Therefore, cannot associate Port ${port_id} with a Floating IP.`,
);
export const FipAssociated = declareInUse<{ readonly port_id: string }>(
  'FipAssociated',
  ({ port_id }) =>
    `Unable to complete the operation on port "${port_id}" because the port still has an associated floating IP.`,
);
export const FloatingIPPortAlreadyAssociated = declareError<{
  readonly floating_ip_address: string;
  readonly fip_id: string;
  readonly port_id: string;
  readonly fixed_ip: string;
  readonly net_id: string;
}>(
  409,
  'FloatingIPPortAlreadyAssociated',
  ({ floating_ip_address, fip_id, port_id, fixed_ip, net_id }) =>
    `Cannot associate floating IP ${floating_ip_address} (${fip_id}) with port ${port_id} using fixed IP ${fixed_ip}, as that fixed IP already has a floating IP on external network ${net_id}.`,
);

export const PortForwardingNotFound = declareError<{ readonly id: string }>(
  404,
  'PortForwardingNotFound',
  ({ id }) => `Port Forwarding ${id} could not be found.`,
);
export const FipInUseByPortForwarding = declareInUse<{ readonly id: string }>(
  'FipInUseByPortForwarding',
  ({ id }) => `Floating IP ${id} in use by Port Forwarding resources.`,
);
export const PortHasBindingFloatingIP = declareError<{
  readonly floating_ip_address: string;
  readonly fip_id: string;
  readonly port_id: string;
  readonly fixed_ip: string;
}>(
  409,
  'PortHasBindingFloatingIP',
  ({ floating_ip_address, fip_id, port_id, fixed_ip }) =>
    `Cannot create port forwarding to floating IP ${floating_ip_address} (${fip_id}) with port ${port_id} using fixed IP ${fixed_ip}, as that port already has a binding floating IP.`,
);
export const ConntrackHelperNotFound = declareError<{ readonly id: string }>(
  404,
  'ConntrackHelperNotFound',
  ({ id }) => `Conntrack Helper ${id} could not be found.`,
);
export const ConntrackHelperNotAllowed = declareError<{ readonly helper: string }>(
  400,
  'ConntrackHelperNotAllowed',
  ({ helper }) => `Conntrack Helper ${helper} is not allowed.`,
);
export const InvalidProtocolForHelper = declareError<{
  readonly helper: string;
  readonly protocol: string;
  readonly supported_protocols: string;
}>(
  400,
  'InvalidProtocolForHelper',
  ({ helper, protocol, supported_protocols }) =>
    `Conntrack Helper ${helper} does not support: ${protocol}. Supported protocols are: ${supported_protocols}`,
);

// Address scopes

export const AddressScopeNotFound = declareError<{ readonly address_scope_id: string }>(
  404,
  'AddressScopeNotFound',
  ({ address_scope_id }) => `Address scope ${address_scope_id} could not be found.`,
);
export const AddressScopeInUse = declareInUse<{ readonly address_scope_id: string }>(
  'AddressScopeInUse',
  ({ address_scope_id }) =>
    `Unable to complete operation on address scope ${address_scope_id}. There are one or more subnet pools in use on the address scope.`,
);
export const AddressScopeUpdateError = declareError<{ readonly address_scope_id: string; readonly reason: string }>(
  400,
  'AddressScopeUpdateError',
  ({ address_scope_id, reason }) => `Unable to update address scope ${address_scope_id} : ${reason}.`,
);
export const AddressScopePrefixConflict = declareError<void>(
  409,
  'AddressScopePrefixConflict',
  () => 'Failed to associate address scope: subnetpools within an address scope must have unique prefixes.',
);
export const IllegalSubnetPoolIpVersionAssociationToAddressScope = declareError<{
  readonly subnetpool_id: string;
  readonly address_scope_id: string;
  readonly ip_version: number;
}>(
  400,
  'IllegalSubnetPoolIpVersionAssociationToAddressScope',
  ({ subnetpool_id, address_scope_id, ip_version }) =>
    `Illegal subnetpool association: subnetpool ${subnetpool_id} cannot associate with address scope ${address_scope_id} because subnetpool ip_version is not ${ip_version}.`,
);
export const NetworkAddressScopeAffinityError = declareError<void>(
  400,
  'NetworkAddressScopeAffinityError',
  () => 'Subnets of the same address family hosted on the same network must all participate in the same address scope.',
);
