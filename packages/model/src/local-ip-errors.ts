// The errors of local IPs, as errors.ts has those of other resources.

import { declareError, declareInUse } from './api-error.ts';

interface OfPort {
  readonly port_id: string;
}

export const LocalIPNotFound = declareError<{ readonly id: string }>(
  404,
  'LocalIPNotFound',
  ({ id }) => `Local IP ${id} could not be found.`,
);
export const LocalIPInUse = declareInUse<{ readonly id: string }>(
  'LocalIPInUse',
  ({ id }) => `Local IP ${id} is still associated with one or more ports.`,
);
export const LocalIPPortOrNetworkRequired = declareError<void>(
  400,
  'LocalIPPortOrNetworkRequired',
  () => 'Either Port ID or Network ID must be specified for Local IP create.',
);
export const LocalIPNoIP = declareError<OfPort>(
  400,
  'LocalIPNoIP',
  ({ port_id }) => `Specified Port ${port_id} has no fixed IPs configured.`,
);
export const LocalIPNoRequestedIP = declareError<OfPort>(
  400,
  'LocalIPNoRequestedIP',
  ({ port_id }) => `Specified Port ${port_id} has several IPs, should specify exact IP address to use for Local IP.`,
);
export const LocalIPRequestedIPNotFound = declareError<OfPort & { readonly ip: string }>(
  400,
  'LocalIPRequestedIPNotFound',
  ({ port_id, ip }) => `Specified Port ${port_id} does not have requested IP address: ${ip}.`,
);
export const LocalIPAssociationNotFound = declareError<OfPort & { readonly local_ip_id: string }>(
  404,
  'LocalIPAssociationNotFound',
  ({ local_ip_id, port_id }) => `Local IP ${local_ip_id} association with port ${port_id} could not be found.`,
);
