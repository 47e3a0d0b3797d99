// What the API answers about security groups, address groups and sharing, declared as errors.ts declares the rest.

import { declareError, declareInUse } from './api-error.ts';
import { pythonRepr, pythonText } from './python-text.ts';

// Security groups

export const SecurityGroupNotFound = declareError<{ readonly id: string }>(
  404,
  'SecurityGroupNotFound',
  ({ id }) => `Security group ${id} does not exist`,
);
export const SecurityGroupInUse = declareInUse<{ readonly id: string }>(
  'SecurityGroupInUse',
  ({ id }) => `Security Group ${id} in use.`,
);
export const SecurityGroupCannotRemoveDefault = declareError<void>(
  409,
  'SecurityGroupCannotRemoveDefault',
  () => 'Insufficient rights for removing default security group.',
);
export const SecurityGroupCannotUpdateDefault = declareError<void>(
  409,
  'SecurityGroupCannotUpdateDefault',
  () => 'Updating default security group not allowed.',
);
export const SecurityGroupDefaultAlreadyExists = declareError<void>(
  409,
  'SecurityGroupDefaultAlreadyExists',
  () => 'Default security group already exists.',
);
export const SecurityGroupConflict = declareError<{ readonly reason: string }>(
  409,
  'SecurityGroupConflict',
  ({ reason }) => `Error ${reason} while attempting the operation.`,
);

// Rules of security groups

export const SecurityGroupRuleNotFound = declareError<{ readonly id: string }>(
  404,
  'SecurityGroupRuleNotFound',
  ({ id }) => `Security group rule ${id} does not exist`,
);
export const SecurityGroupRuleExists = declareError<{ readonly rule_id: string }>(
  409,
  'SecurityGroupRuleExists',
  ({ rule_id }) => `Security group rule already exists. Rule id is ${rule_id}.`,
);
export const DuplicateSecurityGroupRuleInPost = declareError<void>(
  409,
  'DuplicateSecurityGroupRuleInPost',
  () => 'Duplicate Security Group Rule in POST.',
);
export const SecurityGroupNotSingleGroupRules = declareError<void>(
  400,
  'SecurityGroupNotSingleGroupRules',
  () => 'Only allowed to update rules for one security profile at a time',
);
export const SecurityGroupRulesNotSingleProject = declareError<void>(
  400,
  'SecurityGroupRulesNotSingleProject',
  () => 'Multiple projects are not allowed in bulk security group rule creation.',
);
/** The type is spelled as clients know it. */
export const SecurityGroupMultipleRemoteEntites = declareError<void>(
  400,
  'SecurityGroupMultipleRemoteEntites',
  () => 'Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.',
);
export const SecurityGroupRuleParameterConflict = declareError<{ readonly ethertype: string; readonly cidr: string }>(
  400,
  'SecurityGroupRuleParameterConflict',
  ({ ethertype, cidr }) => `Conflicting value ethertype ${ethertype} for CIDR ${cidr}`,
);
export const SecurityGroupRuleInvalidEtherType = declareError<{
  readonly ethertype: unknown;
  readonly values: readonly string[];
}>(
  400,
  'SecurityGroupRuleInvalidEtherType',
  ({ ethertype, values }) =>
    `Security group rule for ethertype '${pythonText(ethertype)}' not supported. Allowed values are ${pythonRepr(values)}.`,
);
export const SecurityGroupRuleInvalidProtocol = declareError<{
  readonly protocol: unknown;
  readonly values: readonly (string | null)[];
}>(
  400,
  'SecurityGroupRuleInvalidProtocol',
  ({ protocol, values }) =>
    `Security group rule protocol ${pythonText(protocol)} not supported. Only protocol values ${pythonRepr(values)} and ` +
    'integer representations [0 to 255] are supported.',
);
export const SecurityGroupEthertypeConflictWithProtocol = declareError<{
  readonly ethertype: string;
  readonly protocol: string;
}>(
  400,
  'SecurityGroupEthertypeConflictWithProtocol',
  ({ ethertype, protocol }) => `Invalid ethertype ${ethertype} for protocol ${protocol}.`,
);
export const SecurityGroupProtocolRequiredWithPorts = declareError<void>(
  400,
  'SecurityGroupProtocolRequiredWithPorts',
  () => 'Must also specify protocol if port range is given.',
);
export const SecurityGroupInvalidPortRange = declareError<void>(
  400,
  'SecurityGroupInvalidPortRange',
  () => 'For TCP/UDP protocols, port_range_min must be <= port_range_max',
);
export const SecurityGroupInvalidPortValue = declareError<{ readonly port: unknown }>(
  400,
  'SecurityGroupInvalidPortValue',
  ({ port }) => `Invalid value for port ${pythonText(port)}`,
);
export const SecurityGroupInvalidProtocolForPort = declareError<{
  readonly protocol: number;
  readonly valid_port_protocols: string;
}>(
  400,
  'SecurityGroupInvalidProtocolForPort',
  ({ protocol, valid_port_protocols }) =>
    `Ports cannot be specified for protocol ${protocol}. Ports are only supported for ${valid_port_protocols}.`,
);
export const SecurityGroupInvalidIcmpValue = declareError<{
  readonly field: string;
  readonly attr: string;
  readonly value: number;
}>(
  400,
  'SecurityGroupInvalidIcmpValue',
  ({ field, attr, value }) => `Invalid value for ICMP ${field} (${attr}) ${value}. It must be 0 to 255.`,
);
export const SecurityGroupMissingIcmpType = declareError<{ readonly value: number }>(
  400,
  'SecurityGroupMissingIcmpType',
  ({ value }) => `ICMP code (port-range-max) ${value} is provided but ICMP type (port-range-min) is missing.`,
);
export const InvalidCIDR = declareError<{ readonly input: unknown }>(
  400,
  'InvalidCIDR',
  ({ input }) => `Invalid CIDR ${pythonText(input)} given as IP prefix.`,
);

// Templates of rules

export const DefaultSecurityGroupRuleNotFound = declareError<{ readonly id: string }>(
  404,
  'DefaultSecurityGroupRuleNotFound',
  ({ id }) => `Default Security Group rule ${id} does not exist`,
);
export const DefaultSecurityGroupRuleExists = declareError<{ readonly rule_id: string }>(
  409,
  'DefaultSecurityGroupRuleExists',
  ({ rule_id }) => `Default Security group rule already exists. Rule id is ${rule_id}.`,
);
export const DuplicateDefaultSgRuleInPost = declareError<void>(
  409,
  'DuplicateDefaultSgRuleInPost',
  () => 'Duplicate Default Security Group Rule in POST.',
);

// Address groups

export const AddressGroupNotFound = declareError<{ readonly address_group_id: string }>(
  404,
  'AddressGroupNotFound',
  ({ address_group_id }) => `Address group ${address_group_id} could not be found.`,
);
export const AddressGroupInUse = declareInUse<{ readonly address_group_id: string }>(
  'AddressGroupInUse',
  ({ address_group_id }) => `Address group ${address_group_id} is in use on one or more security group rules.`,
);
export const AddressesNotFound = declareError<{
  readonly addresses: readonly string[];
  readonly address_group_id: string;
}>(
  404,
  'AddressesNotFound',
  ({ addresses, address_group_id }) =>
    `Addresses ${pythonRepr(addresses)} not found in the address group ${address_group_id}.`,
);
export const AddressesAlreadyExist = declareError<{
  readonly addresses: readonly string[];
  readonly address_group_id: string;
}>(
  400,
  'AddressesAlreadyExist',
  ({ addresses, address_group_id }) =>
    `Addresses ${pythonRepr(addresses)} already exist in the address group ${address_group_id}.`,
);

// Sharing

export const RbacPolicyNotFound = declareError<{ readonly id: string; readonly object_type: string }>(
  404,
  'RbacPolicyNotFound',
  ({ id, object_type }) => `RBAC policy of type ${object_type} with ID ${id} not found`,
);
export const RbacPolicyInUse = declareInUse<{ readonly object_id: string; readonly details: string }>(
  'RbacPolicyInUse',
  ({ object_id, details }) =>
    `RBAC policy on object ${object_id} cannot be removed because other objects depend on it.\nDetails: ${details}`,
);
export const DuplicateRbacPolicy = declareError<void>(
  409,
  'DuplicateRbacPolicy',
  () => 'An RBAC policy already exists with those values.',
);
export const InvalidActionForType = declareError<{
  readonly action: string;
  readonly object_type: string;
  /** As Python writes a tuple. */
  readonly valid_actions: string;
}>(
  400,
  'InvalidActionForType',
  ({ action, object_type, valid_actions }) =>
    `Invalid action '${action}' for object type '${object_type}'. Valid actions: ${valid_actions}`,
);
