// The errors of segments, as errors.ts has those of other resources.

import { declareError, declareInUse } from './api-error.ts';

export const SegmentNotFound = declareError<{ readonly segment_id: string }>(
  404,
  'SegmentNotFound',
  ({ segment_id }) => `Segment ${segment_id} could not be found.`,
);
export const SegmentInUse = declareInUse<{ readonly segment_id: string; readonly reason: string }>(
  'SegmentInUse',
  ({ segment_id, reason }) => `Segment '${segment_id}' cannot be deleted: ${reason}.`,
);
export const SubnetsNotAllAssociatedWithSegments = declareError<{ readonly network_id: string }>(
  400,
  'SubnetsNotAllAssociatedWithSegments',
  ({ network_id }) =>
    `All of the subnets on network '${network_id}' must either all be associated with segments or all not ` +
    'associated with any segment.',
);
export const NoUpdateSubnetWhenMultipleSegmentsOnNetwork = declareError<{ readonly network_id: string }>(
  400,
  'NoUpdateSubnetWhenMultipleSegmentsOnNetwork',
  ({ network_id }) =>
    `The network '${network_id}' has multiple segments, it is only possible to associate an existing subnet with a ` +
    'segment on networks with a single segment.',
);
export const SubnetSegmentAssociationChangeNotAllowed = declareError<void>(
  400,
  'SubnetSegmentAssociationChangeNotAllowed',
  () => 'A subnet that is already associated with a segment cannot have its segment association changed.',
);
export const NetworkIdsDontMatch = declareError<{ readonly subnet_network: string; readonly segment_id: string }>(
  400,
  'NetworkIdsDontMatch',
  ({ subnet_network, segment_id }) =>
    `The subnet's network id, '${subnet_network}', doesn't match the network_id of segment '${segment_id}'`,
);
export const HostConnectedToMultipleSegments = declareError<{ readonly host: string; readonly network_id: string }>(
  409,
  'HostConnectedToMultipleSegments',
  ({ host, network_id }) =>
    `Host ${host} is connected to multiple segments on routed provider network '${network_id}'.  It should be ` +
    'connected to one.',
);
export const HostNotConnectedToAnySegment = declareError<{ readonly host: string; readonly network_id: string }>(
  409,
  'HostNotConnectedToAnySegment',
  ({ host, network_id }) =>
    `Host ${host} is not connected to any segments on routed provider network '${network_id}'.  It should be ` +
    'connected to one.',
);
export const HostNotCompatibleWithFixedIps = declareError<{ readonly host: string; readonly port_id: string }>(
  409,
  'HostNotCompatibleWithFixedIps',
  ({ host, port_id }) =>
    `Host ${host} is not connected to a segment where the existing fixed_ips on port ${port_id} will function given ` +
    'the routed network topology.',
);
export const FixedIpsSubnetsNotOnSameSegment = declareError<void>(
  400,
  'FixedIpsSubnetsNotOnSameSegment',
  () => 'Cannot allocate addresses from different segments.',
);
