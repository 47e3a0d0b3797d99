import type { L3Mode } from '@neutronium/model/l3-mode';
import { agentSecret, connectAgent, forgetAgents, routingReports } from '@neutronium/testkit/agent-connection';
import { admin, withApi } from '@neutronium/testkit/api';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';

const secret = agentSecret();
afterAll(() => secret[Symbol.dispose]());

const reports = (wires: readonly string[], mode: L3Mode) =>
  routingReports(mode, {
    bridge_mappings: Object.fromEntries(wires.map((wire) => [wire, `br-${wire}`])),
    tunnel_types: ['vxlan'],
    tunneling_ip: '192.0.2.1',
  });

const vlan = (wire: string) => ({ 'provider:network_type': 'vlan', 'provider:physical_network': wire });

withApi(
  (api) => {
    const sockets: WebSocket[] = [];
    afterEach(() => forgetAgents(api, sockets));

    async function connect(host: string, wires: readonly string[], mode: L3Mode = 'legacy'): Promise<void> {
      sockets.push(connectAgent({ url: api.url(), host, agents: reports(wires, mode) }));
      await vi.waitFor(async () => expect((await api.get(`/v2.0/agents?host=${host}`)).body.agents).toHaveLength(2), {
        timeout: 60_000,
        interval: 20,
      });
    }
    const create = async (word: string, body: object) => {
      const answer = await api.post(`/v2.0/${word}s`, { [word]: body }, admin);
      if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
      return answer.body[word];
    };
    async function outside(more: object): Promise<string> {
      const network = await create('network', { 'router:external': true, ...more });
      await create('subnet', { network_id: network.id, ip_version: 4, cidr: '203.0.113.0/24' });
      return network.id;
    }
    async function addInterface(routerId: string, more: object = {}): Promise<string> {
      const network = await create('network', more);
      const subnet = await create('subnet', { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' });
      const added = await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id: subnet.id }, admin);
      return added.body.port_id;
    }
    const leadTo = (routerId: string, network_id: string, external_fixed_ips?: readonly object[]) => {
      const external_gateway_info = { network_id, ...(external_fixed_ips && { external_fixed_ips }) };
      return api.put(`/v2.0/routers/${routerId}`, { router: { external_gateway_info } }, admin);
    };
    const hostsOf = async (routerId: string): Promise<readonly string[]> =>
      (await api.get(`/v2.0/routers/${routerId}/l3-agents`)).body.agents
        .map(({ host }: { host: string }) => host)
        .toSorted();
    /** Where the router's ports of that owner are bound, and how. */
    const bindings = async (routerId: string, owner: string): Promise<readonly string[]> =>
      (await api.get(`/v2.0/ports?device_id=${routerId}&device_owner=network:${owner}`)).body.ports.map(
        (port: Readonly<Record<string, string>>) => `${port['binding:host_id']} ${port['binding:vif_type']}`,
      );

    describe('a router', () => {
      it('goes to a host that leads to the network outside, however much others are idle', async () => {
        for (const host of ['blind-a', 'blind-b']) await connect(host, []);
        await connect('gate', ['wire']);
        const network = await outside(vlan('wire'));
        for (let count = 0; count < 3; count += 1) {
          const { id } = await create('router', { external_gateway_info: { network_id: network } });
          expect(await hostsOf(id)).toEqual(['gate']);
          expect(await bindings(id, 'router_gateway')).toEqual(['gate ovs']);
        }
      });
      it('goes over to such a host with all its ports when it is to lead outside', async () => {
        await connect('blind', []);
        const { id } = await create('router', {});
        await addInterface(id);
        await connect('gate', ['wire']);
        await leadTo(id, await outside(vlan('wire')));
        expect(await hostsOf(id)).toEqual(['gate']);
        expect(await bindings(id, 'router_interface')).toEqual(['gate ovs']);
      });
      it('goes over to such a host once there is one', async () => {
        await connect('blind', []);
        const { id } = await create('router', { external_gateway_info: { network_id: await outside(vlan('wire')) } });
        expect(await bindings(id, 'router_gateway')).toEqual(['blind binding_failed']);
        await connect('gate', ['wire']);
        await expect.poll(() => hostsOf(id)).toEqual(['gate']);
        expect(await bindings(id, 'router_gateway')).toEqual(['gate ovs']);
      });
      it('goes to a host that leads to the networks behind it', async () => {
        await connect('blind', []);
        await connect('gate', ['wire']);
        for (let count = 0; count < 3; count += 1) {
          const { id } = await create('router', {});
          await addInterface(id, vlan('wire'));
          expect(await hostsOf(id)).toEqual(['gate']);
        }
      });
      it('goes to the host that leads to most of its networks where none leads to all', async () => {
        await connect('blind', []);
        await connect('gate', ['wire']);
        const { id } = await create('router', {});
        await addInterface(id);
        await addInterface(id, vlan('other'));
        await leadTo(id, await outside(vlan('wire')));
        expect(await hostsOf(id)).toEqual(['gate']);
      });
      it('stays where it is when no other host leads to more', async () => {
        await connect('blind', []);
        const { id } = await create('router', {});
        await addInterface(id);
        await connect('blind-too', []);
        expect((await leadTo(id, await outside(vlan('wire')))).status).toBe(200);
        expect(await hostsOf(id)).toEqual(['blind']);
      });
      it('goes to a host on the segment of the address that it is to have outside', async () => {
        await connect('left', ['wire']);
        await connect('right', ['other']);
        const network = await create('network', { 'router:external': true, segments: [vlan('wire'), vlan('other')] });
        const { segments } = (await api.get(`/v2.0/segments?network_id=${network.id}`)).body;
        const subnets = new Map<string, string>();
        for (const { id: segment_id, physical_network } of segments) {
          const cidr = physical_network === 'wire' ? '203.0.113.0/25' : '203.0.113.128/25';
          const subnet = await create('subnet', { network_id: network.id, ip_version: 4, cidr, segment_id });
          subnets.set(physical_network, subnet.id);
        }
        for (const [host, wire] of [
          ['left', 'wire'],
          ['right', 'other'],
          ['right', 'other'],
        ] as const) {
          const { id } = await create('router', {});
          expect((await leadTo(id, network.id, [{ subnet_id: subnets.get(wire) }])).status).toBe(200);
          expect(await hostsOf(id)).toEqual([host]);
        }
        // Nor is it given to a host on another segment when its own goes.
        for (const { id } of (await api.get('/v2.0/agents?host=left')).body.agents)
          await api.remove(`/v2.0/agents/${id}`);
        expect((await api.get('/v2.0/agents?host=left')).body.agents).toEqual([]);
      });
    });

    describe('a highly available router', () => {
      it('has agents on hosts that lead to the network outside alone', async () => {
        for (const host of ['blind-a', 'blind-b', 'blind-c']) await connect(host, []);
        for (const host of ['gate-a', 'gate-b']) await connect(host, ['wire']);
        const network_id = await outside(vlan('wire'));
        const { id } = await create('router', { ha: true, external_gateway_info: { network_id } });
        expect(await hostsOf(id)).toEqual(['gate-a', 'gate-b']);
      });
      it('goes over to such hosts when it is to lead outside', async () => {
        await connect('blind', []);
        const { id } = await create('router', { ha: true });
        await connect('gate', ['wire']);
        await expect.poll(() => hostsOf(id)).toEqual(['blind', 'gate']);
        await leadTo(id, await outside(vlan('wire')));
        expect(await hostsOf(id)).toEqual(['gate']);
      });
    });

    describe('the centre of a distributed router', () => {
      it('is on a host that leads to the network outside', async () => {
        await connect('blind', [], 'dvr_snat');
        await connect('gate', ['wire'], 'dvr_snat');
        const network = await outside(vlan('wire'));
        for (let count = 0; count < 2; count += 1) {
          const { id } = await create('router', { distributed: true });
          await addInterface(id);
          await leadTo(id, network);
          expect(await hostsOf(id)).toEqual(['gate']);
          expect(await bindings(id, 'router_centralized_snat')).toEqual(['gate ovs']);
        }
      });
    });
  },
  {
    settings: {
      'agents.secret_file': secret.file,
      'quotas.router': '-1',
      'networks.network_vlan_ranges': 'wire:100:199,other:100:199',
      'networks.tenant_network_types': 'vxlan',
      'networks.vni_ranges': '1:1000',
    },
  },
);
