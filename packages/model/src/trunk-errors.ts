// The errors of trunks, as errors.ts has those of other resources.

import { declareError, declareInUse } from './api-error.ts';

interface InTrunk {
  readonly port_id: string;
  readonly trunk_id: string;
}

export const TrunkNotFound = declareError<{ readonly trunk_id: string }>(
  404,
  'TrunkNotFound',
  ({ trunk_id }) => `Trunk ${trunk_id} could not be found.`,
);
export const SubPortNotFound = declareError<InTrunk>(
  404,
  'SubPortNotFound',
  ({ port_id, trunk_id }) => `SubPort ${port_id} on trunk ${trunk_id} could not be found.`,
);
export const TrunkPortInUse = declareInUse<{ readonly port_id: string }>(
  'TrunkPortInUse',
  ({ port_id }) => `Port ${port_id} is in use by another trunk.`,
);
export const ParentPortInUse = declareInUse<{ readonly port_id: string }>(
  'ParentPortInUse',
  ({ port_id }) => `Port ${port_id} is currently in use and is not eligible for use as a parent port.`,
);
export const PortInUseAsTrunkParent = declareInUse<InTrunk>(
  'PortInUseAsTrunkParent',
  ({ port_id, trunk_id }) => `Port ${port_id} is currently a parent port for trunk ${trunk_id}.`,
);
export const PortInUseAsSubPort = declareInUse<InTrunk>(
  'PortInUseAsSubPort',
  ({ port_id, trunk_id }) => `Port ${port_id} is currently a subport for trunk ${trunk_id}.`,
);
export const DuplicateSubPort = declareError<{
  readonly segmentation_type: string;
  readonly segmentation_id: number;
  readonly trunk_id: string;
}>(
  409,
  'DuplicateSubPort',
  ({ segmentation_type, segmentation_id, trunk_id }) =>
    `segmentation_type ${segmentation_type} and segmentation_id ${segmentation_id} already in use on trunk ${trunk_id}.`,
);
/** `trunk_id` is the id of the parent port: Neutron names that where it means the trunk. */
export const SubPortMtuGreaterThanTrunkPortMtu = declareError<
  InTrunk & { readonly port_mtu: number; readonly trunk_mtu: number }
>(
  409,
  'SubPortMtuGreaterThanTrunkPortMtu',
  ({ port_id, port_mtu, trunk_id, trunk_mtu }) =>
    `MTU ${port_mtu} of subport ${port_id} cannot be greater than MTU ${trunk_mtu} of trunk ${trunk_id}.`,
);
export const TrunkInUse = declareInUse<{ readonly trunk_id: string }>(
  'TrunkInUse',
  ({ trunk_id }) => `Trunk ${trunk_id} is currently in use.`,
);
export const TrunkDisabled = declareError<{ readonly trunk_id: string }>(
  409,
  'TrunkDisabled',
  ({ trunk_id }) => `Trunk ${trunk_id} is currently disabled.`,
);
export const TrunkInErrorState = declareError<{ readonly trunk_id: string }>(
  409,
  'TrunkInErrorState',
  ({ trunk_id }) => `Trunk ${trunk_id} is in error state. Attempt to resolve the error condition before proceeding.`,
);
