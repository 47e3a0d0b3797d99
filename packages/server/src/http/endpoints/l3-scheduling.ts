// Which agents host which routers, as administrators see it and change it by hand: `/v2.0/routers/{router_id}/l3-agents`
// and `/v2.0/agents/{agent_id}/l3-routers`.

import {
  DVRL3CannotAssignToDvrAgent,
  DVRL3CannotRemoveFromDvrAgent,
  RouterL3AgentMismatch,
} from '@neutronium/model/distributed-routing-errors';
import { InvalidL3Agent, RouterHostedByL3Agent } from '@neutronium/model/routing-errors';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { router, type RouterRecord } from '@neutronium/model/resources/router';
import { hostsPartsOnly, l3ModeOf } from '#binding/l3-mode';
import type { L3Scheduler } from '../../scheduling/l3.ts';
import { hostedRouterIds, hostingIds } from '../../scheduling/l3-bindings.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { policySession, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import type { Route } from '../routes.ts';
import { findAgent, handlersOf, readAllowed, readId, shown } from './scheduling.ts';
import { write } from '../write.ts';

export function l3SchedulingRoutes(engine: Engine, l3: L3Scheduler): readonly Route[] {
  const agents = handlersOf(engine, agent);
  const routers = handlersOf(engine, router);

  async function listAgents(request: ApiRequest): Promise<Answer> {
    const id = request.params['router_id'] ?? '';
    return readAllowed(engine, request, 'get_l3-agents', async (call) => {
      const current = await call.store.get(router, id);
      if (current === undefined) throw routers.notFound(id);
      const states = await l3.statesOf(call.store, current);
      const hosting = await shown(engine, agents, call, [...states.keys()]);
      // Both are in the order of the agents.
      const inOrder = [...states.values()];
      return { agents: hosting.map((each, index) => ({ ...each, ha_state: inOrder[index] ?? null })) };
    });
  }

  async function listRouters(request: ApiRequest): Promise<Answer> {
    return readAllowed(engine, request, 'get_l3-routers', async (call) => {
      const { id } = await findAgent(agents, call, request);
      return { routers: await shown(engine, routers, call, await hostedRouterIds(call.store, id)) };
    });
  }

  async function add(request: ApiRequest): Promise<Answer> {
    const body = parseJsonBody(request.body);
    return write(engine, request.context, async (call) => {
      await policySession(engine, call).authorize(['create_l3-router'], {});
      const routerId = readId(body, 'router_id');
      const current = await call.store.get(router, routerId);
      if (current === undefined) throw routers.notFound(routerId);
      const found = await findAgent(agents, call, request);
      requireHost(l3, found, current);
      const hosting = await hostingIds(call.store, routerId);
      if (hosting.includes(found.id)) return { status: 201, body: null };
      const [other] = hosting;
      if (other !== undefined && !current.ha) throw new RouterHostedByL3Agent({ router_id: routerId, agent_id: other });
      await l3.add(call, current, found);
      return { status: 201, body: null };
    });
  }

  async function remove(request: ApiRequest): Promise<Answer> {
    const router_id = request.params['router_id'] ?? '';
    return write(engine, request.context, async (call) => {
      await policySession(engine, call).authorize(['delete_l3-router'], {});
      const { id: agent_id, ...found } = await findAgent(agents, call, request);
      if (hostsPartsOnly(l3ModeOf(found))) throw new DVRL3CannotRemoveFromDvrAgent();
      if ((await call.store.get(router, router_id)) === undefined) throw routers.notFound(router_id);
      // As with Neutron, it is no mistake to take away what is not there.
      await l3.take(call, router_id, agent_id);
      return { status: 204 };
    });
  }

  return [
    { path: 'routers/{router_id}/l3-agents', methods: { GET: listAgents } },
    { path: 'agents/{agent_id}/l3-routers', methods: { GET: listRouters, POST: add } },
    { path: 'agents/{agent_id}/l3-routers/{router_id}', methods: { DELETE: remove } },
  ];
}

/** Throws unless the agent may be given the router. */
function requireHost(l3: L3Scheduler, found: AgentRecord, current: RouterRecord): void {
  const mode = l3ModeOf(found);
  if (hostsPartsOnly(mode)) throw new DVRL3CannotAssignToDvrAgent();
  if (mode === 'legacy' && current.distributed) {
    throw new RouterL3AgentMismatch({ router_id: current.id, agent_id: found.id });
  }
  if (!l3.canHost(found, current)) throw new InvalidL3Agent({ id: found.id });
}
