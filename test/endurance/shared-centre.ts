// The centre of a distributed router that two network nodes share: what is lost, under pings, when it goes over from one
// to the other. As tests, which system tests run once and in short, and script/endurance again and again.

import {
  DistributedLab,
  outsideAddress,
  sharedAdvertInt,
  sharedCentreTopology,
} from '@neutronium/testkit/lab/distributed-lab';
import { haRoles, haStates, untilActive } from '@neutronium/testkit/lab/ha-roles';
import type { LabInstance } from '@neutronium/testkit/lab/lab-instances';
import {
  answerCalls,
  renderSuffered,
  watchTraffic,
  type Call,
  type Place,
  type Suffered,
} from '@neutronium/testkit/lab/watched-traffic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

export interface SharedCentreTests {
  /** How often the centre goes over from one node to the other, in each way. */
  readonly times: number;
  /** Whether agents die too, nodes are cut off from each other, and the router becomes every other kind. */
  readonly thorough: boolean;
}

interface Kind {
  readonly distributed: boolean;
  readonly ha: boolean;
}

/** What the router becomes, one after another. It is distributed and highly available before. */
const conversions: { readonly [name in 'few' | 'all']: readonly Kind[] } = {
  few: [
    { distributed: false, ha: true },
    { distributed: true, ha: true },
  ],
  all: [
    { distributed: false, ha: true },
    { distributed: true, ha: true },
    { distributed: true, ha: false },
    { distributed: true, ha: true },
    { distributed: false, ha: false },
    { distributed: true, ha: true },
  ],
};

/** What may pass by the centre without an answer while another node takes over. */
const longestGapMs = sharedAdvertInt * 4 * 1000;

const floating = '91.207.15.129';
const outsideAddress6 = 'fd00:8::1';

export function sharedCentreTests({ times, thorough }: SharedCentreTests): void {
  let cloud: DistributedLab;
  let routerId: string;
  /** By what they are to each other. */
  let calls: { readonly byCentre: readonly Call[]; readonly besides: readonly Call[]; readonly node: Call };

  beforeAll(async () => {
    cloud = await DistributedLab.start(sharedCentreTopology());
    const first = await cloud.network('192.168.111.0/24', { type: 'vxlan' }, ['fd00:111::/64']);
    const second = await cloud.network('192.168.122.0/24', { type: 'vlan', physicalNetwork: 'dc' });
    routerId = await cloud.router([first.subnetId, ...first.otherIds, second.subnetId], { ha: true });
    await cloud.leadOut(routerId);
    const [one, other, beside] = await cloud.instances([
      { name: 'vm1', host: 'compute1', networkId: first.networkId },
      { name: 'vm2', host: 'compute2', networkId: second.networkId },
      { name: 'vm3', host: 'network1', networkId: first.networkId },
    ]);
    if (one === undefined || other === undefined || beside === undefined) throw new Error('three were asked for');
    await one.run(['ip', 'addr', 'add', `${one.address(6)}/64`, 'dev', 'eth0', 'nodad']);
    await one.run(['ip', '-6', 'route', 'add', 'default', 'via', 'fd00:111::1']);
    const [gateway] = await cloud.ports(`device_id=${routerId}&device_owner=network:router_gateway`);
    const way = gateway?.fixed_ips.find(({ ip_address: text }) => text.includes(':'))?.ip_address;
    await cloud.lab.outside.script(`ip -6 route replace fd00:111::/64 via ${way}`);
    await cloud.floatingIp(other.port.id, floating);
    await answerCalls(placeOf(other));
    const outside = { host: cloud.lab.outside };
    calls = {
      byCentre: [
        { what: 'from an instance to the outside', from: placeOf(one), to: outsideAddress },
        { what: 'from an instance to the outside, by IPv6', from: placeOf(one), to: outsideAddress6 },
        { what: 'from outside to a floating IP of a node without a way out', from: outside, to: floating },
      ],
      besides: [{ what: 'between networks', from: placeOf(one), to: other.address(4) }],
      node: { what: 'from an instance of a network node to the outside', from: placeOf(beside), to: outsideAddress },
    };
    await cloud.reach(one, outsideAddress);
    await cloud.reach(one, outsideAddress6);
    // It asks for them no more: what it sends has to get there whatever becomes of the router.
    for (const gateway of ['192.168.111.1', 'fd00:111::1']) {
      const known = (await one.run(['ip', 'neigh', 'show', gateway])).stdout.split(' ');
      const mac = known[known.indexOf('lladdr') + 1] ?? '';
      await one.run(['ip', 'neigh', 'replace', gateway, 'lladdr', mac, 'dev', 'eth0', 'nud', 'permanent']);
    }
    await cloud.reach(beside, outsideAddress);
    await cloud.reach(one, other.address(4));
    await reachedFromOutside();
  });
  afterAll(async () => {
    await cloud?.[Symbol.asyncDispose]();
  });

  const placeOf = (instance: LabInstance): Place => ({ host: cloud.lab.host(instance.host), netns: instance.name });
  const roles = () => haRoles(cloud.lab, routerId);
  const inCentre = async (host: string, command: string): Promise<string> =>
    cloud.lab.host(host).script(`ip netns exec snat-${routerId} ${command}`);
  const asPlanned = () => cloud.lab.until('hosts as they should be', async () => (await cloud.drift()).length === 0);
  const reachedFromOutside = () =>
    cloud.lab.until('an answer of the floating IP', async () => {
      const command = ['ping', '-c', '1', '-W', '1', floating];
      return (await cloud.lab.outside.run(command, { anyExitCode: true })).stdout.includes('1 received');
    });

  /** What traffic suffers when something befalls the active node; printed under that name. */
  async function suffered(
    name: string,
    happen: (host: string, other: string) => Promise<void>,
    byCentre: readonly Call[] = [...calls.byCentre, calls.node],
  ): Promise<{ readonly byCentre: readonly Suffered[]; readonly besides: readonly Suffered[] }> {
    const { active, standby } = await roles();
    const watched = [await watchTraffic(byCentre, ['ping']), await watchTraffic(calls.besides)];
    await happen(active, standby);
    const [centre = [], besides = []] = await Promise.all(watched.map((each) => each.stop()));
    console.log(`${name}\n${renderSuffered([...centre, ...besides])}`);
    return { byCentre: centre, besides };
  }
  function expectTakenOver({ byCentre, besides }: Awaited<ReturnType<typeof suffered>>): void {
    expect(byCentre.filter(({ alive, longestGapMs: gap }) => !alive || gap > longestGapMs)).toEqual([]);
    expect(besides.filter(({ alive, lost }) => !alive || lost > 0)).toEqual([]);
  }

  function agentsAndPartitions(): void {
    it('loses nothing when agents die and come back', async () => {
      for (let time = 0; time < times; time += 1) {
        const { byCentre, besides } = await suffered('the agents', async (...hosts) => {
          for (const host of hosts) await cloud.lab.killAgent(host);
          for (const host of hosts) await cloud.lab.startAgent(host);
          await asPlanned();
        });
        expect([...byCentre, ...besides].filter(({ alive, lost }) => !alive || lost > 0)).toEqual([]);
      }
    });

    it('is on one of them as soon as they hear each other again', async () => {
      for (let time = 0; time < times; time += 1) {
        const { byCentre, besides } = await suffered(
          'the underlay',
          async (host, other) => {
            await cloud.lab.host(host).script('ip link set underlay0 down');
            await untilActive(cloud.lab, routerId, other);
            await cloud.lab.host(host).script('ip link set underlay0 up');
            const healedAt = performance.now();
            await cloud.lab.until('that one of them is active', async () => {
              const texts = await Promise.all([host, other].map((each) => inCentre(each, 'ip -br addr')));
              return texts.filter((text) => text.includes(`${floating}/32`)).length === 1;
            });
            expect(performance.now() - healedAt).toBeLessThanOrEqual(sharedAdvertInt * 1000 + 500);
          },
          calls.byCentre,
        );
        expect([...byCentre, ...besides].filter(({ alive }) => !alive)).toEqual([]);
        expect(besides.filter(({ lost }) => lost > 0)).toEqual([]);
        await roles();
      }
      await asPlanned();
    });
  }

  describe('a centre that two nodes share', () => {
    it('has its addresses on one of them, where its ports are bound, and a part of the router on both', async () => {
      const { active, standby } = await roles();
      const hosts = [active, standby];
      expect(hosts.toSorted()).toEqual(['network1', 'network2']);
      const addresses = await Promise.all(hosts.map((host) => inCentre(host, 'ip -br addr')));
      expect(addresses.map((text) => text.includes(`${floating}/32`))).toEqual([true, false]);
      for (const host of hosts) expect(await cloud.namespaces(host, 'qrouter-')).toEqual([`qrouter-${routerId}`]);
      for (const owner of ['router_gateway', 'router_centralized_snat']) {
        const ports = await cloud.ports(`device_id=${routerId}&device_owner=network:${owner}`);
        for (const port of ports) expect(port).toMatchObject({ 'binding:host_id': active, status: 'ACTIVE' });
      }
    });

    it('goes over to the other when keepalived of the active one is killed, and nothing else notices', async () => {
      for (let time = 0; time < times * 2; time += 1) {
        expectTakenOver(
          await suffered('keepalived', async (host, other) => {
            await cloud.lab.host(host).script('kill -9 $(pidof keepalived)');
            await untilActive(cloud.lab, routerId, other);
          }),
        );
      }
    });

    if (thorough) agentsAndPartitions();

    it('becomes another kind of router and this one again, and leaves nothing behind', async () => {
      const api = await cloud.lab.api();
      const change = (router: object) => api.expect('PUT', `/routers/${routerId}`, { router });
      for (const kind of conversions[thorough ? 'all' : 'few']) {
        await change({ admin_state_up: false });
        await change(kind);
        await change({ admin_state_up: true });
        const watched = await watchTraffic([...calls.byCentre, ...calls.besides], ['ping']);
        expect((await watched.stop()).filter(({ alive }) => !alive)).toEqual([]);
        await cloud.lab.until('what such a router has, and no more', async () => hasOnly(kind));
      }
      await roles();
      await asPlanned();
    });

    /** Whether the nodes have the namespaces and programs of such a router. */
    async function hasOnly({ distributed, ha }: Kind): Promise<boolean> {
      const hosts = [...cloud.lab.hosts.keys()];
      const count = async (of: (host: string) => Promise<boolean>): Promise<number> =>
        (await Promise.all(hosts.map(of))).filter(Boolean).length;
      const centres = ha ? 2 : 1;
      const [ofCentre, watched, ofRouter] = await Promise.all([
        count(async (host) => (await cloud.namespaces(host, 'snat-')).length > 0),
        count(async (host) => (await cloud.lab.host(host).script('pidof keepalived || true')).trim() !== ''),
        count(async (host) => (await cloud.namespaces(host, 'qrouter-')).length > 0),
      ]);
      const agents = (await haStates(cloud.lab, routerId)).size;
      // Where it is distributed, all hosts with instances carry it; the other network node does by sharing the centre.
      const carriers = distributed ? [3, 4] : [centres];
      return (
        ofCentre === (distributed ? centres : 0) &&
        watched === (ha ? 2 : 0) &&
        carriers.includes(ofRouter) &&
        agents === centres
      );
    }

    it('goes over to the other when the active node is lost', async () => {
      expectTakenOver(
        await suffered(
          'the node',
          async (host, other) => {
            await cloud.lab.loseHost(host);
            await untilActive(cloud.lab, routerId, other);
          },
          calls.byCentre,
        ),
      );
    });
  });
}
