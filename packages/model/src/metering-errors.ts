// What the API answers about metering labels and their rules, declared as errors.ts declares the rest.

import { declareError } from './api-error.ts';

export const MeteringLabelNotFound = declareError<{ readonly label_id: string }>(
  404,
  'MeteringLabelNotFound',
  ({ label_id }) => `Metering label '${label_id}' does not exist.`,
);
export const MeteringLabelRuleNotFound = declareError<{ readonly rule_id: string }>(
  404,
  'MeteringLabelRuleNotFound',
  ({ rule_id }) => `Metering label rule '${rule_id}' does not exist.`,
);
export const MeteringLabelRuleOverlaps = declareError<{ readonly remote_ip_prefix: string }>(
  409,
  'MeteringLabelRuleOverlaps',
  ({ remote_ip_prefix }) => `Metering label rule with remote_ip_prefix '${remote_ip_prefix}' overlaps another.`,
);
/** What a rule says of addresses makes no sense. Neutron has the type and the words, and answers them with 500. */
export const Invalid = declareError<{ readonly reason: string }>(400, 'Invalid', ({ reason }) => reason);
