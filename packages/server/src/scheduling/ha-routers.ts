// Highly available routers: each of several agents has a port on a network of theirs, by which they settle among
// themselves which is active. The server learns of it, and lets the bindings of the router's ports follow.

import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { port } from '@neutronium/model/resources/port';
import type { RouterRecord } from '@neutronium/model/resources/router';
import type { HaState } from '@neutronium/model/watch-protocol';
import { invariant } from '@neutronium/net/invariant';
import { deviceOwners } from '#ipam/device-owner';
import { createPorts } from '../resources/port/create-ports.ts';
import type { PortParts } from '../resources/port/port-parts.ts';
import { servicePort } from '../resources/port/service-port.ts';
import { attachHaPort, portsOfRouter, removeRouterPort } from '../resources/router/router-ports.ts';
import type { Reader, Writer } from '../store/store.ts';
import { bindRouter, unbindRouter } from './l3-bindings.ts';
import { ensureVirtualRouter } from './virtual-routers.ts';

/** Lets one more agent host the router. */
export async function joinAgent(
  parts: PortParts,
  store: Writer,
  current: RouterRecord,
  { id, host }: Pick<AgentRecord, 'id' | 'host'>,
): Promise<void> {
  const { network_id } = await ensureVirtualRouter(parts, store, current);
  await bindRouter(store, current.id, id);
  const request = servicePort({
    name: `HA port tenant ${current.project_id}`,
    project_id: '',
    network_id,
    device_id: current.id,
    device_owner: deviceOwners.haPort,
    'binding:host_id': host,
  });
  const [created] = await createPorts(parts, store, [request]);
  invariant(created !== undefined, 'one port was asked for');
  const taken = new Set((await portsOfRouter(store, current.id, 'ha')).map(({ position }) => position));
  const position = Array.from({ length: taken.size + 1 }, (_, index) => index).find((place) => !taken.has(place)) ?? 0;
  await attachHaPort(store, { port_id: created.id, router_id: current.id, position });
}

/** Takes the router from an agent that hosts it. */
export async function partAgent(
  store: Writer,
  routerId: string,
  { id, host }: Pick<AgentRecord, 'id' | 'host'>,
): Promise<void> {
  await unbindRouter(store, routerId, id);
  const ports = await portsOfRouter(store, routerId, 'ha');
  const records = await store.getMany(
    port,
    ports.map(({ port_id }) => port_id),
  );
  const there = new Set(records.filter((each) => each['binding:host_id'] === host).map((each) => each.id));
  for (const each of ports) if (there.has(each.port_id)) await removeRouterPort(store, each);
}

/** An agent that hosts a highly available router, as the API shows it. */
export interface StandingAgent {
  readonly agent_id: string;
  readonly host: string;
  readonly ha_state: HaState | null;
}

/** The agents that host the router. */
export async function standingAgents({ db }: Reader, routerId: string): Promise<readonly StandingAgent[]> {
  return db
    .selectFrom('router_l3_agents')
    .innerJoin('agents', 'agents.id', 'router_l3_agents.agent_id')
    .select(['agent_id', 'host', 'ha_state'])
    .where('router_id', '=', routerId)
    .orderBy('agent_id')
    .execute();
}

/**
 * What each agent is to the router, by its id. Nobody hears an agent that is dead: one that was active has been replaced
 * by one that lives; where none lives, it may still be.
 */
export function shownStates(
  agents: readonly StandingAgent[],
  isAlive: (agentId: string) => boolean,
): ReadonlyMap<string, HaState | 'unknown'> {
  const anyAlive = agents.some(({ agent_id }) => isAlive(agent_id));
  return new Map(
    agents.map(({ agent_id, ha_state }) => {
      const state = ha_state ?? 'standby';
      if (state === 'standby' || isAlive(agent_id)) return [agent_id, state];
      return [agent_id, anyAlive ? 'standby' : 'unknown'];
    }),
  );
}

/** Highly available routers, distributed ones or the others, each with the ids of the agents that host it. */
export async function agentsOfHaRouters(
  { db }: Reader,
  { distributed }: { readonly distributed: boolean },
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db
    .selectFrom('routers')
    .leftJoin('router_l3_agents', 'router_l3_agents.router_id', 'routers.id')
    .select(['routers.id', 'router_l3_agents.agent_id'])
    .where('routers.ha', '=', 1)
    .where('routers.distributed', '=', distributed ? 1 : 0)
    .orderBy('routers.id')
    .execute();
  const byRouter = Map.groupBy(rows, ({ id }) => id);
  return new Map([...byRouter].map(([id, of]) => [id, of.flatMap(({ agent_id }) => agent_id ?? [])]));
}

/** Writes down what the host's agent says of the router; false when it does not host the router, or said so before. */
export async function noteState(
  store: Writer,
  { routerId, host, state }: { readonly routerId: string; readonly host: string; readonly state: HaState },
): Promise<boolean> {
  const of = (await standingAgents(store, routerId)).find((each) => each.host === host);
  if (of === undefined || of.ha_state === state) return false;
  await store.db
    .updateTable('router_l3_agents')
    .set({ ha_state: state })
    .where('router_id', '=', routerId)
    .where('agent_id', '=', of.agent_id)
    .execute();
  return true;
}

/** Agents by id, as records. */
export function agentRecords(store: Reader, standing: readonly StandingAgent[]): Promise<readonly AgentRecord[]> {
  return store.getMany(
    agent,
    standing.map(({ agent_id }) => agent_id),
  );
}
