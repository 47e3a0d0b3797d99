// The agents on hosts, as drivers and schedulers see them.

import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import type { Reader } from '../store/store.ts';
import type { HostAgent } from './mechanism-driver.ts';

/** When an agent that was last heard of counts as dead. */
export interface Liveness {
  readonly now: Date;
  /** Seconds without a report. */
  readonly agentDownTime: number;
}

/** Whether the agent was heard of lately; what the API shows as `alive`. */
export function isAlive(
  { heartbeat_timestamp }: Pick<AgentRecord, 'heartbeat_timestamp'>,
  liveness: Liveness,
): boolean {
  return liveness.now.getTime() - Date.parse(heartbeat_timestamp) <= liveness.agentDownTime * 1000;
}

/** The agents on each of `hosts`; one statement, and none without hosts. */
export async function agentsByHost(
  store: Reader,
  hosts: readonly string[],
  liveness: Liveness,
): Promise<ReadonlyMap<string, readonly HostAgent[]>> {
  if (hosts.length === 0) return new Map();
  const agents = await store.list(agent, { where: [{ op: 'equals', attribute: 'host', values: hosts }] });
  return Map.groupBy(
    agents.map((record) => ({ ...record, alive: isAlive(record, liveness) })),
    ({ host }) => host,
  );
}
