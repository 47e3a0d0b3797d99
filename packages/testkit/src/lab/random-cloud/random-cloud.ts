// A cloud to which random things happen: which, how often in comparison, and a few at the same time.

import type { Lab } from '@neutronium/cli/lab/lab';
import { actingAsNova } from '../acting-as-nova.ts';
import type { Seeded } from '../seeded.ts';
import { createGroup, createRule, removeGroup, removeRule } from './group-operations.ts';
import {
  changePort,
  createInstance,
  migrateInstance,
  moveInstance,
  plugInstance,
  removeInstance,
  unplugInstance,
} from './instance-operations.ts';
import { Misfortunes } from './misfortunes.ts';
import {
  addSubnet,
  changeNetwork,
  changeSubnet,
  createNetwork,
  removeNetwork,
  removeSubnet,
} from './network-operations.ts';
import { assignPolicy, changeLimit, createLimit, createPolicy, removeLimit, removePolicy } from './qos-operations.ts';
import {
  addInterface,
  associateFloatingIp,
  changeGateway,
  changeRouter,
  createFloatingIp,
  createRouter,
  removeFloatingIp,
  removeInterface,
  removeRouter,
} from './router-operations.ts';
import { addSubPort, changeTrunk, createTrunk, removeSubPort, removeTrunk } from './trunk-operations.ts';
import { World, type Created, type Happening } from './world.ts';

const operations: readonly (readonly [weight: number, operation: (world: World) => Happening])[] = [
  [8, createNetwork],
  [4, removeNetwork],
  [3, addSubnet],
  [3, removeSubnet],
  [4, changeSubnet],
  [3, changeNetwork],
  [22, createInstance],
  [10, removeInstance],
  [6, unplugInstance],
  [6, plugInstance],
  [10, moveInstance],
  [6, migrateInstance],
  [12, changePort],
  [5, createRouter],
  [3, removeRouter],
  [9, addInterface],
  [4, removeInterface],
  [6, changeGateway],
  [3, changeRouter],
  [6, createFloatingIp],
  [7, associateFloatingIp],
  [3, removeFloatingIp],
  [4, createGroup],
  [2, removeGroup],
  [9, createRule],
  [5, removeRule],
  [6, createTrunk],
  [3, removeTrunk],
  [5, addSubPort],
  [4, removeSubPort],
  [2, changeTrunk],
  [3, createPolicy],
  [1, removePolicy],
  [6, createLimit],
  [3, removeLimit],
  [3, changeLimit],
  [8, assignPolicy],
  [2, restartAgent],
];

/** Enough for every kind of operation to have something to be about. */
const beginnings: readonly (readonly [times: number, operation: (world: World) => Happening])[] = [
  [3, createNetwork],
  [2, createRouter],
  [3, addInterface],
  [2, createGroup],
  [6, createInstance],
  [1, createTrunk],
  [1, createPolicy],
  [2, createLimit],
  [2, assignPolicy],
];

const misfortuneChance = 0.06;

export class RandomCloud {
  readonly #world: World;
  readonly #misfortunes: Misfortunes;
  /** What has happened, in order. */
  readonly history: string[] = [];

  private constructor(world: World) {
    this.#world = world;
    this.#misfortunes = new Misfortunes(world);
  }

  /** A cloud with an external network on the first physical network of the lab, and no quotas. */
  static async start(lab: Lab, random: Seeded): Promise<RandomCloud> {
    const api = await actingAsNova(lab);
    const unlimited = [
      'network',
      'subnet',
      'port',
      'router',
      'floatingip',
      'security_group',
      'security_group_rule',
      'trunk',
    ];
    await api.expect('PUT', `/quotas/${await api.projectId()}`, {
      quota: Object.fromEntries(unlimited.map((name) => [name, -1])),
    });
    const world = new World({ lab, api, random });
    const [physnet] = lab.topology.physicalNetworks;
    const network = await api.expect<Created>('POST', '/networks', {
      network: {
        name: 'outside',
        'router:external': true,
        'provider:network_type': 'flat',
        'provider:physical_network': physnet?.name,
      },
    });
    const subnet = await api.expect<Created>('POST', '/subnets', {
      subnet: { network_id: network.id, ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false },
    });
    world.networks.push({ id: network.id, external: true, number: 0, subnets: [subnet.id] });
    for (const [times, operation] of beginnings) {
      for (let time = 0; time < times; time += 1) await operation(world);
    }
    return new RandomCloud(world);
  }

  /** Requests that the API has refused. */
  get refused(): number {
    return this.#world.refused;
  }

  /** `count` operations, a few at the same time, and now and then a misfortune between them. All is whole at the end. */
  async happen(count: number, atOnce = 3): Promise<void> {
    for (let left = count; left > 0; left -= atOnce) {
      if (this.#world.random.chance(misfortuneChance)) this.history.push(await this.#misfortunes.next());
      const some = Array.from({ length: Math.min(atOnce, left) }, () => this.#next());
      for (const ended of await Promise.allSettled(some)) {
        if (ended.status === 'rejected') throw new Error('an operation cannot be carried out', { cause: ended.reason });
      }
    }
    await this.#misfortunes.end();
  }

  async #next(): Promise<void> {
    for (;;) {
      const happened = await this.#world.random.weighted(operations)(this.#world);
      if (happened === null) continue;
      this.history.push(happened);
      return;
    }
  }
}

/** As after a crash, at whatever moment. */
async function restartAgent(world: World): Happening {
  const host = world.host();
  await world.lab.killAgent(host);
  await world.lab.startAgent(host);
  return `the agent of ${host} was killed, and is started anew`;
}
