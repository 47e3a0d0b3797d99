import type { AgentReport, PortState } from '@neutronium/model/watch-protocol';
import { agent } from '@neutronium/model/resources/agent';
import { floatingip } from '@neutronium/model/resources/floatingip';
import { network } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { router } from '@neutronium/model/resources/router';
import { subnet } from '@neutronium/model/resources/subnet';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import {
  agentRecord,
  floatingIpRecord,
  networkRecord,
  portRecord,
  routerRecord,
  subnetRecord,
} from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serverContext } from '../context.ts';
import { bindRouter } from '../scheduling/l3-bindings.ts';
import type { Store } from '../store/store.ts';
import { Upkeep, type Chore } from './upkeep.ts';

const context = serverContext('req-1');
const bound = (host: string) => ({ 'binding:host_id': host, 'binding:vif_type': 'ovs' });
const dhcpService = (host: string) => ({ ...bound(host), device_owner: 'network:dhcp', device_id: `dhcp-${host}` });

const report = (agent_type: AgentReport['agent_type'], more: Partial<AgentReport> = {}): AgentReport => ({
  agent_type,
  binary: 'neutron-agent',
  topic: 'N/A',
  availability_zone: null,
  configurations: { devices: 0 },
  ...more,
});
const both = [report('Open vSwitch agent'), report('DHCP agent', { availability_zone: 'nova' })];

withStores((fixture) => {
  let store: Store;
  let upkeep: Upkeep;
  let now: Date;
  const rounds: (readonly string[])[] = [];
  const chores: Chore[] = [];
  const problems: string[] = [];
  /** Hosts and ports that they have, as their views say. */
  const carried = new Set<string>();

  beforeAll(async () => {
    store = await fixture.open();
  });
  beforeEach(async () => {
    await fixture.empty(store);
    now = new Date('2026-01-31T12:00:00.500Z');
    for (const list of [rounds, chores, problems]) list.length = 0;
    carried.clear();
    upkeep = new Upkeep({
      store,
      now: () => now,
      agentDownTime: 75,
      dvrMacs: { base: mac('fa:16:3f:00:00:00'), random: (below) => Math.floor(Math.random() * below) },
      findChores: async (_reader, arrived) => {
        rounds.push(arrived);
        return chores;
      },
      hasPort: (host, id) => carried.has(`${host} ${id}`),
      onHaState: () => Promise.resolve(),
      onDrift: () => undefined,
      onSilentPort: () => undefined,
      onProblem: (error) => problems.push(String(error)),
    });
  });
  afterEach(async () => {
    await upkeep.stop();
    expect(problems.splice(0)).toEqual([]);
  });

  it('does every chore, whichever fails', async () => {
    const record = networkRecord();
    chores.push(
      { what: 'the impossible', run: () => Promise.reject(new Error('no')) },
      { what: 'the possible', run: async ({ store }) => void (await store.insert(network, [record])) },
    );
    upkeep.hello({ kind: 'hello', contract: 1, host: 'h1', revision: null, agents: both });
    await upkeep.idle();
    expect(await store.read((reader) => reader.get(network, record.id))).toBeDefined();
    expect(problems.splice(0)).toEqual(['Error: the impossible']);
  });

  describe('an agent', () => {
    const agents = () => store.read((reader) => reader.list(agent, {}));
    const hello = async (revision: number | null = null) => {
      upkeep.hello({ kind: 'hello', contract: 1, host: 'h1', revision, agents: both });
      await upkeep.idle();
    };

    it('is known once it has said hello, and work is given out anew', async () => {
      await hello();
      const known = (await agents()).toSorted((a, b) => (a.agent_type < b.agent_type ? -1 : 1));
      expect(known).toMatchObject([
        {
          agent_type: 'DHCP agent',
          host: 'h1',
          availability_zone: 'nova',
          heartbeat_timestamp: '2026-01-31T12:00:00Z',
        },
        { agent_type: 'Open vSwitch agent', host: 'h1', availability_zone: null, admin_state_up: true },
      ]);
      expect(rounds).toEqual([['h1']]);
    });

    it('is refreshed by a heartbeat, past the change log', async () => {
      await hello();
      const logged = () => store.read(({ db }) => db.selectFrom('change_log').select('entry').execute());
      const before = await logged();
      now = new Date('2026-01-31T12:00:30Z');
      const served = report('DHCP agent', { configurations: { networks: 3 } });
      upkeep.heartbeat('h1', { kind: 'heartbeat', agents: [served], drift: {} });
      await upkeep.idle();
      const found = (await agents()).find(({ agent_type }) => agent_type === 'DHCP agent');
      expect(found).toMatchObject({
        configurations: { networks: 3 },
        heartbeat_timestamp: '2026-01-31T12:00:30Z',
        started_at: '2026-01-31T12:00:00Z',
      });
      expect(await logged()).toEqual(before);
      expect(rounds).toHaveLength(1);
    });

    it('whose tunnels end elsewhere than before is in the change log, because other hosts must hear of it', async () => {
      const tunnelling = (tunneling_ip: string) =>
        report('Open vSwitch agent', { configurations: { tunneling_ip, tunnel_types: ['vxlan'] } });
      const entries = () => store.read(({ db }) => db.selectFrom('change_log').select('entry').execute());
      await hello();
      const before = (await entries()).length;
      const counts: number[] = [];
      for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2']) {
        upkeep.heartbeat('h1', { kind: 'heartbeat', agents: [tunnelling(address)], drift: {} });
        await upkeep.idle();
        counts.push((await entries()).length - before);
      }
      expect(counts).toEqual([1, 1, 2]);
    });

    it('keeps its id and what operators have set when it comes back, and is given work again if it was dead', async () => {
      await hello();
      const [first] = await agents();
      await store.write(context, (writer) => writer.update(agent, first?.id ?? '', { admin_state_up: false }));
      now = new Date('2026-01-31T12:10:00Z');
      await hello();
      const again = (await agents()).find(({ id }) => id === first?.id);
      expect(again).toMatchObject({ admin_state_up: false, started_at: '2026-01-31T12:10:00Z' });
      expect(rounds).toEqual([['h1'], ['h1']]);
    });

    it('is looked at when somebody says that it has changed', async () => {
      await hello();
      upkeep.look();
      await upkeep.idle();
      expect(rounds).toEqual([['h1'], []]);
    });

    it('that only lost its connection has not started anew', async () => {
      await hello();
      now = new Date('2026-01-31T12:00:20Z');
      await hello(7);
      for (const { started_at } of await agents()) expect(started_at).toBe('2026-01-31T12:00:00Z');
      expect(rounds).toEqual([['h1']]);
    });
  });

  describe('a port', () => {
    let net: string;
    let sub: string;
    beforeEach(async () => {
      await store.write(context, async (writer) => {
        const record = networkRecord();
        net = record.id;
        const on = subnetRecord({ network_id: net });
        sub = on.id;
        await writer.insert(network, [record]);
        await writer.insert(subnet, [on]);
      });
    });
    const insertPort = async (more: Partial<PortRecord>): Promise<string> => {
      const [record] = await store.write(context, (writer) =>
        writer.insert(port, [portRecord({ network_id: net, ...more })]),
      );
      return record?.id ?? '';
    };
    const addressed = (text: string) => ({ fixed_ips: [{ subnet_id: sub, ip_address: ip(text) }] });
    const statusOf = async (id: string) => (await store.read((reader) => reader.get(port, id)))?.status;
    const say = async (host: string, states: Record<string, PortState>, dhcp: readonly string[] = []) => {
      const ports = Object.entries(states).map(([id, state]) => ({ id, state, why: '' }));
      upkeep.portStatus(host, { kind: 'port-status', ports, dhcp });
      await upkeep.idle();
    };

    it('is ACTIVE when its host has wired it, where no DHCP gives it an address', async () => {
      const id = await insertPort({ ...bound('h1'), ...addressed('10.0.0.5') });
      await say('h1', { [id]: 'building' });
      expect(await statusOf(id)).toBe('BUILD');
      await say('h1', { [id]: 'wired' });
      expect(await statusOf(id)).toBe('ACTIVE');
      await say('h1', { [id]: 'absent' });
      expect(await statusOf(id)).toBe('DOWN');
    });

    it.each(['wired', 'dhcp'] as const)(
      'is ACTIVE when its switch and its DHCP server have both confirmed it (%s first)',
      async (first) => {
        await insertPort(dhcpService('h2'));
        const id = await insertPort({ ...bound('h1'), ...addressed('10.0.0.5') });
        const steps = [() => say('h1', { [id]: 'wired' }), () => say('h2', {}, [id])];
        if (first === 'dhcp') steps.reverse();
        await steps[0]?.();
        expect(await statusOf(id)).not.toBe('ACTIVE');
        await steps[1]?.();
        expect(await statusOf(id)).toBe('ACTIVE');
      },
    );

    it('of the DHCP service itself needs its wiring only', async () => {
      const id = await insertPort({ ...dhcpService('h1'), ...addressed('10.0.0.2') });
      await say('h1', { [id]: 'wired' });
      expect(await statusOf(id)).toBe('ACTIVE');
    });

    it('is not touched by the word of another host', async () => {
      await insertPort(dhcpService('h2'));
      const id = await insertPort({ ...bound('h1'), ...addressed('10.0.0.5') });
      await say('h3', { [id]: 'wired' }, [id]);
      expect(await statusOf(id)).toBe('DOWN');
      await say('h1', { [id]: 'wired' }, [id]);
      expect(await statusOf(id)).toBe('BUILD');
    });

    it('has to be wired anew on another host', async () => {
      const id = await insertPort(bound('h1'));
      await say('h1', { [id]: 'wired' });
      await store.write(context, (writer) => writer.update(port, id, { ...bound('h2'), status: 'DOWN' }));
      await say('h2', { [id]: 'building' });
      expect(await statusOf(id)).toBe('BUILD');
      await say('h2', { [id]: 'wired' });
      expect(await statusOf(id)).toBe('ACTIVE');
    });

    it('that is gone troubles nobody', async () => {
      await say('h1', { nobody: 'wired' }, ['nobody']);
      expect(await statusOf('nobody')).toBeUndefined();
    });

    describe('of a distributed router', () => {
      let id: string;
      beforeEach(async () => {
        id = await insertPort({ device_owner: 'network:router_interface_distributed', ...bound('') });
        await store.write(context, async (writer) => {
          const through = routerRecord({ distributed: true });
          await writer.insert(router, [through]);
          const row = {
            router_id: through.id,
            port_id: id,
            role: 'interface',
            position: 0,
            enable_snat: null,
          } as const;
          await writer.db.insertInto('router_ports').values(row).execute();
        });
      });

      it('is ACTIVE as long as any host has it', async () => {
        await say('h1', { [id]: 'wired' });
        await say('h2', { [id]: 'wired' });
        await say('h1', { [id]: 'absent' });
        expect(await statusOf(id)).toBe('ACTIVE');
        await say('h2', { [id]: 'absent' });
        expect(await statusOf(id)).toBe('DOWN');
      });

      it('is no more ACTIVE when its last host has lost it while it could say nothing', async () => {
        carried.add(`h1 ${id}`);
        await say('h1', { [id]: 'wired' });
        upkeep.hello({ kind: 'hello', contract: 1, host: 'h1', revision: 1, agents: both });
        await upkeep.idle();
        expect(await statusOf(id)).toBe('ACTIVE');
        carried.clear();
        upkeep.hello({ kind: 'hello', contract: 1, host: 'h1', revision: null, agents: both });
        await upkeep.idle();
        expect(await statusOf(id)).toBe('DOWN');
      });
    });

    it('keeps its status when its agent starts anew', async () => {
      const id = await insertPort(bound('h1'));
      await say('h1', { [id]: 'wired' });
      const before = await store.read((reader) => reader.get(port, id));
      await say('h1', { [id]: 'building' });
      await say('h1', { [id]: 'wired' });
      expect(await store.read((reader) => reader.get(port, id))).toEqual(before);
    });
  });

  it('believes what a host says of a floating IP only while it hosts the router', async () => {
    const [on, through, host] = [networkRecord(), routerRecord(), agentRecord({ agent_type: 'L3 agent', host: 'h1' })];
    const record = floatingIpRecord({ floating_network_id: on.id, router_id: through.id });
    await store.write(context, async (writer) => {
      await writer.insert(network, [on]);
      await writer.insert(router, [through]);
      await writer.insert(agent, [host]);
      await writer.insert(floatingip, [record]);
      await bindRouter(writer, through.id, host.id);
    });
    const reported = async (from: string, status: 'ACTIVE' | 'DOWN') => {
      upkeep.floatingIpStatus(from, { kind: 'floating-ip-status', ids: [{ id: record.id, status }] });
      await upkeep.idle();
      return (await store.read((reader) => reader.get(floatingip, record.id)))?.status;
    };
    expect(await reported('h2', 'ACTIVE')).toBe('DOWN');
    expect(await reported('h1', 'ACTIVE')).toBe('ACTIVE');
    expect(await reported('h1', 'DOWN')).toBe('DOWN');
  });
});
