import type { AgentReport } from '@neutronium/model/watch-protocol';
import { agentSecret, connectAgent, forgetAgents } from '@neutronium/testkit/agent-connection';
import { admin, alice, withApi } from '@neutronium/testkit/api';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';

const secret = agentSecret();
afterAll(() => secret[Symbol.dispose]());

const dhcpAgent: AgentReport = {
  agent_type: 'DHCP agent',
  binary: 'neutron-dhcp-agent',
  topic: 'dhcp_agent',
  availability_zone: 'cellar',
  configurations: {},
};

withApi(
  (api) => {
    const sockets: WebSocket[] = [];
    afterEach(() => forgetAgents(api, sockets));

    /** Connects as the agent of `host`; gives back the id of its DHCP agent. */
    async function connect(host: string): Promise<string> {
      sockets.push(connectAgent({ url: api.url(), host, agents: [dhcpAgent] }));
      return vi.waitFor(
        async () => {
          const { body } = await api.get(`/v2.0/agents?host=${host}&alive=true`);
          expect(body.agents).toHaveLength(1);
          return String(body.agents[0].id);
        },
        { timeout: 60_000, interval: 20 },
      );
    }

    async function networkWithDhcp(): Promise<string> {
      const { body } = await api.post('/v2.0/networks', { network: {} }, alice);
      const network_id: string = body.network.id;
      await api.post('/v2.0/subnets', { subnet: { network_id, ip_version: 4, cidr: '10.0.0.0/24' } }, alice);
      return network_id;
    }

    const hostsServing = async (networkId: string): Promise<readonly string[]> =>
      (await api.get(`/v2.0/networks/${networkId}/dhcp-agents`)).body.agents.map(
        (agent: { host: string }) => agent.host,
      );

    describe('an agent that connects', () => {
      it('is listed with what it says of itself, alive, to administrators only', async () => {
        const id = await connect('host-a');
        const { body } = await api.get(`/v2.0/agents/${id}`);
        expect(body.agent).toMatchObject({
          id,
          host: 'host-a',
          agent_type: 'DHCP agent',
          availability_zone: 'cellar',
          alive: true,
          admin_state_up: true,
        });
        expect(body.agent.heartbeat_timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
        expect((await api.get('/v2.0/agents', alice)).body).toEqual({ agents: [] });
        expect((await api.get(`/v2.0/agents/${id}`, alice)).body.NeutronError.type).toBe('HTTPNotFound');
        expect((await api.put(`/v2.0/agents/${id}`, { agent: { description: 'old' } })).body.agent.description).toBe(
          'old',
        );
        expect((await api.put(`/v2.0/agents/${id}`, { agent: { host: 'x' } })).status).toBe(400);
      });

      it('makes its zone available, which networks may then ask for', async () => {
        await connect('host-a');
        expect((await api.get('/v2.0/availability_zones', alice)).body.availability_zones).toEqual([
          { name: 'cellar', resource: 'network', state: 'available' },
        ]);
        const { body } = await api.post('/v2.0/networks', { network: { availability_zone_hints: ['cellar'] } }, alice);
        expect(body.network.availability_zone_hints).toEqual(['cellar']);
      });

      it('is let in only with the secret', async () => {
        const socket = new WebSocket(`${api.url().replace('http', 'ws')}/agent/v1/watch`, {
          headers: { authorization: 'Bearer another' },
        });
        const refusal = await new Promise<Error>((resolve) => socket.on('error', resolve));
        expect(refusal.message).toContain('401');
      });
    });

    describe('the DHCP of a network', () => {
      it('is served by an agent as soon as it has a subnet, from a port of its own', async () => {
        await connect('host-a');
        const network_id = await networkWithDhcp();
        expect(await hostsServing(network_id)).toEqual(['host-a']);
        const { body } = await api.get(`/v2.0/ports?network_id=${network_id}&device_owner=network:dhcp`);
        expect(body.ports).toMatchObject([{ 'binding:host_id': 'host-a', fixed_ips: [{ ip_address: '10.0.0.2' }] }]);
        expect((await api.get(`/v2.0/networks/${network_id}`)).body.network.availability_zones).toEqual(['cellar']);
      });

      it('goes with the network', async () => {
        const id = await connect('host-a');
        const network_id = await networkWithDhcp();
        expect((await api.remove(`/v2.0/networks/${network_id}`, alice)).status).toBe(204);
        const { body } = await api.get(`/v2.0/agents/${id}/dhcp-networks`);
        expect(body.networks.map((network: { id: string }) => network.id)).not.toContain(network_id);
      });

      it('can be given to another agent by hand', async () => {
        const first = await connect('host-a');
        const network_id = await networkWithDhcp();
        const second = await connect('host-b');
        const add = (id: string): ReturnType<typeof api.post> =>
          api.post(`/v2.0/agents/${id}/dhcp-networks`, { network_id });
        expect((await add(first)).body.NeutronError.type).toBe('NetworkHostedByDHCPAgent');
        expect((await add(second)).status).toBe(201);
        expect((await hostsServing(network_id)).toSorted()).toEqual(['host-a', 'host-b']);
        const take = (id: string): ReturnType<typeof api.remove> =>
          api.remove(`/v2.0/agents/${id}/dhcp-networks/${network_id}`);
        expect((await take(first)).status).toBe(204);
        expect((await take(first)).body.NeutronError.type).toBe('NetworkNotHostedByDhcpAgent');
        expect(await hostsServing(network_id)).toEqual(['host-b']);
        await api.put(`/v2.0/agents/${first}`, { agent: { admin_state_up: false } });
        expect((await add(first)).body.NeutronError.type).toBe('InvalidDHCPAgent');
        await api.put(`/v2.0/agents/${first}`, { agent: { admin_state_up: true } });
      });

      it('goes over to an agent that is there when the one that served it is removed', async () => {
        const first = await connect('host-a');
        const network_id = await networkWithDhcp();
        const [serving] = await hostsServing(network_id);
        const second = await connect('host-b');
        const { body } = await api.get(`/v2.0/ports?network_id=${network_id}&device_owner=network:dhcp`);
        expect((await api.remove(`/v2.0/agents/${serving === 'host-a' ? first : second}`)).status).toBe(204);
        await expect.poll(() => hostsServing(network_id)).toEqual([serving === 'host-a' ? 'host-b' : 'host-a']);
        const after = await api.get(`/v2.0/ports?network_id=${network_id}&device_owner=network:dhcp`);
        expect(after.body.ports[0].fixed_ips).toEqual(body.ports[0].fixed_ips);
      });

      it('goes over to another agent when the one that served it is disabled', async () => {
        const agents = { 'host-a': await connect('host-a'), 'host-b': await connect('host-b') };
        const network_id = await networkWithDhcp();
        const [from, to] = (await hostsServing(network_id))[0] === 'host-a' ? ['a', 'b'] : ['b', 'a'];
        const path = `/v2.0/agents/${from === 'a' ? agents['host-a'] : agents['host-b']}`;
        await api.put(path, { agent: { admin_state_up: false } });
        await expect.poll(() => hostsServing(network_id)).toEqual([`host-${to}`]);
        await api.put(path, { agent: { admin_state_up: true } });
      });

      it('waits on a port of its own when its only agent is removed', async () => {
        const id = await connect('host-a');
        const network_id = await networkWithDhcp();
        for (const other of (await api.get('/v2.0/agents?host=host-b')).body.agents) {
          await api.remove(`/v2.0/agents/${other.id}`);
        }
        await expect.poll(() => hostsServing(network_id)).toEqual(['host-a']);
        await api.remove(`/v2.0/agents/${id}`);
        const ports = async () =>
          (await api.get(`/v2.0/ports?network_id=${network_id}&device_owner=network:dhcp`)).body.ports;
        await expect.poll(ports).toMatchObject([{ device_id: 'reserved_dhcp_port', 'binding:host_id': '' }]);
      });

      it.each([
        ['GET', '/v2.0/networks/x/dhcp-agents'],
        ['GET', '/v2.0/agents/x/dhcp-networks'],
        ['POST', '/v2.0/agents/x/dhcp-networks'],
        ['DELETE', '/v2.0/agents/x/dhcp-networks/y'],
      ])('is the business of administrators: %s %s', async (method, target) => {
        const body = method === 'POST' ? { body: { network_id: 'y' } } : {};
        expect((await api.request(method, target, { as: alice, ...body })).status).toBe(403);
      });

      it.each([['[]'], ['{}'], ['{"network_id":1}'], ['{']])('is not changed by the body %s', async (text) => {
        const { status } = await api.request('POST', '/v2.0/agents/x/dhcp-networks', { as: admin, text });
        expect(status).toBe(400);
      });
    });
  },
  { settings: { 'agents.secret_file': secret.file } },
);
