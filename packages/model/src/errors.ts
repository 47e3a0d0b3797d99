// The errors that the API answers with, here and in the *-errors.ts beside this file, each declared once: its status,
// the type name by which clients know it, and its message. Clients and test suites match types and messages, so both
// are the Networking API's own, oddities included, and the arguments keep the names that the API's implementation gives
// them. Throw one where the mistake is noticed.

import { declareError, declareInUse } from './api-error.ts';
import { pythonRepr } from './python-text.ts';

export { ApiError } from './api-error.ts';

// Requests and authorization

export const HTTPBadRequest = declareError<{ readonly message: string }>(
  400,
  'HTTPBadRequest',
  ({ message }) => message,
);
export const HTTPNotFound = declareError<{ readonly message: string }>(404, 'HTTPNotFound', ({ message }) => message);
export const HTTPForbidden = declareError<{ readonly message: string }>(403, 'HTTPForbidden', ({ message }) => message);
export const HTTPMethodNotAllowed = declareError<{ readonly message: string }>(
  405,
  'HTTPMethodNotAllowed',
  ({ message }) => message,
);
export const HTTPConflict = declareError<{ readonly message: string }>(409, 'HTTPConflict', ({ message }) => message);
export const BadRequest = declareError<{ readonly resource: string; readonly msg: string }>(
  400,
  'BadRequest',
  ({ resource, msg }) => `Bad ${resource} request: ${msg}.`,
);
export const InvalidInput = declareError<{ readonly error_message: string }>(
  400,
  'InvalidInput',
  ({ error_message }) => `Invalid input for operation: ${error_message}.`,
);
export const PolicyNotAuthorized = declareError<{ readonly rule: string }>(
  403,
  'PolicyNotAuthorized',
  ({ rule }) => `${rule} is disallowed by policy`,
);
export const NotAuthorized = declareError<void>(403, 'NotAuthorized', () => 'Not authorized.');
export const RevisionNumberConstraintFailed = declareError<{ readonly constrained: number; readonly current: number }>(
  412,
  'RevisionNumberConstraintFailed',
  ({ constrained, current }) => `Constrained to ${constrained}, but current revision is ${current}`,
);
export const InvalidScope = declareError<{
  readonly rule: string;
  readonly allowed: string;
  readonly scope: string;
}>(
  403,
  'InvalidScope',
  ({ rule, allowed, scope }) => `${rule} requires a scope of ${allowed}, request was made with ${scope} scope.`,
);
export const HTTPNotImplemented = declareError<{ readonly message: string }>(
  501,
  'HTTPNotImplemented',
  ({ message }) => message,
);
export const ServiceUnavailable = declareError<void>(503, 'ServiceUnavailable', () => 'The service is unavailable.');
export const TenantIdProjectIdFilterConflict = declareError<void>(
  400,
  'TenantIdProjectIdFilterConflict',
  () => 'Both tenant_id and project_id passed as filters.',
);
export const ExtensionsNotFound = declareError<{ readonly extensions: string }>(
  404,
  'ExtensionsNotFound',
  ({ extensions }) => `Extensions not found: ${extensions}.`,
);

// Networks and segments

export const NetworkNotFound = declareError<{ readonly net_id: string }>(
  404,
  'NetworkNotFound',
  ({ net_id }) => `Network ${net_id} could not be found.`,
);
export const NetworkInUse = declareInUse<{ readonly net_id: string; readonly reason: string }>(
  'NetworkInUse',
  ({ net_id, reason }) => `Unable to complete operation on network ${net_id}. ${reason}.`,
);
export const InvalidSharedSetting = declareError<{ readonly network: string }>(
  409,
  'InvalidSharedSetting',
  ({ network }) => `Unable to reconfigure sharing settings for network ${network}. Multiple tenants are using it.`,
);
export const ExternalNetworkInUse = declareInUse<{ readonly net_id: string }>(
  'ExternalNetworkInUse',
  ({ net_id }) =>
    `External network ${net_id} cannot be updated to be made non-external, since it has existing gateway ports.`,
);
export const DefaultExternalNetworkExists = declareError<{ readonly net_id: string }>(
  409,
  'DefaultExternalNetworkExists',
  ({ net_id }) => `A default external network already exists: ${net_id}.`,
);
export const NoNetworkAvailable = declareError<void>(
  503,
  'NoNetworkAvailable',
  () => 'Unable to create the network. No tenant network is available for allocation.',
);
export const FlatNetworkInUse = declareInUse<{ readonly physical_network: string }>(
  'FlatNetworkInUse',
  ({ physical_network }) => `Unable to create the flat network. Physical network ${physical_network} is in use.`,
);
export const VlanIdInUse = declareInUse<{ readonly vlan_id: number | string; readonly physical_network: string }>(
  'VlanIdInUse',
  ({ vlan_id, physical_network }) =>
    `Unable to create the network. The VLAN ${vlan_id} on physical network ${physical_network} is in use.`,
);
export const TunnelIdInUse = declareInUse<{ readonly tunnel_id: number | string }>(
  'TunnelIdInUse',
  ({ tunnel_id }) => `Unable to create the network. The tunnel ID ${tunnel_id} is in use.`,
);
export const SegmentsSetInConjunctionWithProviders = declareError<void>(
  400,
  'SegmentsSetInConjunctionWithProviders',
  () => 'Segments and provider values cannot both be set.',
);
export const SegmentsContainDuplicateEntry = declareError<void>(
  400,
  'SegmentsContainDuplicateEntry',
  () => 'Duplicate segment entry in request.',
);
/** In the words of Neutron's database layer, which is where its clients know it from. */
export const NeutronDbObjectDuplicateEntry = declareError<void>(
  409,
  'NeutronDbObjectDuplicateEntry',
  () =>
    "Failed to create a duplicate NetworkSegment: for attribute(s) ['network_id', 'network_type', 'physical_network'] " +
    'with value(s) None',
);
export const NetworkMTUSubnetConflict = declareError<{ readonly net_id: string; readonly mtu: number }>(
  409,
  'NetworkMTUSubnetConflict',
  ({ net_id, mtu }) => `MTU of ${net_id} is not valid, subnet requires a minimum of ${mtu}`,
);
export const AvailabilityZoneNotFound = declareError<{ readonly availability_zone: string }>(
  404,
  'AvailabilityZoneNotFound',
  ({ availability_zone }) => `AvailabilityZone ${availability_zone} could not be found.`,
);

// Subnets

export const SubnetNotFound = declareError<{ readonly subnet_id: string }>(
  404,
  'SubnetNotFound',
  ({ subnet_id }) => `Subnet ${subnet_id} could not be found.`,
);
export const SubnetInUse = declareInUse<{ readonly subnet_id: string; readonly reason: string }>(
  'SubnetInUse',
  ({ subnet_id, reason }) => `Unable to complete operation on subnet ${subnet_id}: ${reason}.`,
);
export const InvalidAllocationPool = declareError<{ readonly pool: string }>(
  400,
  'InvalidAllocationPool',
  ({ pool }) => `The allocation pool ${pool} is not valid.`,
);
export const OutOfBoundsAllocationPool = declareError<{ readonly pool: string; readonly subnet_cidr: string }>(
  400,
  'OutOfBoundsAllocationPool',
  ({ pool, subnet_cidr }) => `The allocation pool ${pool} spans beyond the subnet cidr ${subnet_cidr}.`,
);
export const OverlappingAllocationPools = declareError<{
  readonly pool_1: string;
  readonly pool_2: string;
  readonly subnet_cidr: string;
}>(
  409,
  'OverlappingAllocationPools',
  ({ pool_1, pool_2, subnet_cidr }) =>
    `Found overlapping allocation pools: ${pool_1} ${pool_2} for subnet ${subnet_cidr}.`,
);
export const GatewayConflictWithAllocationPools = declareError<{ readonly ip_address: string; readonly pool: string }>(
  409,
  'GatewayConflictWithAllocationPools',
  ({ ip_address, pool }) => `Gateway ip ${ip_address} conflicts with allocation pool ${pool}.`,
);
export const IpamValueInvalid = declareError<{ readonly gateway_ip: string; readonly cidr: string }>(
  409,
  'IpamValueInvalid',
  ({ gateway_ip, cidr }) => `Gateway IP ${gateway_ip} cannot be allocated in CIDR ${cidr}`,
);
export const GatewayIpInUse = declareInUse<{ readonly ip_address: string; readonly port_id: string }>(
  'GatewayIpInUse',
  ({ ip_address, port_id }) => `Current gateway ip ${ip_address} already in use by port ${port_id}. Unable to update.`,
);
export const HostRoutesExhausted = declareError<{ readonly subnet_id: string; readonly quota: number }>(
  400,
  'HostRoutesExhausted',
  ({ subnet_id, quota }) =>
    `Unable to complete operation for ${subnet_id}. The number of host routes exceeds the limit ${quota}.`,
);
export const DNSNameServersExhausted = declareError<{ readonly subnet_id: string; readonly quota: number }>(
  400,
  'DNSNameServersExhausted',
  ({ subnet_id, quota }) =>
    `Unable to complete operation for ${subnet_id}. The number of DNS nameservers exceeds the limit ${quota}.`,
);
export const InvalidSubnetServiceType = declareError<{ readonly service_type: string }>(
  400,
  'InvalidSubnetServiceType',
  ({ service_type }) => `Subnet service type ${service_type} does not correspond to a valid device owner.`,
);
export const InvalidInputSubnetServiceType = declareError<{ readonly service_type: string }>(
  400,
  'InvalidInputSubnetServiceType',
  ({ service_type }) => `Subnet service type ${service_type} is not a string.`,
);
export const NetworkSubnetPoolAffinityError = declareError<void>(
  400,
  'NetworkSubnetPoolAffinityError',
  () => 'Subnets hosted on the same network must be allocated from the same subnet pool.',
);

// Subnet pools

export const SubnetPoolNotFound = declareError<{ readonly subnetpool_id: string }>(
  404,
  'SubnetPoolNotFound',
  ({ subnetpool_id }) => `Subnet pool ${subnetpool_id} could not be found.`,
);
export const SubnetPoolInUse = declareError<{ readonly subnet_pool_id: string; readonly reason: string }>(
  409,
  'SubnetPoolInUse',
  ({ subnet_pool_id, reason }) => `Unable to complete operation on subnet pool ${subnet_pool_id}. ${reason}.`,
);
export const SubnetPoolDeleteError = declareInUse<{ readonly reason: string }>(
  'SubnetPoolDeleteError',
  ({ reason }) => `Unable to delete subnet pool: ${reason}.`,
  400,
);
export const SubnetPoolQuotaExceeded = declareError<void>(
  409,
  'SubnetPoolQuotaExceeded',
  () => 'Per-tenant subnet pool prefix quota exceeded.',
);
export const SubnetAllocationError = declareError<{ readonly reason: string }>(
  409,
  'SubnetAllocationError',
  ({ reason }) => `Failed to allocate subnet: ${reason}.`,
);
export const EmptySubnetPoolPrefixList = declareError<void>(
  400,
  'EmptySubnetPoolPrefixList',
  () => 'Empty subnet pool prefix list.',
);
export const PrefixVersionMismatch = declareError<void>(
  400,
  'PrefixVersionMismatch',
  () => 'Cannot mix IPv4 and IPv6 prefixes in a subnet pool.',
);
export const UnsupportedMinSubnetPoolPrefix = declareError<{
  readonly prefix: number | string;
  readonly version: number;
}>(
  400,
  'UnsupportedMinSubnetPoolPrefix',
  ({ prefix, version }) => `Prefix '${prefix}' not supported in IPv${version} pool.`,
);
export const IllegalSubnetPoolPrefixBounds = declareError<{
  readonly prefix_type: string;
  readonly prefixlen: number | string;
  readonly base_prefix_type: string;
  readonly base_prefixlen: number | string;
}>(
  400,
  'IllegalSubnetPoolPrefixBounds',
  ({ prefix_type, prefixlen, base_prefix_type, base_prefixlen }) =>
    `Illegal prefix bounds: ${prefix_type}=${prefixlen}, ${base_prefix_type}=${base_prefixlen}.`,
);
export const IllegalSubnetPoolPrefixUpdate = declareError<{ readonly msg: string }>(
  400,
  'IllegalSubnetPoolPrefixUpdate',
  ({ msg }) => `Illegal update to prefixes: ${msg}.`,
);
export const IllegalSubnetPoolUpdate = declareError<{ readonly reason: string }>(
  400,
  'IllegalSubnetPoolUpdate',
  ({ reason }) => `Illegal subnetpool update : ${reason}.`,
);
export const MinPrefixSubnetAllocationError = declareError<{
  readonly prefixlen: number | string;
  readonly min_prefixlen: number | string;
}>(
  400,
  'MinPrefixSubnetAllocationError',
  ({ prefixlen, min_prefixlen }) =>
    `Unable to allocate subnet with prefix length ${prefixlen}, minimum allowed prefix is ${min_prefixlen}.`,
);
export const MaxPrefixSubnetAllocationError = declareError<{
  readonly prefixlen: number | string;
  readonly max_prefixlen: number | string;
}>(
  400,
  'MaxPrefixSubnetAllocationError',
  ({ prefixlen, max_prefixlen }) =>
    `Unable to allocate subnet with prefix length ${prefixlen}, maximum allowed prefix is ${max_prefixlen}.`,
);

// Ports and addresses

export const PortNotFound = declareError<{ readonly port_id: string }>(
  404,
  'PortNotFound',
  ({ port_id }) => `Port ${port_id} could not be found.`,
);
export const PortInUse = declareInUse<{
  readonly port_id: string;
  readonly net_id: string;
  readonly device_id: string;
}>(
  'PortInUse',
  ({ port_id, net_id, device_id }) =>
    `Unable to complete operation on port ${port_id} for network ${net_id}. Port already has an attached device ${device_id}.`,
);
export const ServicePortInUse = declareInUse<{ readonly port_id: string; readonly reason: string }>(
  'ServicePortInUse',
  ({ port_id, reason }) => `Port ${port_id} cannot be deleted directly via the port API: ${reason}.`,
);
export const PortBound = declareError<{
  readonly port_id: string;
  readonly vif_type: string;
  readonly old_mac: string;
  readonly new_mac: string;
}>(
  409,
  'PortBound',
  ({ port_id, vif_type, old_mac, new_mac }) =>
    `Unable to complete operation on port ${port_id}, port is already bound, port type: ${vif_type}, old_mac ${old_mac}, new_mac ${new_mac}.`,
);
export const PortBoundNUMAAffinityPolicy = declareError<{
  readonly port_id: string;
  readonly host_id: string;
  readonly numa_affinity_policy: string;
}>(
  409,
  'PortBoundNUMAAffinityPolicy',
  ({ port_id, host_id, numa_affinity_policy }) =>
    `Unable to complete operation on port ${port_id}, port is already bound to host ${host_id}, numa_affinity_policy value given ${numa_affinity_policy}.`,
);
export const UnsupportedPortDeviceOwner = declareError<{
  readonly op: string;
  readonly device_owner: string;
  readonly port_id: string;
}>(
  409,
  'UnsupportedPortDeviceOwner',
  ({ op, device_owner, port_id }) =>
    `Operation ${op} is not supported for device_owner ${device_owner} on port ${port_id}.`,
);
export const DeviceIDNotOwnedByTenant = declareError<{ readonly device_id: string }>(
  409,
  'DeviceIDNotOwnedByTenant',
  ({ device_id }) =>
    `The following device_id ${device_id} is not owned by your tenant or matches another tenants router.`,
);
export const MacAddressInUse = declareInUse<{ readonly net_id: string; readonly mac: string }>(
  'MacAddressInUse',
  ({ net_id, mac }) => `Unable to complete operation for network ${net_id}. The mac address ${mac} is in use.`,
);
export const NetworkMacAddressGenerationFailure = declareError<{ readonly net_id: string }>(
  503,
  'NetworkMacAddressGenerationFailure',
  ({ net_id }) => `Unable to generate unique mac on network ${net_id}.`,
);
export const InvalidIpForNetwork = declareError<{ readonly ip_address: string }>(
  400,
  'InvalidIpForNetwork',
  ({ ip_address }) => `IP address ${ip_address} is not a valid IP for any of the subnets on the specified network.`,
);
export const InvalidIpForSubnet = declareError<{ readonly ip_address: string }>(
  400,
  'InvalidIpForSubnet',
  ({ ip_address }) => `IP address ${ip_address} is not a valid IP for the specified subnet.`,
);
export const IpAddressInUse = declareError<{ readonly net_id: string; readonly ip_address: string }>(
  409,
  'IpAddressInUse',
  ({ net_id, ip_address }) =>
    `Unable to complete operation for network ${net_id}. The IP address ${ip_address} is in use.`,
);
export const IpAddressAlreadyAllocated = declareInUse<{ readonly ip: string; readonly subnet_id: string }>(
  'IpAddressAlreadyAllocated',
  ({ ip, subnet_id }) => `IP address ${ip} already allocated in subnet ${subnet_id}`,
);
export const IpAddressGenerationFailure = declareError<{ readonly net_id: string }>(
  409,
  'IpAddressGenerationFailure',
  ({ net_id }) => `No more IP addresses available on network ${net_id}.`,
);
export const IpAddressGenerationFailureNoMatchingSubnet = declareError<{
  readonly network_id: string;
  readonly service_type: string;
}>(
  409,
  'IpAddressGenerationFailureNoMatchingSubnet',
  ({ network_id, service_type }) =>
    `No valid service subnet for the given device owner, network ${network_id}, service type ${service_type}.`,
);
export const ExternalIpAddressExhausted = declareError<{ readonly net_id: string }>(
  400,
  'ExternalIpAddressExhausted',
  ({ net_id }) => `Unable to find any IP address on external network ${net_id}.`,
);
export const AllocationOnAutoAddressSubnet = declareError<{ readonly ip: string; readonly subnet_id: string }>(
  400,
  'AllocationOnAutoAddressSubnet',
  ({ ip, subnet_id }) =>
    `IPv6 address ${ip} cannot be directly assigned to a port on subnet ${subnet_id} as the subnet is configured for automatic addresses`,
);
export const AllowedAddressPairsMissingIP = declareError<void>(
  400,
  'AllowedAddressPairsMissingIP',
  () => 'AllowedAddressPair must contain ip_address',
);
export const AllowedAddressPairExhausted = declareError<{ readonly quota: number }>(
  400,
  'AllowedAddressPairExhausted',
  ({ quota }) => `The number of allowed address pair exceeds the maximum ${quota}.`,
);
export const DuplicateAddressPairInRequest = declareError<{
  readonly mac_address: string;
  readonly ip_address: string;
}>(
  400,
  'DuplicateAddressPairInRequest',
  ({ mac_address, ip_address }) =>
    `Request contains duplicate address pair: mac_address ${mac_address} ip_address ${ip_address}.`,
);
export const AddressPairAndPortSecurityRequired = declareError<void>(
  409,
  'AddressPairAndPortSecurityRequired',
  () => 'Port Security must be enabled in order to have allowed address pairs on a port.',
);
export const PortSecurityPortHasSecurityGroup = declareError<void>(
  409,
  'PortSecurityPortHasSecurityGroup',
  () =>
    'Port has security group associated. Cannot disable port security or IP address until security group is removed.',
);
export const PortSecurityAndIPRequiredForSecurityGroups = declareError<void>(
  400,
  'PortSecurityAndIPRequiredForSecurityGroups',
  () => 'Port security must be enabled and port must have an IP address in order to use security groups.',
);
export const PortBindingNotFound = declareError<{ readonly port_id: string; readonly host: string }>(
  404,
  'PortBindingNotFound',
  ({ port_id, host }) => `Binding for port ${port_id} for host ${host} could not be found.`,
);
export const PortBindingAlreadyActive = declareError<{ readonly port_id: string; readonly host: string }>(
  409,
  'PortBindingAlreadyActive',
  ({ port_id, host }) => `Binding for port ${port_id} on host ${host} is already active.`,
);
export const PortBindingAlreadyExists = declareError<{ readonly port_id: string; readonly host: string }>(
  409,
  'PortBindingAlreadyExists',
  ({ port_id, host }) => `Binding for port ${port_id} on host ${host} already exists.`,
);
/** Neutron answers 500; but nothing is wrong with the server where a host cannot have the port. */
export const PortBindingError = declareError<{ readonly port_id: string; readonly host: string }>(
  409,
  'PortBindingError',
  ({ port_id, host }) => `Binding for port ${port_id} on host ${host} could not be created or updated.`,
);

// Quotas

export const OverQuota = declareError<{ readonly overs: readonly string[] }>(
  409,
  'OverQuota',
  ({ overs }) => `Quota exceeded for resources: ${pythonRepr(overs)}.`,
);
export const TenantQuotaNotFound = declareError<{ readonly tenant_id: string }>(
  404,
  'TenantQuotaNotFound',
  ({ tenant_id }) => `Quota for tenant ${tenant_id} could not be found.`,
);
export const QuotaResourceUnknown = declareError<{ readonly unknown: readonly string[] }>(
  404,
  'QuotaResourceUnknown',
  ({ unknown }) => `Unknown quota resources ${pythonRepr(unknown)}.`,
);
export const QuotaMissingTenant = declareError<void>(
  400,
  'QuotaMissingTenant',
  () => 'Tenant-id was missing from quota request.',
);

// Tags

export const TagResourceNotFound = declareError<{ readonly resource: string; readonly resource_id: string }>(
  404,
  'TagResourceNotFound',
  ({ resource, resource_id }) => `Resource ${resource} ${resource_id} could not be found.`,
);
export const TagNotFound = declareError<{ readonly tag: string }>(
  404,
  'TagNotFound',
  ({ tag }) => `Tag ${tag} could not be found.`,
);

// Agents and scheduling

export const AgentNotFound = declareError<{ readonly id: string }>(
  404,
  'AgentNotFound',
  ({ id }) => `Agent ${id} could not be found.`,
);
export const AgentNotFoundByTypeHost = declareError<{ readonly agent_type: string; readonly host: string }>(
  404,
  'AgentNotFoundByTypeHost',
  ({ agent_type, host }) => `Agent with agent_type=${agent_type} and host=${host} could not be found.`,
);
export const InvalidDHCPAgent = declareError<{ readonly id: string }>(
  404,
  'InvalidDHCPAgent',
  ({ id }) => `Agent ${id} is not a valid DHCP Agent or has been disabled.`,
);
export const NetworkHostedByDHCPAgent = declareError<{ readonly network_id: string; readonly agent_id: string }>(
  409,
  'NetworkHostedByDHCPAgent',
  ({ network_id, agent_id }) => `The network ${network_id} has been already hosted by the DHCP Agent ${agent_id}.`,
);
export const NetworkNotHostedByDhcpAgent = declareError<{ readonly network_id: string; readonly agent_id: string }>(
  409,
  'NetworkNotHostedByDhcpAgent',
  ({ network_id, agent_id }) => `The network ${network_id} is not hosted by the DHCP Agent ${agent_id}.`,
);
