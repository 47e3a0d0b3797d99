// Networks that administrators make for the agents of highly available routers.

import type { AgentReport } from '@neutronium/model/watch-protocol';
import { agentSecret, connectAgent } from '@neutronium/testkit/agent-connection';
import { admin, alice, withApi } from '@neutronium/testkit/api';
import { afterAll, describe, expect, it, vi } from 'vitest';

const secret = agentSecret();
afterAll(() => secret[Symbol.dispose]());

const agents: readonly AgentReport[] = [
  {
    agent_type: 'L3 agent',
    binary: 'neutron-l3-agent',
    topic: 'l3_agent',
    availability_zone: 'nova',
    configurations: { agent_mode: 'legacy' },
  },
];

withApi(
  (api) => {
    const make = (network: object, as = admin) => api.post('/v2.0/networks', { network }, as);

    describe('a network for highly available routers', () => {
      it('comes with the prefix that their agents need, and does not show what it is for', async () => {
        const { status, body } = await make({ ha: true, name: 'watch' });
        expect(status).toBe(201);
        expect(body.network).not.toHaveProperty('ha');
        expect(body.network.subnets).toHaveLength(1);
        const { body: found } = await api.get(`/v2.0/subnets/${body.network.subnets[0]}`);
        expect(found.subnet).toMatchObject({ cidr: '169.254.192.0/18', enable_dhcp: false, gateway_ip: null });
      });

      it('is made by administrators alone, and stays what it was made for', async () => {
        const { status, body } = await make({ ha: true }, alice);
        expect([status, body.NeutronError.type]).toEqual([403, 'PolicyNotAuthorized']);
        const plain = (await make({})).body.network.id;
        const changed = await api.put(`/v2.0/networks/${plain}`, { network: { ha: true } });
        expect(changed.body.NeutronError.message).toContain('Cannot update read-only attribute ha');
      });

      it('is where the agents of the routers of its project meet, and outlives those routers', async () => {
        const { body: made } = await make({ ha: true, project_id: alice.project });
        const network_id: string = made.network.id;
        const socket = connectAgent({ url: api.url(), host: 'node1', agents });
        await vi.waitFor(async () => expect((await api.get('/v2.0/agents')).body.agents).toHaveLength(1), {
          timeout: 60_000,
          interval: 20,
        });
        const { body } = await api.post('/v2.0/routers', { router: { ha: true, project_id: alice.project } });
        const ports = `/v2.0/ports?device_id=${body.router.id}&fields=network_id`;
        expect((await api.get(ports)).body.ports).toEqual([{ network_id }]);
        expect((await api.remove(`/v2.0/networks/${network_id}`)).body.NeutronError.type).toBe('NetworkInUse');
        await api.remove(`/v2.0/routers/${body.router.id}`);
        expect((await api.get(`/v2.0/networks/${network_id}`)).status).toBe(200);
        expect((await api.remove(`/v2.0/networks/${network_id}`)).status).toBe(204);
        socket.terminate();
      });
    });
  },
  {
    settings: {
      'agents.secret_file': secret.file,
      'networks.tenant_network_types': 'vxlan',
      'networks.vni_ranges': '1:999',
    },
  },
);
