import type { L3Mode } from '@neutronium/model/l3-mode';
import { agentSecret, connectAgent, routingReports } from '@neutronium/testkit/agent-connection';
import { admin, alice, withApi } from '@neutronium/testkit/api';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';

const secret = agentSecret();
afterAll(() => secret[Symbol.dispose]());

const switching = { bridge_mappings: { wire: 'br-ex' }, tunnel_types: [], integration_bridge: 'br-int' };

interface PortShown {
  readonly id: string;
  readonly device_owner: string;
  readonly device_id: string;
  readonly network_id: string;
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[];
  readonly 'binding:host_id': string;
  readonly 'binding:vif_type': string;
}

withApi(
  (api) => {
    const sockets: WebSocket[] = [];
    afterEach(async () => {
      for (const socket of sockets.splice(0)) socket.terminate();
      for (const { id } of (await api.get('/v2.0/agents')).body.agents) await api.remove(`/v2.0/agents/${id}`);
    });

    async function connect(host: string, mode: L3Mode): Promise<string> {
      sockets.push(connectAgent({ url: api.url(), host, agents: routingReports(mode, switching) }));
      return vi.waitFor(
        async () => {
          const { body } = await api.get(`/v2.0/agents?host=${host}&agent_type=L3%20agent`);
          expect(body.agents).toHaveLength(1);
          return String(body.agents[0].id);
        },
        { timeout: 60_000, interval: 20 },
      );
    }
    async function network(more: object = {}): Promise<string> {
      const request = { 'provider:network_type': 'local', project_id: alice.project, ...more };
      return (await api.post('/v2.0/networks', { network: request }, admin)).body.network.id;
    }
    async function subnet(network_id: string, cidr: string): Promise<string> {
      const request = { network_id, ip_version: cidr.includes(':') ? 6 : 4, cidr, enable_dhcp: false };
      return (await api.post('/v2.0/subnets', { subnet: request }, admin)).body.subnet.id;
    }
    async function outside(cidr = '91.207.15.0/24'): Promise<string> {
      const id = await network({ 'router:external': true });
      await subnet(id, cidr);
      return id;
    }
    async function router(more: object = {}): Promise<string> {
      const request = { distributed: true, project_id: alice.project, ...more };
      return (await api.post('/v2.0/routers', { router: request }, admin)).body.router.id;
    }
    const plug = (id: string, subnet_id: string) => api.put(`/v2.0/routers/${id}/add_router_interface`, { subnet_id });
    const unplug = (id: string, subnet_id: string) =>
      api.put(`/v2.0/routers/${id}/remove_router_interface`, { subnet_id });
    const change = (id: string, changes: object) => api.put(`/v2.0/routers/${id}`, { router: changes });
    const leadOut = (id: string, network_id: string) => change(id, { external_gateway_info: { network_id } });
    async function portsOf(deviceId: string): Promise<readonly PortShown[]> {
      return (await api.get(`/v2.0/ports?device_id=${deviceId}`)).body.ports;
    }
    async function centreOf(id: string): Promise<readonly PortShown[]> {
      return (await portsOf(id)).filter((each) => each.device_owner === 'network:router_centralized_snat');
    }
    const instanceOn = async (network_id: string, host: string): Promise<string> =>
      (
        await api.post('/v2.0/ports', {
          port: { network_id, device_owner: 'compute:nova', 'binding:host_id': host, project_id: alice.project },
        })
      ).body.port.id;
    const hostsOf = async (id: string): Promise<readonly string[]> =>
      (await api.get(`/v2.0/routers/${id}/l3-agents`)).body.agents.map((each: { host: string }) => each.host);
    async function agentGateways(network_id: string): Promise<readonly string[]> {
      const { ports } = (
        await api.get(`/v2.0/ports?device_owner=network:floatingip_agent_gateway&network_id=${network_id}`)
      ).body;
      return ports.map((each: PortShown) => each['binding:host_id']).toSorted();
    }

    describe('a distributed router', () => {
      it('is the choice of administrators', async () => {
        const refused = await api.post('/v2.0/routers', { router: { distributed: true } }, alice);
        expect(refused.body.NeutronError.type).toBe('PolicyNotAuthorized');
        const { router: created } = (await api.get(`/v2.0/routers/${await router()}`)).body;
        expect(created).toMatchObject({ distributed: true, ha: false });
      });
      it('has interfaces that are bound to no host in particular', async () => {
        const id = await router();
        const added = await plug(id, await subnet(await network(), '192.168.111.0/24'));
        const { port } = (await api.get(`/v2.0/ports/${added.body.port_id}`)).body;
        expect(port).toMatchObject({
          device_owner: 'network:router_interface_distributed',
          'binding:host_id': '',
          'binding:vif_type': 'distributed',
        });
      });
      it('has a centre with a port on each subnet for as long as it leads outside', async () => {
        const id = await router();
        const [inner, external] = [await network(), await outside()];
        const first = await subnet(inner, '192.168.111.0/24');
        await plug(id, first);
        expect(await centreOf(id)).toEqual([]);
        await leadOut(id, external);
        expect((await centreOf(id)).map(({ fixed_ips }) => fixed_ips.map(({ subnet_id }) => subnet_id))).toEqual([
          [first],
        ]);
        const second = await subnet(await network(), '192.168.122.0/24');
        await plug(id, second);
        expect((await centreOf(id)).flatMap(({ fixed_ips }) => fixed_ips.map(({ subnet_id }) => subnet_id))).toEqual(
          expect.arrayContaining([first, second]),
        );
        expect((await unplug(id, second)).status).toBe(200);
        expect(await centreOf(id)).toHaveLength(1);
        await change(id, { external_gateway_info: {} });
        expect(await centreOf(id)).toEqual([]);
      });
      it('has one port of its centre for all IPv6 subnets of a network', async () => {
        const id = await router();
        const inner = await network();
        const [first, second] = [await subnet(inner, 'fd00:1::/64'), await subnet(inner, 'fd00:2::/64')];
        await leadOut(id, await outside());
        await plug(id, first);
        await plug(id, second);
        expect((await centreOf(id)).map(({ fixed_ips }) => fixed_ips.map(({ subnet_id }) => subnet_id))).toEqual([
          [first, second],
        ]);
        await unplug(id, first);
        expect((await centreOf(id)).map(({ fixed_ips }) => fixed_ips.map(({ subnet_id }) => subnet_id))).toEqual([
          [second],
        ]);
      });
      it('keeps the ports of its centre from whoever would remove or readdress them', async () => {
        const id = await router();
        await plug(id, await subnet(await network(), '192.168.111.0/24'));
        await leadOut(id, await outside());
        const [centre] = await centreOf(id);
        expect((await api.remove(`/v2.0/ports/${centre?.id}`)).body.NeutronError.type).toBe('ServicePortInUse');
        const other = [{ subnet_id: centre?.fixed_ips[0]?.subnet_id, ip_address: '192.168.111.77' }];
        const moved = await api.put(`/v2.0/ports/${centre?.id}`, { port: { fixed_ips: other } });
        expect(moved.body.NeutronError.type).toBe('BadRequest');
      });
      it('has its centre with an agent that hosts centres, and none before it leads outside', async () => {
        await connect('compute', 'dvr');
        await connect('legacy', 'legacy');
        await connect('centre', 'dvr_snat');
        const id = await router();
        await plug(id, await subnet(await network(), '192.168.111.0/24'));
        expect(await hostsOf(id)).toEqual([]);
        await leadOut(id, await outside());
        expect(await hostsOf(id)).toEqual(['centre']);
        const bound = (await portsOf(id)).map((each) => `${each.device_owner} ${each['binding:host_id']}`);
        expect(bound.toSorted()).toEqual([
          'network:router_centralized_snat centre',
          'network:router_gateway centre',
          'network:router_interface_distributed ',
        ]);
      });
      it('is given by hand to agents that host centres only', async () => {
        const [compute, legacy] = [await connect('compute', 'dvr'), await connect('legacy', 'legacy')];
        const id = await router();
        const give = (agentId: string) => api.post(`/v2.0/agents/${agentId}/l3-routers`, { router_id: id });
        expect((await give(compute)).body.NeutronError.type).toBe('DVRL3CannotAssignToDvrAgent');
        expect((await give(legacy)).body.NeutronError.type).toBe('RouterL3AgentMismatch');
        const taken = await api.remove(`/v2.0/agents/${compute}/l3-routers/${id}`);
        expect(taken.body.NeutronError.type).toBe('DVRL3CannotRemoveFromDvrAgent');
      });
      it('is made of another one, and made another, while it is down', async () => {
        await connect('legacy', 'legacy');
        const id = await router({ distributed: false });
        await plug(id, await subnet(await network(), '192.168.111.0/24'));
        await leadOut(id, await outside());
        expect((await change(id, { distributed: true })).body.NeutronError.message).toContain('admin_state_up');
        expect((await change(id, { distributed: true, admin_state_up: false })).status).toBe(400);
        await change(id, { admin_state_up: false });
        expect((await change(id, { distributed: true, admin_state_up: true })).status).toBe(400);
        expect((await change(id, { distributed: true })).body.router.distributed).toBe(true);
        const owners = async () => (await portsOf(id)).map((each) => each.device_owner).toSorted();
        expect(await owners()).toEqual([
          'network:router_centralized_snat',
          'network:router_gateway',
          'network:router_interface_distributed',
        ]);
        expect(await hostsOf(id)).toEqual([]);
        expect((await change(id, { distributed: false })).body.router.distributed).toBe(false);
        expect(await owners()).toEqual(['network:router_gateway', 'network:router_interface']);
        expect(await hostsOf(id)).toEqual(['legacy']);
        expect((await portsOf(id)).map((each) => each['binding:host_id'])).toEqual(['legacy', 'legacy']);
      });
    });

    describe('the way outside of a host', () => {
      async function floating(host: string) {
        const id = await router();
        const [inner, external] = [await network(), await outside()];
        await plug(id, await subnet(inner, '192.168.111.0/24'));
        await leadOut(id, external);
        const portId = await instanceOn(inner, host);
        const request = { floating_network_id: external, port_id: portId, project_id: alice.project };
        const created = await api.post('/v2.0/floatingips', { floatingip: request });
        return { id, external, portId, floatingIpId: String(created.body.floatingip.id) };
      }

      it('is there while an instance of the host has a floating IP', async () => {
        await connect('compute', 'dvr');
        const { external, floatingIpId } = await floating('compute');
        expect(await agentGateways(external)).toEqual(['compute']);
        await api.put(`/v2.0/floatingips/${floatingIpId}`, { floatingip: { port_id: null } });
        expect(await agentGateways(external)).toEqual([]);
      });
      it('goes where the instance goes, and with it', async () => {
        await connect('compute', 'dvr');
        await connect('other', 'dvr');
        const { external, portId } = await floating('compute');
        await api.put(`/v2.0/ports/${portId}`, { port: { 'binding:host_id': 'other' } });
        expect(await agentGateways(external)).toEqual(['other']);
        await api.remove(`/v2.0/ports/${portId}`);
        expect(await agentGateways(external)).toEqual([]);
      });
      it('is not there on hosts without one, nor for other routers', async () => {
        await connect('closed', 'dvr_no_external');
        await connect('legacy', 'legacy');
        const { id, external } = await floating('closed');
        expect(await agentGateways(external)).toEqual([]);
        expect(await agentGateways((await floating('legacy')).external)).toEqual([]);
        await connect('compute', 'dvr');
        const other = await floating('compute');
        await change(other.id, { admin_state_up: false });
        await change(other.id, { distributed: false });
        expect(await agentGateways(other.external)).toEqual([]);
        expect(id).not.toBe(other.id);
      });
      it('comes when the agent comes, or says that it has one', async () => {
        const { external } = await floating('late');
        expect(await agentGateways(external)).toEqual([]);
        await connect('late', 'dvr_no_external');
        sockets.push(connectAgent({ url: api.url(), host: 'late', agents: routingReports('dvr', switching) }));
        await expect.poll(() => agentGateways(external), { timeout: 60_000 }).toEqual(['late']);
      });
      it('is nobody else’s to remove', async () => {
        await connect('compute', 'dvr');
        const { external } = await floating('compute');
        const { ports } = (
          await api.get(`/v2.0/ports?device_owner=network:floatingip_agent_gateway&network_id=${external}`)
        ).body;
        expect((await api.remove(`/v2.0/ports/${ports[0].id}`)).body.NeutronError.type).toBe('ServicePortInUse');
      });
    });
  },
  {
    settings: {
      'agents.secret_file': secret.file,
      'quotas.router': '-1',
      'quotas.network': '-1',
      'quotas.subnet': '-1',
      'quotas.port': '-1',
      'quotas.floatingip': '-1',
    },
  },
);
