import type { AgentRecord } from '@neutronium/model/resources/agent';

/** Whether the agent reported within the last `downAfterSeconds`. */
export function isAlive(
  { heartbeat_timestamp }: Pick<AgentRecord, 'heartbeat_timestamp'>,
  { now, downAfterSeconds }: { readonly now: Date; readonly downAfterSeconds: number },
): boolean {
  return now.getTime() - Date.parse(heartbeat_timestamp) <= downAfterSeconds * 1000;
}
