// The resources that this server offers. Adding one is its declaration in the model, its handlers here, and one line
// in the list below.

import { openVSwitch } from '#binding/open-vswitch';
import type { ServerConfig } from '#config/server-settings';
import { DhcpScheduler } from '../scheduling/dhcp.ts';
import { agentHandlers } from './agent/agent-handlers.ts';
import { availabilityZoneHandlers } from './availability-zone/availability-zone-handlers.ts';
import { offered, type Handlers } from './handlers.ts';
import { networkHandlers } from './network/network-handlers.ts';
import { portHandlers } from './port/port-handlers.ts';
import type { RandomBelow } from './segment-allocation/allocate-segment.ts';
import { TypeDrivers } from './segment-allocation/type-drivers.ts';
import { subnetHandlers } from './subnet/subnet-handlers.ts';
import { subnetpoolHandlers } from './subnetpool/subnetpool-handlers.ts';

/** What handlers may be built from: settings and sources of chance and time, nothing that reaches a request. */
export interface Parts {
  readonly config: ServerConfig;
  readonly now: () => Date;
  readonly random: RandomBelow;
}

export function resourceHandlers({ config, now, random }: Parts): readonly Handlers[] {
  const agents = { now, downAfterSeconds: config.agents.agent_down_time };
  const ports = { config, now, random: (bound: number) => Number(random(BigInt(bound))), drivers: [openVSwitch] };
  const dhcp = new DhcpScheduler(ports);
  return [
    offered(networkHandlers({ drivers: new TypeDrivers(config.networks), random })),
    offered(subnetHandlers({ config, dhcp })),
    offered(portHandlers(ports)),
    offered(subnetpoolHandlers()),
    offered(agentHandlers(agents)),
    offered(availabilityZoneHandlers(agents)),
  ];
}
