// The errors of distributed routers. See errors.ts.

import { declareError } from './api-error.ts';

export const RouterL3AgentMismatch = declareError<{ readonly router_id: string; readonly agent_id: string }>(
  409,
  'RouterL3AgentMismatch',
  ({ router_id, agent_id }) => `Cannot host distributed router ${router_id} on legacy L3 agent ${agent_id}.`,
);
export const DVRL3CannotAssignToDvrAgent = declareError<void>(
  409,
  'DVRL3CannotAssignToDvrAgent',
  () => "Not allowed to manually assign a router to an agent in 'dvr' mode.",
);
export const DVRL3CannotRemoveFromDvrAgent = declareError<void>(
  409,
  'DVRL3CannotRemoveFromDvrAgent',
  () => "Not allowed to manually remove a router from an agent in 'dvr' mode.",
);
