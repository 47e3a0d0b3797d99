// Every declared resource, for the projections that speak of all of them: the OpenAPI document, the reference pages,
// the tests. A new resource is a file in resources/ and a line here.

import { addressGroup } from './resources/address-group.ts';
import { addressScope } from './resources/address-scope.ts';
import { agent } from './resources/agent.ts';
import { availabilityZone } from './resources/availability-zone.ts';
import { conntrackHelper } from './resources/conntrack-helper.ts';
import { defaultSecurityGroupRule } from './resources/default-security-group-rule.ts';
import { defaultStatefulness } from './resources/default-statefulness.ts';
import { flavor } from './resources/flavor.ts';
import { floatingip } from './resources/floatingip.ts';
import { floatingipPool } from './resources/floatingip-pool.ts';
import { localIp } from './resources/local-ip.ts';
import { localIpAssociation } from './resources/local-ip-association.ts';
import { log } from './resources/log.ts';
import { loggableResource } from './resources/loggable-resource.ts';
import { meteringLabel } from './resources/metering-label.ts';
import { meteringLabelRule } from './resources/metering-label-rule.ts';
import { ndpProxy } from './resources/ndp-proxy.ts';
import { network } from './resources/network.ts';
import { networkIpAvailability } from './resources/network-ip-availability.ts';
import { networkSegmentRange } from './resources/network-segment-range.ts';
import { port } from './resources/port.ts';
import { portBinding } from './resources/port-binding.ts';
import { portForwarding } from './resources/port-forwarding.ts';
import { qosPolicy } from './resources/qos-policy.ts';
import { qosRuleAliases, qosRules } from './resources/qos-rules.ts';
import { qosRuleType } from './resources/qos-rule-type.ts';
import { quota } from './resources/quota.ts';
import { rbacPolicy } from './resources/rbac-policy.ts';
import { router } from './resources/router.ts';
import { securityGroup } from './resources/security-group.ts';
import { securityGroupRule } from './resources/security-group-rule.ts';
import { segment } from './resources/segment.ts';
import { serviceProfile } from './resources/service-profile.ts';
import { serviceProvider } from './resources/service-provider.ts';
import { subnet } from './resources/subnet.ts';
import { subnetpool } from './resources/subnetpool.ts';
import { trunk } from './resources/trunk.ts';
import type { AnyResource } from './resource.ts';

const routing: readonly AnyResource[] = [
  router,
  floatingip,
  floatingipPool,
  portForwarding,
  conntrackHelper,
  addressScope,
  ndpProxy,
  flavor,
  serviceProfile,
  serviceProvider,
];

const qos: readonly AnyResource[] = [
  qosPolicy,
  ...Object.values(qosRules),
  ...Object.values(qosRuleAliases),
  qosRuleType,
];

export const catalogue: readonly AnyResource[] = [
  network,
  segment,
  networkSegmentRange,
  subnet,
  port,
  portBinding,
  trunk,
  localIp,
  localIpAssociation,
  subnetpool,
  securityGroup,
  securityGroupRule,
  defaultSecurityGroupRule,
  defaultStatefulness,
  addressGroup,
  rbacPolicy,
  ...qos,
  meteringLabel,
  meteringLabelRule,
  log,
  loggableResource,
  quota,
  agent,
  availabilityZone,
  networkIpAvailability,
  ...routing,
];
