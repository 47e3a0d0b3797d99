// The errors of requests that only a host's agent can answer, as errors.ts has those of other resources. Neutron has no
// such requests; the names are ours.

import { declareError } from './api-error.ts';

export const HostNotConnected = declareError<{ readonly host: string }>(
  503,
  'HostNotConnected',
  ({ host }) => `The agent of host ${host} is not connected to this server.`,
);
export const HostNotAnswering = declareError<{ readonly host: string; readonly reason: string }>(
  503,
  'HostNotAnswering',
  ({ host, reason }) => `The agent of host ${host} cannot answer: ${reason}.`,
);
