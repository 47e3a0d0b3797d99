// The errors of network segment ranges, as errors.ts has those of other resources.

import { declareError, declareInUse } from './api-error.ts';

export const NetworkSegmentRangeNotFound = declareError<{ readonly range_id: string }>(
  404,
  'NetworkSegmentRangeNotFound',
  ({ range_id }) => `Network Segment Range ${range_id} could not be found.`,
);
export const NetworkSegmentRangeNetTypeNotSupported = declareError<{ readonly type: string }>(
  400,
  'NetworkSegmentRangeNetTypeNotSupported',
  ({ type }) => `Network type ${type} does not support network segment ranges.`,
);
export const NetworkSegmentRangeDefaultReadOnly = declareError<{ readonly range_id: string }>(
  400,
  'NetworkSegmentRangeDefaultReadOnly',
  ({ range_id }) =>
    `Network Segment Range ${range_id} is a default segment range which could not be updated or deleted.`,
);
export const NetworkSegmentRangeReferencedByProject = declareInUse<{ readonly range_id: string }>(
  'NetworkSegmentRangeReferencedByProject',
  ({ range_id }) => `Network Segment Range ${range_id} is referenced by one or more tenant networks.`,
);
export const NetworkSegmentRangeOverlaps = declareError<{ readonly range_id: string }>(
  409,
  'NetworkSegmentRangeOverlaps',
  ({ range_id }) => `Network segment range overlaps with range(s) with id ${range_id}`,
);
/** Neutron answers 500 with the same words. */
export const NetworkVlanRangeError = declareError<{ readonly vlan_range: string; readonly error: string }>(
  400,
  'NetworkVlanRangeError',
  ({ vlan_range, error }) => `Invalid network VLAN range: '${vlan_range}' - '${error}'.`,
);
/** Neutron answers 500 with the same words. */
export const NetworkTunnelRangeError = declareError<{ readonly tunnel_range: string; readonly error: string }>(
  400,
  'NetworkTunnelRangeError',
  ({ tunnel_range, error }) => `Invalid network tunnel range: '${tunnel_range}' - ${error}.`,
);
