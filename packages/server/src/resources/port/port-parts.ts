import type { Liveness } from '#binding/host-agents';
import type { MechanismDriver } from '#binding/mechanism-driver';
import type { ServerConfig } from '#config/server-settings';
import type { RandomBelow } from '#ipam/choose-addresses';

/** What the handlers of ports and subnets are built from. */
export interface PortParts {
  readonly config: ServerConfig;
  readonly now: () => Date;
  readonly random: RandomBelow;
  /** In the order in which they are asked. */
  readonly drivers: readonly MechanismDriver[];
}

export function livenessOf({ config, now }: Pick<PortParts, 'config' | 'now'>): Liveness {
  return { now: now(), agentDownTime: config.agents.agent_down_time };
}
