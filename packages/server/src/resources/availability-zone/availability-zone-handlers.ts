// The zones of hosts as the agents on them report it. Nobody creates a zone: it is there while an agent names it.

import { HTTPNotFound } from '@neutronium/model/errors';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { availabilityZone, type AvailabilityZone } from '@neutronium/model/resources/availability-zone';
import { isAlive } from '#binding/host-agents';
import type { AgentParts } from '../agent/agent-handlers.ts';
import type { Handlers } from '../handlers.ts';

/** What an agent of each type makes available in its zone. */
const resourceByAgentType: ReadonlyMap<string, AvailabilityZone['resource']> = new Map([
  ['DHCP agent', 'network'],
  ['L3 agent', 'router'],
]);

export function availabilityZoneHandlers({
  now,
  agentDownTime,
}: Pick<AgentParts, 'now' | 'agentDownTime'>): Handlers<typeof availabilityZone> {
  return {
    resource: availabilityZone,
    notFound: () => new HTTPNotFound({ message: 'The resource could not be found.' }),
    async records({ store }) {
      const agents = await store.list(agent, {
        where: [{ op: 'equals', attribute: 'agent_type', values: [...resourceByAgentType.keys()] }],
      });
      const liveness = { now: now(), agentDownTime };
      return zonesOf(agents, (each) => each.admin_state_up && isAlive(each, liveness));
    },
    derive: async (_call, records) => records,
  };
}

/** A zone is available while one of its agents can be given work. */
export function zonesOf(
  agents: readonly AgentRecord[],
  canWork: (agent: AgentRecord) => boolean,
): readonly AvailabilityZone[] {
  const zones = new Map<string, AvailabilityZone>();
  for (const each of agents) {
    const { agent_type, availability_zone: name } = each;
    const resource = resourceByAgentType.get(agent_type);
    if (resource === undefined || name === null) continue;
    const key = `${resource}/${name}`;
    const available = zones.get(key)?.state === 'available' || canWork(each);
    zones.set(key, { name, resource, state: available ? 'available' : 'unavailable' });
  }
  return [...zones.values()];
}
