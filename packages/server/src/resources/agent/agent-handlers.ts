import { AgentNotFound } from '@neutronium/model/errors';
import { agent } from '@neutronium/model/resources/agent';
import { isAlive } from '#binding/host-agents';
import { unbindAgent } from '../../scheduling/dhcp-bindings.ts';
import type { L3Scheduler } from '../../scheduling/l3.ts';
import type { Handlers } from '../handlers.ts';

export interface AgentParts {
  readonly now: () => Date;
  /** Seconds of silence after which an agent counts as dead. */
  readonly agentDownTime: number;
  readonly l3: L3Scheduler;
  /** Called when an agent has been enabled, disabled or removed: its networks may be better served by another. */
  readonly onChange: () => void;
}

export function agentHandlers({ now, agentDownTime, l3, onChange }: AgentParts): Handlers<typeof agent> {
  return {
    resource: agent,
    notFound: (id) => new AgentNotFound({ id }),
    update: ({ store }, current, changes) => store.update(agent, current.id, changes),
    async remove(call, { id }) {
      const { store } = call;
      await unbindAgent(store, id);
      const routerIds = await l3.withdraw(call, id);
      await store.remove(agent, id);
      for (const routerId of routerIds) await l3.syncRouter(call, routerId);
    },
    afterChange: onChange,
    async derive(_call, records) {
      const liveness = { now: now(), agentDownTime };
      return records.map((record) => ({
        alive: isAlive(record, liveness),
        // Nothing reports bandwidths to a placement service.
        resources_synced: null,
      }));
    },
  };
}
