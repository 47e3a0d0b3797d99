// What a host's L3 agent says of the routers that it can have, and what follows for those that are distributed.

import type { AgentRecord } from '@neutronium/model/resources/agent';
import { l3Modes, type L3Mode } from '@neutronium/model/l3-mode';

export const l3AgentType = 'L3 agent';

/** The mode of an L3 agent; undefined for other agents. One that says nothing has whole routers. */
export function l3ModeOf({
  agent_type,
  configurations,
}: Pick<AgentRecord, 'agent_type' | 'configurations'>): L3Mode | undefined {
  if (agent_type !== l3AgentType) return undefined;
  const reported = configurations['agent_mode'];
  return l3Modes.find((mode) => mode === reported) ?? 'legacy';
}

/** Whether the host carries its part of distributed routers. */
export function carriesDistributed(mode: L3Mode | undefined): boolean {
  return mode !== undefined && mode !== 'legacy';
}

/** Whether the floating IPs of the host's instances are reached on the host itself. */
export function leadsOutside(mode: L3Mode | undefined): boolean {
  return mode === 'dvr' || mode === 'dvr_snat';
}

/** Whether the agent can host the router: a router that is not distributed, or the centre of one that is. */
export function canHostRouter(mode: L3Mode | undefined, router: { readonly distributed: boolean }): boolean {
  return mode === 'dvr_snat' || (mode === 'legacy' && !router.distributed);
}

/** Whether the agent has its host's part of routers, which nobody gives it or takes from it by hand, and nothing else. */
export function hostsPartsOnly(mode: L3Mode | undefined): boolean {
  return mode === 'dvr' || mode === 'dvr_no_external';
}
