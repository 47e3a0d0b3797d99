// What a host's agent reports of the ends of its tunnels.

import type { AgentRecord } from '@neutronium/model/resources/agent';
import { parseIp, type IpAddress } from '@neutronium/net/ip';
import type { TunnelType } from '@neutronium/net/vni';

export interface Tunnelling {
  readonly localIp: IpAddress;
  /** In their usual order, whatever the agent's. */
  readonly types: readonly TunnelType[];
}

const types: readonly TunnelType[] = ['gre', 'vxlan', 'geneve'];

/** The end of the host's tunnels, or undefined for one that has none. */
export function tunnellingOf({
  agent_type,
  configurations,
}: Pick<AgentRecord, 'agent_type' | 'configurations'>): Tunnelling | undefined {
  const { tunneling_ip: address, tunnel_types: reported } = configurations;
  if (agent_type !== 'Open vSwitch agent' || typeof address !== 'string' || !Array.isArray(reported)) return undefined;
  const localIp = parseIp(address);
  const known = types.filter((type) => reported.includes(type));
  return localIp.ok && known.length > 0 ? { localIp: localIp.value, types: known } : undefined;
}
