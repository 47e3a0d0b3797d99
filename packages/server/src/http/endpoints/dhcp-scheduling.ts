// Which agents serve the DHCP of which networks, as administrators see it and change it by hand:
// `/v2.0/networks/{network_id}/dhcp-agents` and `/v2.0/agents/{agent_id}/dhcp-networks`.

import {
  HTTPBadRequest,
  InvalidDHCPAgent,
  NetworkHostedByDHCPAgent,
  NetworkNotHostedByDhcpAgent,
} from '@neutronium/model/errors';
import { invariant } from '@neutronium/net/invariant';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { network } from '@neutronium/model/resources/network';
import type { AnyResource } from '@neutronium/model/resource';
import type { Call, Handlers } from '../../resources/handlers.ts';
import type { DhcpScheduler } from '../../scheduling/dhcp.ts';
import { servedNetworkIds, servingIds } from '../../scheduling/dhcp-bindings.ts';
import type { Reader } from '../../store/store.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { complete, policySession, present, write, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import type { Route } from '../routes.ts';

export function dhcpSchedulingRoutes(engine: Engine, dhcp: DhcpScheduler): readonly Route[] {
  const agents = handlersOf(engine, agent);
  const networks = handlersOf(engine, network);

  async function listAgents(request: ApiRequest): Promise<Answer> {
    const networkId = request.params['network_id'] ?? '';
    return readAllowed(engine, request, 'get_dhcp-agents', async (call) => ({
      agents: await shown(engine, agents, call, await servingIds(call.store, networkId)),
    }));
  }

  async function listNetworks(request: ApiRequest): Promise<Answer> {
    return readAllowed(engine, request, 'get_dhcp-networks', async (call) => {
      const { id } = await findAgent(agents, call, request);
      return { networks: await shown(engine, networks, call, await servedNetworkIds(call.store, id)) };
    });
  }

  async function add(request: ApiRequest): Promise<Answer> {
    const networkId = readNetworkId(parseJsonBody(request.body));
    return write(engine, request.context, async (call) => {
      await policySession(engine, call).authorize(['create_dhcp-network'], {});
      if ((await call.store.get(network, networkId)) === undefined) throw networks.notFound(networkId);
      const { id, agent_type, admin_state_up } = await findAgent(agents, call, request);
      if (agent_type !== 'DHCP agent' || !admin_state_up) throw new InvalidDHCPAgent({ id });
      if (!(await dhcp.add(call, networkId, id))) {
        throw new NetworkHostedByDHCPAgent({ network_id: networkId, agent_id: id });
      }
      return { status: 201, body: null };
    });
  }

  async function remove(request: ApiRequest): Promise<Answer> {
    const networkId = request.params['network_id'] ?? '';
    return write(engine, request.context, async (call) => {
      await policySession(engine, call).authorize(['delete_dhcp-network'], {});
      const found = await findAgent(agents, call, request);
      if (!(await dhcp.take(call, networkId, found))) {
        throw new NetworkNotHostedByDhcpAgent({ network_id: networkId, agent_id: found.id });
      }
      return { status: 204 };
    });
  }

  return [
    { path: 'networks/{network_id}/dhcp-agents', methods: { GET: listAgents } },
    { path: 'agents/{agent_id}/dhcp-networks', methods: { GET: listNetworks, POST: add } },
    { path: 'agents/{agent_id}/dhcp-networks/{network_id}', methods: { DELETE: remove } },
  ];
}

function handlersOf(engine: Engine, resource: AnyResource): Handlers {
  const handlers = engine.handlersByName.get(resource.name);
  invariant(handlers !== undefined, `${resource.plural} are offered`);
  return handlers;
}

/** Only administrators get here, who see every agent. */
async function findAgent(agents: Handlers, { store }: Call<Reader>, { params }: ApiRequest): Promise<AgentRecord> {
  const id = params['agent_id'] ?? '';
  const found = await store.get(agent, id);
  if (found === undefined) throw agents.notFound(id);
  return found;
}

async function readAllowed(
  engine: Engine,
  { context }: ApiRequest,
  rule: string,
  work: (call: Call<Reader>) => Promise<object>,
): Promise<Answer> {
  return engine.store.read(async (store) => {
    const call = { context, store };
    await policySession(engine, call).authorize([rule], {});
    return { status: 200, body: await work(call) };
  });
}

async function shown(
  engine: Engine,
  handlers: Handlers,
  call: Call<Reader>,
  ids: readonly string[],
): Promise<readonly object[]> {
  const records = await call.store.getMany(handlers.resource, ids);
  return present(handlers, policySession(engine, call), await complete(handlers, call, records));
}

function readNetworkId(body: unknown): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HTTPBadRequest({ message: 'Body contains invalid data' });
  }
  if (!('network_id' in body) || typeof body.network_id !== 'string') {
    throw new HTTPBadRequest({ message: "Failed to parse request. Required attribute 'network_id' not specified" });
  }
  return body.network_id;
}
