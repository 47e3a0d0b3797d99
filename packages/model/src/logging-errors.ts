// What the API answers about logs, declared as errors.ts declares the rest.

import { declareError } from './api-error.ts';

export const LogResourceNotFound = declareError<{ readonly log_id: string }>(
  404,
  'LogResourceNotFound',
  ({ log_id }) => `Log resource ${log_id} could not be found.`,
);
export const InvalidLogResourceType = declareError<{ readonly resource_type: string }>(
  400,
  'InvalidLogResourceType',
  ({ resource_type }) => `Invalid log resource_type: ${resource_type}.`,
);
export const LoggingTypeNotSupported = declareError<{ readonly log_type: string; readonly port_id: string }>(
  409,
  'LoggingTypeNotSupported',
  ({ log_type, port_id }) => `Logging type ${log_type} is not supported on port ${port_id}.`,
);
export const TargetResourceNotFound = declareError<{ readonly target_id: string }>(
  404,
  'TargetResourceNotFound',
  ({ target_id }) => `Target resource ${target_id} could not be found.`,
);
export const ResourceNotFound = declareError<{ readonly resource_id: string }>(
  404,
  'ResourceNotFound',
  ({ resource_id }) => `Resource ${resource_id} could not be found.`,
);
export const InvalidResourceConstraint = declareError<{
  readonly resource: string;
  readonly resource_id: string;
  readonly target_resource: string;
  readonly target_id: string;
}>(
  400,
  'InvalidResourceConstraint',
  ({ resource, resource_id, target_resource, target_id }) =>
    `Invalid resource constraint between resource (${resource} ${resource_id}) and target resource ` +
    `(${target_resource} ${target_id}).`,
);
