import type { AgentReport } from '@neutronium/model/watch-protocol';
import { agentSecret, connectAgent } from '@neutronium/testkit/agent-connection';
import { admin, alice, withApi } from '@neutronium/testkit/api';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';

const secret = agentSecret();
afterAll(() => secret[Symbol.dispose]());

const reports = (zone: string, agent_mode = 'legacy'): readonly AgentReport[] => [
  {
    agent_type: 'Open vSwitch agent',
    binary: 'neutron-openvswitch-agent',
    topic: 'N/A',
    availability_zone: null,
    configurations: { bridge_mappings: {}, tunnel_types: [], integration_bridge: 'br-int' },
  },
  {
    agent_type: 'L3 agent',
    binary: 'neutron-l3-agent',
    topic: 'l3_agent',
    availability_zone: zone,
    configurations: { agent_mode },
  },
];

withApi(
  (api) => {
    const sockets: WebSocket[] = [];
    afterEach(async () => {
      for (const socket of sockets.splice(0)) socket.terminate();
      for (const { id } of (await api.get('/v2.0/agents')).body.agents) await api.remove(`/v2.0/agents/${id}`);
    });

    /** Connects as the agents of `host`; gives back the id of its L3 agent. */
    async function connect(host: string, zone = 'cellar', mode = 'legacy'): Promise<string> {
      sockets.push(connectAgent({ url: api.url(), host, agents: reports(zone, mode) }));
      return vi.waitFor(
        async () => {
          const { body } = await api.get(`/v2.0/agents?host=${host}&agent_type=L3%20agent`);
          expect(body.agents).toHaveLength(1);
          return String(body.agents[0].id);
        },
        { timeout: 60_000, interval: 20 },
      );
    }

    async function routerWithInterface(more: object = {}) {
      const router = (await api.post('/v2.0/routers', { router: more }, alice)).body.router;
      const network = { 'provider:network_type': 'local', project_id: alice.project };
      const network_id = (await api.post('/v2.0/networks', { network }, admin)).body.network.id;
      const subnet = { network_id, ip_version: 4, cidr: '10.0.0.0/24', enable_dhcp: false };
      const subnet_id = (await api.post('/v2.0/subnets', { subnet }, alice)).body.subnet.id;
      const added = await api.put(`/v2.0/routers/${router.id}/add_router_interface`, { subnet_id }, alice);
      return { id: String(router.id), portId: String(added.body.port_id) };
    }
    const hostsOf = async (routerId: string): Promise<readonly string[]> =>
      (await api.get(`/v2.0/routers/${routerId}/l3-agents`)).body.agents.map((agent: { host: string }) => agent.host);
    const bindingOf = async (portId: string) => {
      const { port } = (await api.get(`/v2.0/ports/${portId}`)).body;
      return `${port['binding:host_id']} ${port['binding:vif_type']}`;
    };
    const give = (agentId: string, router_id: string) => api.post(`/v2.0/agents/${agentId}/l3-routers`, { router_id });
    const take = (agentId: string, routerId: string) => api.remove(`/v2.0/agents/${agentId}/l3-routers/${routerId}`);

    describe('a router', () => {
      it('is hosted once it has a port, which is bound to the host', async () => {
        const agentId = await connect('host-a');
        const { id, portId } = await routerWithInterface();
        const { agents } = (await api.get(`/v2.0/routers/${id}/l3-agents`)).body;
        expect(agents).toMatchObject([{ id: agentId, host: 'host-a', ha_state: null }]);
        expect(await bindingOf(portId)).toBe('host-a ovs');
        const { routers } = (await api.get(`/v2.0/agents/${agentId}/l3-routers`)).body;
        expect(routers.map((each: { id: string }) => each.id)).toEqual([id]);
        expect((await api.get(`/v2.0/routers/${id}`, alice)).body.router.availability_zones).toEqual(['cellar']);
        const empty = (await api.post('/v2.0/routers', { router: {} }, alice)).body.router;
        expect(await hostsOf(empty.id)).toEqual([]);
      });
      it('waits for an agent that can host it', async () => {
        await connect('host-d', 'cellar', 'dvr');
        const { id, portId } = await routerWithInterface();
        expect(await hostsOf(id)).toEqual([]);
        await connect('host-a');
        await expect.poll(() => hostsOf(id)).toEqual(['host-a']);
        expect(await bindingOf(portId)).toBe('host-a ovs');
      });
      it('goes to the agent that hosts the fewest, in a zone that it asks for', async () => {
        await connect('host-a');
        const first = await routerWithInterface();
        await connect('host-b');
        const second = await routerWithInterface();
        expect([...(await hostsOf(first.id)), ...(await hostsOf(second.id))].toSorted()).toEqual(['host-a', 'host-b']);
        await connect('host-c', 'attic');
        const third = await routerWithInterface({ availability_zone_hints: ['attic'] });
        expect(await hostsOf(third.id)).toEqual(['host-c']);
        const unknown = await api.post('/v2.0/routers', { router: { availability_zone_hints: ['roof'] } }, alice);
        expect(unknown.body.NeutronError.type).toBe('AvailabilityZoneNotFound');
      });
      it('is moved by hand, and its ports with it', async () => {
        const [a, b] = [await connect('host-a'), await connect('host-b')];
        const { id, portId } = await routerWithInterface();
        const [from, to] = (await hostsOf(id))[0] === 'host-a' ? [a, b] : [b, a];
        expect((await give(from, id)).status).toBe(201);
        expect((await give(to, id)).body.NeutronError.type).toBe('RouterHostedByL3Agent');
        expect((await take(to, id)).status).toBe(204);
        expect(await hostsOf(id)).toHaveLength(1);
        expect((await take(from, id)).status).toBe(204);
        expect(await hostsOf(id)).toEqual([]);
        expect(await bindingOf(portId)).toBe(' unbound');
        expect((await give(to, id)).status).toBe(201);
        expect(await bindingOf(portId)).toBe(`${to === a ? 'host-a' : 'host-b'} ovs`);
      });
      it('cannot be given to an agent that is disabled or no L3 agent', async () => {
        const a = await connect('host-a');
        const { id } = await routerWithInterface();
        await take(a, id);
        await api.put(`/v2.0/agents/${a}`, { agent: { admin_state_up: false } });
        expect((await give(a, id)).body.NeutronError.type).toBe('InvalidL3Agent');
        const { agents } = (await api.get('/v2.0/agents?agent_type=Open%20vSwitch%20agent')).body;
        expect((await give(agents[0].id, id)).body.NeutronError.type).toBe('InvalidL3Agent');
      });
      it('goes over to another agent when its own is removed', async () => {
        const a = await connect('host-a');
        const { id, portId } = await routerWithInterface();
        await connect('host-b');
        expect((await api.remove(`/v2.0/agents/${a}`)).status).toBe(204);
        expect(await hostsOf(id)).toEqual(['host-b']);
        expect(await bindingOf(portId)).toBe('host-b ovs');
      });
      it.each([
        ['GET', '/v2.0/routers/x/l3-agents'],
        ['GET', '/v2.0/agents/x/l3-routers'],
        ['POST', '/v2.0/agents/x/l3-routers'],
        ['DELETE', '/v2.0/agents/x/l3-routers/y'],
      ])('is the business of administrators: %s %s', async (method, target) => {
        const body = method === 'POST' ? { body: { router_id: 'y' } } : {};
        expect((await api.request(method, target, { as: alice, ...body })).status).toBe(403);
      });
    });
  },
  { settings: { 'agents.secret_file': secret.file, 'quotas.router': '-1' } },
);
