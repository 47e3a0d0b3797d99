// Which agents serve the DHCP of which networks, as administrators see it and change it by hand:
// `/v2.0/networks/{network_id}/dhcp-agents` and `/v2.0/agents/{agent_id}/dhcp-networks`.

import { InvalidDHCPAgent, NetworkHostedByDHCPAgent, NetworkNotHostedByDhcpAgent } from '@neutronium/model/errors';
import { agent } from '@neutronium/model/resources/agent';
import { network } from '@neutronium/model/resources/network';
import type { DhcpScheduler } from '../../scheduling/dhcp.ts';
import { servedNetworkIds, servingIds } from '../../scheduling/dhcp-bindings.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { policySession, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import type { Route } from '../routes.ts';
import { findAgent, handlersOf, readAllowed, readId, shown } from './scheduling.ts';
import { write } from '../write.ts';

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
    const body = parseJsonBody(request.body);
    return write(engine, request.context, async (call) => {
      await policySession(engine, call).authorize(['create_dhcp-network'], {});
      const networkId = readId(body, 'network_id');
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
