import type { HaState } from '@neutronium/model/watch-protocol';
import { agentSecret, connectAgent, routingReports } from '@neutronium/testkit/agent-connection';
import { admin, alice, withApi } from '@neutronium/testkit/api';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';

const secret = agentSecret();
afterAll(() => secret[Symbol.dispose]());

withApi(
  (api) => {
    const sockets = new Map<string, WebSocket>();
    afterEach(async () => {
      for (const socket of sockets.values()) socket.terminate();
      sockets.clear();
      for (const { id } of (await api.get('/v2.0/agents')).body.agents) await api.remove(`/v2.0/agents/${id}`);
    });

    /** Connects as the agents of `host`; gives back the id of its L3 agent. */
    async function connect(host: string): Promise<string> {
      sockets.set(host, connectAgent({ url: api.url(), host, agents: routingReports('legacy') }));
      return vi.waitFor(
        async () => {
          const { body } = await api.get(`/v2.0/agents?host=${host}&agent_type=L3%20agent`);
          expect(body.agents).toHaveLength(1);
          return String(body.agents[0].id);
        },
        { timeout: 60_000, interval: 20 },
      );
    }
    const say = (host: string, id: string, state: HaState): void =>
      sockets.get(host)?.send(JSON.stringify({ kind: 'ha-router-status', routers: [{ id, state }] }));

    async function haRouter(more: object = {}): Promise<string> {
      const router = { ha: true, project_id: alice.project, ...more };
      return (await api.post('/v2.0/routers', { router }, admin)).body.router.id;
    }
    async function plug(routerId: string, cidr = '10.0.0.0/24'): Promise<string> {
      const network_id = (await api.post('/v2.0/networks', { network: {} }, alice)).body.network.id;
      const subnet = { network_id, ip_version: 4, cidr, enable_dhcp: false };
      const subnet_id = (await api.post('/v2.0/subnets', { subnet }, alice)).body.subnet.id;
      const added = await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id }, alice);
      return String(added.body.port_id);
    }
    const statesOf = async (routerId: string): Promise<Readonly<Record<string, string>>> =>
      Object.fromEntries(
        (await api.get(`/v2.0/routers/${routerId}/l3-agents`)).body.agents.map(
          ({ host, ha_state }: { host: string; ha_state: string }) => [host, ha_state],
        ),
      );
    const haPorts = async (routerId: string) =>
      (await api.get(`/v2.0/ports?device_id=${routerId}&device_owner=network:router_ha_interface`)).body.ports;
    const portOf = async (id: string) => (await api.get(`/v2.0/ports/${id}`)).body.port;
    const haNetworks = async () =>
      (await api.get(`/v2.0/networks?name=${encodeURIComponent(`HA network tenant ${alice.project}`)}`)).body.networks;

    describe('a highly available router', () => {
      it('is asked for by administrators, and shown to them', async () => {
        const refused = await api.post('/v2.0/routers', { router: { ha: true } }, alice);
        expect(refused.body.NeutronError.message).toBe(
          '(rule:create_router and rule:create_router:ha) is disallowed by policy',
        );
        const id = await haRouter();
        expect((await api.get(`/v2.0/routers/${id}`)).body.router.ha).toBe(true);
        expect((await api.get(`/v2.0/routers/${id}`, alice)).body.router).not.toHaveProperty('ha');
        await api.remove(`/v2.0/routers/${id}`);
      });

      it('is given to as many agents as are allowed, each with a port on a network that nobody owns', async () => {
        for (const host of ['host-a', 'host-b', 'host-c', 'host-d']) await connect(host);
        const id = await haRouter();
        expect(Object.keys(await statesOf(id))).toHaveLength(3);
        const [network, ...others] = await haNetworks();
        expect(others).toEqual([]);
        expect(network).toMatchObject({ project_id: '', 'provider:network_type': 'vxlan' });
        const { subnet } = (await api.get(`/v2.0/subnets/${network.subnets[0]}`)).body;
        expect(subnet).toMatchObject({
          cidr: '169.254.192.0/18',
          gateway_ip: null,
          enable_dhcp: false,
          project_id: '',
        });
        const ports = await haPorts(id);
        expect(ports).toHaveLength(3);
        for (const port of ports) {
          expect(port).toMatchObject({
            name: `HA port tenant ${alice.project}`,
            project_id: '',
            network_id: network.id,
            port_security_enabled: false,
            'binding:vif_type': 'ovs',
          });
        }
        const hosts = ports.map((port: { 'binding:host_id': string }) => port['binding:host_id']);
        expect(hosts.toSorted()).toEqual(Object.keys(await statesOf(id)).toSorted());
        expect((await api.get('/v2.0/networks', alice)).body.networks).toEqual([]);
        await api.remove(`/v2.0/routers/${id}`);
        expect(await haNetworks()).toEqual([]);
      });

      it('is given to agents that come later, and keeps its other agents when one is taken away', async () => {
        const id = await haRouter();
        expect(await statesOf(id)).toEqual({});
        const a = await connect('host-a');
        await expect.poll(() => statesOf(id)).toEqual({ 'host-a': 'standby' });
        await connect('host-b');
        await expect.poll(async () => Object.keys(await statesOf(id))).toEqual(expect.arrayContaining(['host-b']));
        expect((await api.remove(`/v2.0/agents/${a}/l3-routers/${id}`)).status).toBe(204);
        expect(await statesOf(id)).toEqual({ 'host-b': 'standby' });
        expect(await haPorts(id)).toHaveLength(1);
        expect((await api.post(`/v2.0/agents/${a}/l3-routers`, { router_id: id })).status).toBe(201);
        expect(await statesOf(id)).toEqual({ 'host-a': 'standby', 'host-b': 'standby' });
        await api.remove(`/v2.0/routers/${id}`);
      });

      it('has its ports bound to the host that says that it is active', async () => {
        for (const host of ['host-a', 'host-b']) await connect(host);
        const id = await haRouter();
        const portId = await plug(id);
        expect(await portOf(portId)).toMatchObject({
          device_owner: 'network:ha_router_replicated_interface',
          'binding:host_id': '',
          status: 'DOWN',
        });
        for (const host of ['host-a', 'host-b']) {
          const ports = [{ id: portId, state: 'wired', why: 'its flows are there' }];
          sockets.get(host)?.send(JSON.stringify({ kind: 'port-status', ports, dhcp: [] }));
        }
        say('host-a', id, 'active');
        await expect.poll(() => portOf(portId)).toMatchObject({ 'binding:host_id': 'host-a', status: 'ACTIVE' });
        expect(await statesOf(id)).toEqual({ 'host-a': 'active', 'host-b': 'standby' });
        say('host-a', id, 'standby');
        say('host-b', id, 'active');
        await expect.poll(() => portOf(portId)).toMatchObject({ 'binding:host_id': 'host-b', status: 'ACTIVE' });
        expect(await statesOf(id)).toEqual({ 'host-a': 'standby', 'host-b': 'active' });
        expect(await portOf(await plug(id, '10.0.1.0/24'))).toMatchObject({ 'binding:host_id': 'host-b' });
      });

      it('is not what a host says that does not host it', async () => {
        await connect('host-a');
        const id = await haRouter();
        const portId = await plug(id);
        await connect('host-z');
        await expect.poll(async () => Object.keys(await statesOf(id))).toHaveLength(2);
        const { id: agentId } = (await api.get('/v2.0/agents?host=host-z&agent_type=L3%20agent')).body.agents[0];
        await api.remove(`/v2.0/agents/${agentId}/l3-routers/${id}`);
        say('host-z', id, 'active');
        say('host-a', id, 'active');
        await expect.poll(() => statesOf(id)).toEqual({ 'host-a': 'active' });
        expect((await portOf(portId))['binding:host_id']).toBe('host-a');
      });

      it('becomes an ordinary one, and the other way round, while it does not forward', async () => {
        for (const host of ['host-a', 'host-b']) await connect(host);
        const id = await haRouter();
        const portId = await plug(id);
        const set = (router: object) => api.put(`/v2.0/routers/${id}`, { router });
        const refused = await set({ ha: false });
        expect(refused.status).toBe(400);
        expect(refused.body.NeutronError.message).toBe(
          'Bad router request: Cannot change HA attribute of active routers. ' +
            'Please set router admin_state_up to False prior to upgrade.',
        );
        expect((await set({ ha: false, admin_state_up: false })).body.router.ha).toBe(false);
        expect(await haPorts(id)).toEqual([]);
        const [host, ...others] = Object.entries(await statesOf(id));
        expect(others).toEqual([]);
        expect(host?.[1]).toBeNull();
        expect(await portOf(portId)).toMatchObject({
          device_owner: 'network:router_interface',
          'binding:host_id': host?.[0],
        });
        expect((await set({ ha: true })).body.router.ha).toBe(true);
        expect(await statesOf(id)).toEqual({ 'host-a': 'standby', 'host-b': 'standby' });
        expect(await portOf(portId)).toMatchObject({
          device_owner: 'network:ha_router_replicated_interface',
          'binding:host_id': '',
        });
        expect((await set({ admin_state_up: true })).status).toBe(200);
      });
    });
  },
  {
    settings: {
      'agents.secret_file': secret.file,
      'networks.tenant_network_types': 'vxlan',
      'networks.vni_ranges': '1:1000',
    },
  },
);
