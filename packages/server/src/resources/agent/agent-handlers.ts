import { AgentNotFound } from '@neutronium/model/errors';
import { agent } from '@neutronium/model/resources/agent';
import type { Handlers } from '../handlers.ts';
import { isAlive } from './agent-liveness.ts';

export interface AgentParts {
  readonly now: () => Date;
  /** Seconds of silence after which an agent counts as dead. */
  readonly downAfterSeconds: number;
}

export function agentHandlers({ now, downAfterSeconds }: AgentParts): Handlers<typeof agent> {
  return {
    resource: agent,
    notFound: (id) => new AgentNotFound({ id }),
    update: ({ store }, current, changes) => store.update(agent, current.id, changes),
    async remove({ store }, { id }) {
      await store.db.deleteFrom('network_dhcp_agents').where('agent_id', '=', id).execute();
      await store.remove(agent, id);
    },
    async derive(_call, records) {
      const at = now();
      return records.map((record) => ({
        alive: isAlive(record, { now: at, downAfterSeconds }),
        // Nothing reports bandwidths to a placement service.
        resources_synced: null,
        created_at: withSpace(record.created_at),
        started_at: withSpace(record.started_at),
        heartbeat_timestamp: withSpace(record.heartbeat_timestamp),
      }));
    },
  };
}

/** Neutron writes the times of agents, and only theirs, as `2026-01-31 12:00:00`. */
function withSpace(timestamp: string): string {
  return timestamp.replace('T', ' ').replace('Z', '');
}
