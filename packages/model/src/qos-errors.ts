// What the API answers about QoS policies and their rules, declared as errors.ts declares the rest.

import { declareError, declareInUse } from './api-error.ts';

export const QosPolicyNotFound = declareError<{ readonly policy_id: string }>(
  404,
  'QosPolicyNotFound',
  ({ policy_id }) => `QoS policy ${policy_id} could not be found.`,
);
export const QosRuleNotFound = declareError<{ readonly rule_id: string; readonly policy_id: string }>(
  404,
  'QosRuleNotFound',
  ({ rule_id, policy_id }) => `QoS rule ${rule_id} for policy ${policy_id} could not be found.`,
);
export const PolicyRemoveAuthorizationError = declareError<{ readonly policy_id: string }>(
  403,
  'PolicyRemoveAuthorizationError',
  ({ policy_id }) => `Failed to remove provided policy ${policy_id} because you are not authorized.`,
);
export const QosPolicyInUse = declareInUse<{
  readonly policy_id: string;
  readonly object_type: string;
  readonly object_id: string;
}>(
  'QosPolicyInUse',
  ({ policy_id, object_type, object_id }) => `QoS Policy ${policy_id} is used by ${object_type} ${object_id}.`,
);
export const QoSPolicyDefaultAlreadyExists = declareError<{ readonly project_id: string }>(
  409,
  'QoSPolicyDefaultAlreadyExists',
  ({ project_id }) => `A default QoS policy exists for project ${project_id}.`,
);
export const QoSRulesConflict = declareError<{
  readonly new_rule_type: string;
  readonly rule_id: string;
  readonly policy_id: string;
}>(
  409,
  'QoSRulesConflict',
  ({ new_rule_type, rule_id, policy_id }) =>
    `Rule ${new_rule_type} conflicts with rule ${rule_id} which already exists in QoS Policy ${policy_id}.`,
);
export const QoSRuleParameterConflict = declareError<{
  readonly rule_value: string | number;
  readonly policy_id: string;
  readonly existing_rule: string;
  readonly existing_value: string | number;
}>(
  409,
  'QoSRuleParameterConflict',
  ({ rule_value, policy_id, existing_rule, existing_value }) =>
    `Unable to add the rule with value ${rule_value} to the policy ${policy_id} as the existing rule of type ` +
    `${existing_rule} has value ${existing_value}.`,
);
export const QosRuleNotSupported = declareError<{ readonly rule_type: string; readonly port_id: string }>(
  409,
  'QosRuleNotSupported',
  ({ rule_type, port_id }) => `Rule ${rule_type} is not supported by port ${port_id}`,
);
export const QosRuleNotSupportedByNetwork = declareError<{ readonly rule_type: string; readonly network_id: string }>(
  409,
  'QosRuleNotSupportedByNetwork',
  ({ rule_type, network_id }) => `Rule ${rule_type} is not supported by network ${network_id}`,
);
