import { declareError, declareInUse } from './api-error.ts';

// The errors of settings that say whether new security groups are stateful.

export const SecurityGroupDefaultStatefulnessNotFound = declareError<{ readonly id: string }>(
  404,
  'SecurityGroupDefaultStatefulnessNotFound',
  ({ id }) => `Security group default statefulness ${id} could not be found.`,
);
export const SecurityGroupDefaultStatefulnessAlreadyExists = declareInUse<{ readonly project_id: string }>(
  'SecurityGroupDefaultStatefulnessAlreadyExists',
  ({ project_id }) => `A security group default statefulness setting already exists for project '${project_id}'.`,
);
