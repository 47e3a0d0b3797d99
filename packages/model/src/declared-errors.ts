// Every declared error, for what speaks of all of them: the reference pages, the tests.

import * as distributedRoutingErrors from './distributed-routing-errors.ts';
import * as agentErrors from './agent-errors.ts';
import * as changeErrors from './change-errors.ts';
import * as defaultStatefulnessErrors from './default-statefulness-errors.ts';
import * as errors from './errors.ts';
import * as localIpErrors from './local-ip-errors.ts';
import * as loggingErrors from './logging-errors.ts';
import * as meteringErrors from './metering-errors.ts';
import * as qosErrors from './qos-errors.ts';
import * as gatewayErrors from './gateway-errors.ts';
import * as networkSegmentRangeErrors from './network-segment-range-errors.ts';
import * as routingErrors from './routing-errors.ts';
import * as securityGroupErrors from './security-group-errors.ts';
import * as segmentErrors from './segment-errors.ts';
import * as trunkErrors from './trunk-errors.ts';

const { ApiError: _class, ...general } = errors;

/** By the names under which they are declared. */
export const declaredErrors = {
  ...general,
  ...distributedRoutingErrors,
  ...gatewayErrors,
  ...networkSegmentRangeErrors,
  ...agentErrors,
  ...changeErrors,
  ...defaultStatefulnessErrors,
  ...localIpErrors,
  ...loggingErrors,
  ...meteringErrors,
  ...qosErrors,
  ...routingErrors,
  ...securityGroupErrors,
  ...segmentErrors,
  ...trunkErrors,
};
