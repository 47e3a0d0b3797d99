import type { L3Mode } from '@neutronium/model/l3-mode';
import type { HaState } from '@neutronium/model/watch-protocol';
import { agentSecret, connectAgent, routingReports } from '@neutronium/testkit/agent-connection';
import { alice, withApi } from '@neutronium/testkit/api';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';

const secret = agentSecret();
afterAll(() => secret[Symbol.dispose]());

interface PortShown {
  readonly id: string;
  readonly device_owner: string;
  readonly status: string;
  readonly 'binding:host_id': string;
  readonly 'binding:vif_type': string;
}

withApi(
  (api) => {
    const sockets = new Map<string, WebSocket>();
    afterEach(async () => {
      for (const socket of sockets.values()) socket.terminate();
      sockets.clear();
      for (const { id } of (await api.get('/v2.0/agents')).body.agents) await api.remove(`/v2.0/agents/${id}`);
    });

    /** Connects as the agents of each host; gives back the ids of their L3 agents. */
    async function connect(modes: Readonly<Record<string, L3Mode>>): Promise<readonly string[]> {
      for (const [host, mode] of Object.entries(modes)) {
        sockets.set(host, connectAgent({ url: api.url(), host, agents: routingReports(mode) }));
      }
      const ids = Object.keys(modes).map((host) =>
        vi.waitFor(
          async () => {
            const { body } = await api.get(`/v2.0/agents?host=${host}&agent_type=L3%20agent`);
            expect(body.agents).toHaveLength(1);
            return String(body.agents[0].id);
          },
          { timeout: 60_000, interval: 20 },
        ),
      );
      return Promise.all(ids);
    }
    const say = (host: string, id: string, state: HaState): void =>
      sockets.get(host)?.send(JSON.stringify({ kind: 'ha-router-status', routers: [{ id, state }] }));

    const create = async (kind: string, plural: string, body: object): Promise<string> =>
      (await api.post(`/v2.0/${plural}`, { [kind]: { project_id: alice.project, ...body } })).body[kind].id;
    async function subnet(
      cidr: string,
      more: object = {},
    ): Promise<{ readonly id: string; readonly networkId: string }> {
      const networkId = await create('network', 'networks', more);
      const body = { network_id: networkId, ip_version: 4, cidr, enable_dhcp: false };
      return { id: await create('subnet', 'subnets', body), networkId };
    }
    /** A router that leads out, with one network behind it. */
    async function router(more: object = { distributed: true, ha: true }): Promise<string> {
      const { networkId } = await subnet('203.0.113.0/24', { 'router:external': true });
      const id = await create('router', 'routers', { ...more, external_gateway_info: { network_id: networkId } });
      await api.put(`/v2.0/routers/${id}/add_router_interface`, { subnet_id: (await subnet('10.0.0.0/24')).id });
      return id;
    }
    const change = async (id: string, changes: object) =>
      expect((await api.put(`/v2.0/routers/${id}`, { router: changes })).status).toBe(200);
    const statesOf = async (id: string): Promise<Readonly<Record<string, string | null>>> =>
      Object.fromEntries(
        (await api.get(`/v2.0/routers/${id}/l3-agents`)).body.agents.map(
          ({ host, ha_state }: { host: string; ha_state: string }) => [host, ha_state],
        ),
      );
    /** The hosts of the router's ports, by what they are to it. */
    async function hostsOfPorts(id: string): Promise<Readonly<Record<string, readonly string[]>>> {
      const ports: readonly PortShown[] = (await api.get(`/v2.0/ports?device_id=${id}`)).body.ports;
      const byOwner = Map.groupBy(ports, (port) => port.device_owner.replace('network:', ''));
      return Object.fromEntries(
        [...byOwner].map(([owner, of]) => [owner, of.map((port) => port['binding:host_id']).toSorted()]),
      );
    }

    const centres = { network1: 'dvr_snat', network2: 'dvr_snat', network3: 'dvr_snat' } as const;
    const others = { compute1: 'dvr', classic1: 'legacy' } as const;

    describe('a router that is distributed and highly available', () => {
      it('has its centre on several agents that can have one, and its interfaces nowhere in particular', async () => {
        await connect({ ...centres, ...others });
        const id = await router();
        expect(await statesOf(id)).toEqual({ network1: 'standby', network2: 'standby', network3: 'standby' });
        expect(await hostsOfPorts(id)).toEqual({
          router_ha_interface: Object.keys(centres),
          router_gateway: [''],
          router_centralized_snat: [''],
          router_interface_distributed: [''],
        });
      });

      it('has its centre where an agent says that it is active, whoever that is', async () => {
        await connect(centres);
        const id = await router();
        for (const host of ['network2', 'network1']) {
          for (const other of Object.keys(centres)) say(other, id, other === host ? 'active' : 'standby');
          await expect
            .poll(() => hostsOfPorts(id))
            .toMatchObject({
              router_gateway: [host],
              router_centralized_snat: [host],
              router_interface_distributed: [''],
            });
          expect(Object.entries(await statesOf(id)).filter(([, state]) => state === 'active')).toEqual([
            [host, 'active'],
          ]);
        }
      });

      it('is given by hand to agents that can have a centre, and to no others', async () => {
        const [, , , , dvr, legacy] = await connect({ ...centres, network4: 'dvr_snat', ...others });
        const id = await router();
        const given = (agentId: string | undefined) =>
          api.post(`/v2.0/agents/${agentId}/l3-routers`, { router_id: id });
        expect((await given(dvr)).body.NeutronError.type).toBe('DVRL3CannotAssignToDvrAgent');
        expect((await given(legacy)).body.NeutronError.type).toBe('RouterL3AgentMismatch');
        const hosting = await statesOf(id);
        expect(Object.keys(hosting)).toHaveLength(3);
        const free = ['network1', 'network2', 'network3', 'network4'].find((host) => hosting[host] === undefined);
        const { id: agentId } = (await api.get(`/v2.0/agents?host=${free}&agent_type=L3%20agent`)).body.agents[0];
        expect((await given(agentId)).status).toBe(201);
        expect(Object.keys(await statesOf(id))).toHaveLength(4);
        expect((await api.remove(`/v2.0/agents/${agentId}/l3-routers/${id}`)).status).toBe(204);
        expect(await statesOf(id)).toEqual(hosting);
      });

      it('is given to agents that come later', async () => {
        await connect({ ...others, network1: 'dvr_snat' });
        const id = await router();
        await connect({ network2: 'dvr_snat' });
        await expect.poll(() => statesOf(id)).toEqual({ network1: 'standby', network2: 'standby' });
      });

      it('becomes every other kind and is what it was, with the ports that each has, and nothing left', async () => {
        await connect({ network1: 'dvr_snat', network2: 'dvr_snat', classic1: 'legacy' });
        const id = await router({ project_id: 'converter' });
        await change(id, { admin_state_up: false });
        const kinds = [
          { distributed: false, ha: false },
          { distributed: false, ha: true },
          { distributed: true, ha: false },
          { distributed: true, ha: true },
        ];
        for (const from of kinds) {
          for (const to of kinds) {
            await change(id, from);
            await change(id, to);
            await expectKind(id, to);
          }
        }
        await change(id, { distributed: false, ha: false });
        const haNetworks = await api.get(`/v2.0/networks?name=${encodeURIComponent(`HA network tenant converter`)}`);
        expect(haNetworks.body.networks).toEqual([]);
      });

      async function expectKind(
        id: string,
        { distributed, ha }: { readonly distributed: boolean; readonly ha: boolean },
      ) {
        const states = await statesOf(id);
        const [host] = Object.keys(states);
        // Of several nobody has said yet which is active.
        const place = ha ? '' : (host ?? 'a host');
        expect(Object.values(states)).toEqual(
          ha ? Array.from({ length: distributed ? 2 : 3 }, () => 'standby') : [null],
        );
        const whole = ha ? 'ha_router_replicated_interface' : 'router_interface';
        expect(await hostsOfPorts(id)).toEqual({
          router_gateway: [place],
          ...(distributed
            ? { router_interface_distributed: [''], router_centralized_snat: [place] }
            : { [whole]: [place] }),
          ...(ha ? { router_ha_interface: Object.keys(states).toSorted() } : {}),
        });
      }
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
