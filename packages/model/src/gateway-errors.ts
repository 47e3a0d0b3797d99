// The errors of routers with several ways out, and of floating IPs that come in by an interface. See errors.ts.

import { declareError, declareInUse } from './api-error.ts';

interface OfGateways {
  readonly router_id: string;
  readonly reason: string;
}

// In Neutron the next two have no status of their own and come out as 500 without a reason, although it is the request
// that names what is not there.
export const UnableToRemoveGateways = declareError<OfGateways>(
  400,
  'UnableToRemoveGateways',
  ({ router_id, reason }) => `Unable to remove extra gateways from a router ${router_id}: ${reason}`,
);
export const UnableToMatchGateways = declareError<OfGateways>(
  400,
  'UnableToMatchGateways',
  ({ router_id, reason }) =>
    `Unable to match a requested gateway port to existing gateway ports for router ${router_id}: ${reason}`,
);
export const RouterInterfaceInUseAsGatewayByFloatingIP = declareInUse<{
  readonly router_id: string;
  readonly subnet_id: string;
}>(
  'RouterInterfaceInUseAsGatewayByFloatingIP',
  ({ router_id, subnet_id }) =>
    `Router interface for subnet ${subnet_id} on router ${router_id} cannot be deleted, as it is required as a gateway by one or more floating IPs.`,
);
