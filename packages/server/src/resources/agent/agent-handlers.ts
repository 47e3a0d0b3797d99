import { AgentNotFound } from '@neutronium/model/errors';
import { agent } from '@neutronium/model/resources/agent';
import { isAlive } from '#binding/host-agents';
import type { DhcpScheduler } from '../../scheduling/dhcp.ts';
import { servedNetworkIds, unbindFromAgent } from '../../scheduling/dhcp-bindings.ts';
import type { L3Scheduler } from '../../scheduling/l3.ts';
import type { Handlers } from '../handlers.ts';

export interface AgentParts {
  readonly now: () => Date;
  /** Seconds of silence after which an agent counts as dead. */
  readonly agentDownTime: number;
  readonly dhcp: DhcpScheduler;
  readonly l3: L3Scheduler;
}

export function agentHandlers({ now, agentDownTime, dhcp, l3 }: AgentParts): Handlers<typeof agent> {
  return {
    resource: agent,
    notFound: (id) => new AgentNotFound({ id }),
    async update(call, current, changes) {
      const updated = await call.store.update(agent, current.id, changes);
      if (updated.admin_state_up !== current.admin_state_up) {
        await dhcp.syncAll(call);
        await l3.syncAll(call);
      }
      return updated;
    },
    async remove(call, { id }) {
      const { store } = call;
      const networkIds = await servedNetworkIds(store, id);
      for (const networkId of networkIds) await unbindFromAgent(store, networkId, id);
      const routerIds = await l3.withdraw(call, id);
      await store.remove(agent, id);
      for (const networkId of networkIds) await dhcp.syncNetwork(call, networkId);
      for (const routerId of routerIds) await l3.syncRouter(call, routerId);
    },
    async derive(_call, records) {
      const liveness = { now: now(), agentDownTime };
      return records.map((record) => ({
        alive: isAlive(record, liveness),
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
