// The resources that this server offers. Adding one is its declaration in the model, its handlers here, and one line
// in the list below.

import type { ServerConfig } from '#config/server-settings';
import type { DhcpScheduler } from '../scheduling/dhcp.ts';
import type { Quotas } from '../quota/quotas.ts';
import type { L3Scheduler } from '../scheduling/l3.ts';
import { addressGroupHandlers } from './address-group/address-group-handlers.ts';
import { addressScopeHandlers } from './address-scope/address-scope-handlers.ts';
import { agentHandlers } from './agent/agent-handlers.ts';
import { availabilityZoneHandlers } from './availability-zone/availability-zone-handlers.ts';
import { conntrackHelperHandlers } from './conntrack-helper/conntrack-helper-handlers.ts';
import { defaultSecurityGroupRuleHandlers } from './default-security-group-rule/default-security-group-rule-handlers.ts';
import { defaultStatefulnessHandlers } from './default-statefulness/default-statefulness-handlers.ts';
import { flavorHandlers } from './flavor/flavor-handlers.ts';
import { floatingIpHandlers } from './floatingip/floatingip-handlers.ts';
import { floatingIpPoolHandlers } from './floatingip-pool/floatingip-pool-handlers.ts';
import { offered, type Handlers } from './handlers.ts';
import { localIpAssociationHandlers } from './local-ip/local-ip-association-handlers.ts';
import { localIpHandlers } from './local-ip/local-ip-handlers.ts';
import { logHandlers } from './log/log-handlers.ts';
import { loggableResourceHandlers } from './loggable-resource/loggable-resource-handlers.ts';
import { meteringLabelHandlers } from './metering-label/metering-label-handlers.ts';
import { meteringLabelRuleHandlers } from './metering-label-rule/metering-label-rule-handlers.ts';
import { ndpProxyHandlers } from './ndp-proxy/ndp-proxy-handlers.ts';
import { networkHandlers } from './network/network-handlers.ts';
import { networkIpAvailabilityHandlers } from './network-ip-availability/network-ip-availability-handlers.ts';
import { networkSegmentRangeHandlers } from './network-segment-range/network-segment-range-handlers.ts';
import { portHandlers } from './port/port-handlers.ts';
import type { PortParts } from './port/port-parts.ts';
import { portBindingHandlers } from './port-binding/port-binding-handlers.ts';
import { portForwardingHandlers } from './port-forwarding/port-forwarding-handlers.ts';
import { qosPolicyHandlers } from './qos-policy/qos-policy-handlers.ts';
import { qosRuleHandlers } from './qos-rule/qos-rule-handlers.ts';
import { qosRuleTypeHandlers } from './qos-rule-type/qos-rule-type-handlers.ts';
import { rbacPolicyHandlers } from './rbac-policy/rbac-policy-handlers.ts';
import { routerHandlers } from './router/router-handlers.ts';
import { securityGroupHandlers } from './security-group/security-group-handlers.ts';
import { securityGroupRuleHandlers } from './security-group-rule/security-group-rule-handlers.ts';
import type { RandomBelow } from './segment-allocation/allocate-segment.ts';
import type { TypeDrivers } from './segment-allocation/type-drivers.ts';
import { segmentHandlers } from './segment/segment-handlers.ts';
import { serviceProfileHandlers } from './service-profile/service-profile-handlers.ts';
import { serviceProviderHandlers } from './service-provider/service-provider-handlers.ts';
import { subnetHandlers } from './subnet/subnet-handlers.ts';
import { subnetpoolHandlers } from './subnetpool/subnetpool-handlers.ts';
import { trunkHandlers } from './trunk/trunk-handlers.ts';

/** What handlers may be built from: settings and sources of chance and time, nothing that reaches a request. */
export interface Parts {
  readonly config: ServerConfig;
  readonly now: () => Date;
  readonly random: RandomBelow;
  readonly drivers: TypeDrivers;
  readonly ports: PortParts;
  readonly dhcp: DhcpScheduler;
  readonly l3: L3Scheduler;
  readonly quotas: Quotas;
  /** Called when an agent has been enabled, disabled or removed. */
  readonly onAgentChange: () => void;
}

export function resourceHandlers({
  config,
  now,
  random,
  drivers,
  ports,
  dhcp,
  l3,
  quotas,
  onAgentChange,
}: Parts): readonly Handlers[] {
  const agents = { now, agentDownTime: config.agents.agent_down_time, l3, onChange: onAgentChange };
  const networks = { drivers, random };
  return [
    offered(networkHandlers({ ...networks, haCidr: config.routers.l3_ha_net_cidr })),
    offered(segmentHandlers({ networks, ports })),
    offered(networkSegmentRangeHandlers(drivers)),
    offered(subnetHandlers({ config, dhcp })),
    offered(portHandlers(ports, dhcp)),
    offered(portBindingHandlers(ports)),
    offered(trunkHandlers(ports)),
    offered(localIpHandlers(ports)),
    offered(localIpAssociationHandlers()),
    offered(subnetpoolHandlers()),
    offered(securityGroupHandlers(quotas)),
    offered(securityGroupRuleHandlers()),
    offered(defaultSecurityGroupRuleHandlers()),
    offered(defaultStatefulnessHandlers()),
    offered(addressGroupHandlers()),
    offered(rbacPolicyHandlers()),
    offered(qosPolicyHandlers()),
    ...qosRuleHandlers(),
    offered(qosRuleTypeHandlers()),
    offered(meteringLabelHandlers()),
    offered(meteringLabelRuleHandlers()),
    offered(logHandlers()),
    offered(loggableResourceHandlers()),
    offered(addressScopeHandlers()),
    offered(routerHandlers({ ports, l3 })),
    offered(floatingIpHandlers(ports)),
    offered(floatingIpPoolHandlers()),
    offered(portForwardingHandlers()),
    offered(conntrackHelperHandlers()),
    offered(ndpProxyHandlers()),
    offered(flavorHandlers()),
    offered(serviceProfileHandlers()),
    offered(serviceProviderHandlers()),
    offered(agentHandlers(agents)),
    offered(availabilityZoneHandlers(agents)),
    offered(networkIpAvailabilityHandlers()),
  ];
}
