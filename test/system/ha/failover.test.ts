// A router that two hosts share goes on when the active one, or a part of it, is lost.

import { startTcpServer, TcpConversation } from '@neutronium/testkit/lab/tcp';
import type { LabInstance } from '@neutronium/testkit/lab/lab-instances';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PingSummary } from '@neutronium/testkit/lab/ping-summary';
import { advertInt, HaLab, outsideAddress, pingDuring, type HaRouter } from './lab.ts';

/** What an instance may miss of the world outside while another host takes over. */
const longestGapMs = advertInt * 4 * 1000;

describe('a router that two hosts share', () => {
  let ha: HaLab;
  let router: HaRouter;
  let instance: LabInstance;
  const measured: string[] = [];

  beforeAll(async () => {
    ha = await HaLab.start(3);
    router = await ha.router(await ha.externalNetwork(), '10.0.0.0/24');
    const { active, standby } = await ha.roles(router);
    const elsewhere = [...ha.lab.hosts.keys()].find((host) => host !== active && host !== standby) ?? '';
    instance = await ha.instance('i1', elsewhere, router);
    await startTcpServer(ha.lab.outside, { port: 22 });
  });
  afterAll(async () => {
    console.log(measured.join('\n'));
    await ha?.[Symbol.asyncDispose]();
  });

  /**
   * Does something to the active host; what the instance then misses is noted, and a connection that it has had before goes
   * on: the router does not translate.
   */
  async function loseOn(what: string, work: (host: string) => Promise<unknown>): Promise<PingSummary> {
    const { active } = await ha.roles(router);
    const netns = instance.name;
    const end = { netns, address: outsideAddress, port: 22 };
    const conversation = await TcpConversation.open(ha.lab.host(instance.host), end);
    expect(conversation.seenAs).toBe(instance.address(4));
    const summary = await pingDuring(instance, outsideAddress, async () => {
      await work(active);
    });
    expect(await conversation.isAlive(5000)).toBe(true);
    conversation.close();
    measured.push(
      `${what}: ${summary.lost} of ${summary.sent} lost, ${Math.round(summary.longestGapMs)} ms without answer`,
    );
    return summary;
  }
  const becomesActive = (host: string): Promise<void> =>
    ha.lab.until(`that ${host} is active`, async () => (await ha.states(router)).get(host) === 'active');
  const daemons = async (host: string): Promise<string> => await ha.lab.host(host).script('pidof keepalived || true');

  it('has its addresses on one of them, and its ports are bound there', async () => {
    const { active, standby } = await ha.roles(router);
    expect(await ha.hasAddresses(active, router)).toBe(true);
    expect(await ha.hasAddresses(standby, router)).toBe(false);
    for (const port of await ha.ports(router)) {
      expect(port).toMatchObject({ 'binding:host_id': active, status: 'ACTIVE' });
    }
    expect(await instance.ping(outsideAddress)).toBe(3);
  });

  it('loses no packet when the agent of the active one dies and comes back', async () => {
    const before = await ha.roles(router);
    const running = await daemons(before.active);
    const { lost } = await loseOn('the agent', async (host) => {
      await ha.lab.killAgent(host);
      await ha.lab.startAgent(host);
      const connections = async () => (await ha.lab.log(host, 'agent')).split('connected to the server').length;
      await expect.poll(connections).toBeGreaterThan(2);
      expect(await ha.drift(host)).toContain('is as planned');
    });
    expect(lost).toBe(0);
    expect(await daemons(before.active)).toBe(running);
    expect(await ha.roles(router)).toEqual(before);
  });

  it('goes on by the other when keepalived of the active one is killed', async () => {
    const { standby } = await ha.roles(router);
    const { longestGapMs: gap } = await loseOn('keepalived', async (host) => {
      await ha.lab.host(host).script('kill -9 $(pidof keepalived)');
      await becomesActive(standby);
    });
    expect(gap).toBeLessThanOrEqual(longestGapMs);
    for (const port of await ha.ports(router)) expect(port['binding:host_id']).toBe(standby);
  });

  it('goes on by the other when the active one is cut off from the network of the two, and stays there', async () => {
    const { standby } = await ha.roles(router);
    const { longestGapMs: gap } = await loseOn('the link between them', async (host) => {
      const links = `for end in $(ip -br link | grep -o '^ha-[^@ ]*'); do ip link set $end`;
      await ha.lab.host(host).script(`${links} down; done`);
      await becomesActive(standby);
      await ha.lab.host(host).script(`${links} up; done`);
    });
    expect(gap).toBeLessThanOrEqual(longestGapMs);
    expect((await ha.roles(router)).active).toBe(standby);
  });

  it('goes on by the other when the active one is alone, and is on one of them as soon as they hear each other', async () => {
    const { active, standby } = await ha.roles(router);
    const both = async (): Promise<boolean> =>
      (await ha.hasAddresses(active, router)) && (await ha.hasAddresses(standby, router));
    const { longestGapMs: gap } = await loseOn('the underlay', async (host) => {
      await ha.lab.host(host).script('ip link set underlay0 down');
      await becomesActive(standby);
    });
    expect(gap).toBeLessThanOrEqual(longestGapMs);
    expect(await both()).toBe(true);
    await ha.lab.host(active).script('ip link set underlay0 up');
    const healedAt = performance.now();
    await ha.lab.until('that one of them is active', async () => !(await both()));
    const took = performance.now() - healedAt;
    measured.push(`two active after the partition: ${Math.round(took)} ms`);
    expect(took).toBeLessThanOrEqual(advertInt * 1000 + 500);
    await ha.lab.until('answers after the partition', async () => (await instance.ping(outsideAddress, 1)) === 1);
    measured.push(`no answer after the partition for ${Math.round(performance.now() - healedAt)} ms`);
    await ha.roles(router);
  });

  it('goes on by the other when it is taken from the active one by hand', async () => {
    const { standby } = await ha.roles(router);
    const { longestGapMs: gap } = await loseOn('its place on the host', async (host) => {
      const api = await ha.lab.api();
      const query = `/agents?host=${host}&agent_type=L3%20agent`;
      const [agent] = await api.expect<readonly { readonly id: string }[]>('GET', query);
      await api.expect('DELETE', `/agents/${agent?.id}/l3-routers/${router.id}`);
      await becomesActive(standby);
    });
    expect(gap).toBeLessThanOrEqual(longestGapMs);
  });

  it('becomes an ordinary one and highly available again, and leaves nothing behind', async () => {
    const api = await ha.lab.api();
    const set = async (...changes: readonly object[]): Promise<void> => {
      for (const change of changes) await api.expect('PUT', `/routers/${router.id}`, { router: change });
      await ha.lab.until('answers again', async () => (await instance.ping(outsideAddress, 1)) === 1);
    };
    const watching = async (): Promise<number> => {
      const running = await Promise.all([...ha.lab.hosts.keys()].map((host) => daemons(host)));
      return running.filter((pids) => pids.trim() !== '').length;
    };
    await set({ admin_state_up: false }, { ha: false }, { admin_state_up: true });
    await expect.poll(watching).toBe(0);
    expect([...(await ha.states(router)).values()]).toEqual([null]);
    expect(await api.expect<readonly object[]>('GET', '/ports?device_owner=network:router_ha_interface')).toEqual([]);
    await set({ admin_state_up: false }, { ha: true }, { admin_state_up: true });
    await ha.roles(router);
    expect(await watching()).toBe(2);
    for (const host of ha.lab.hosts.keys()) expect(await ha.drift(host)).toContain('is as planned');
  });

  it('goes on by the other when the active host is lost', async () => {
    const { standby } = await ha.roles(router);
    const { longestGapMs: gap } = await loseOn('the host', async (host) => {
      await ha.lab.loseHost(host);
      await becomesActive(standby);
    });
    expect(gap).toBeLessThanOrEqual(longestGapMs);
  });
});
