// A lab of two network nodes and two compute nodes whose routers, legacy, highly available and distributed, random
// operations happen to; and again and again what must be so afterwards: no host differs from its plan, and every pair of
// instances, and the world outside, have an answer of each other or not as a model of a few lines says.

import { Seeded } from '../seeded.ts';
import { DistributedLab, distributedTopology } from '../distributed-lab.ts';
import { statesBeforeAndAfterAll, untilInStep } from '../lab-state.ts';
import { boot, giveFloatingIp, migrate, move, remove, setMachineState, takeFloatingIp } from './machine-operations.ts';
import { RoutingMisfortunes } from './misfortunes.ts';
import type { RouterKind } from './model.ts';
import { differencesFromModel } from './reach.ts';
import {
  addInterface,
  changeGateway,
  changeRoutes,
  convert,
  createRouter,
  removeInterface,
  removeRouter,
  setRouterState,
} from './router-operations.ts';
import { type Happening, RoutingWorld } from './world.ts';

export interface RoutingWalk {
  readonly seed: number;
  readonly operations: number;
  /** Operations after which all must be as the model says, before the next ones happen. */
  readonly between: number;
  /** Whether in the end server and agents begin anew, and must find nothing to do. */
  readonly anew: boolean;
  /** Told how far it has come. */
  readonly tell: (line: string) => void;
}

export interface WalkedRouting {
  readonly happened: number;
  readonly refused: number;
  /** By host: what was there after all operations, and after server and agents have begun anew, where they have. */
  readonly states: ReadonlyMap<string, { readonly before: readonly string[]; readonly after: readonly string[] }>;
}

type Operation = (world: RoutingWorld) => Happening;

const kinds: readonly RouterKind[] = ['legacy', 'ha', 'distributed', 'distributed and ha'];

/** Enough for every operation to have something to be about: several instances behind two routers that lead out. */
const beginnings: readonly (readonly [times: number, operation: Operation])[] = [
  [3, createRouter],
  [4, addInterface],
  [5, boot],
  [2, giveFloatingIp],
];

/** Within this, what hosts have to do for an operation must be seen in packets. */
const patienceMs = 60_000;

const distributed = distributedTopology('dvr');
const [networkNode] = distributed.hosts;
const topology = {
  ...distributed,
  server: { ...distributed.server, 'agents.agent_down_time': '10' },
  // Longer than the walk: what the agents find out only by looking at everything would otherwise be hidden.
  agent: { 'agent.check_interval': '3600', 'agent.report_interval': '1', 'l3.ha_vrrp_advert_int': '1' },
  hosts: [...distributed.hosts, ...(networkNode === undefined ? [] : [{ ...networkNode, name: 'network2' }])],
};

export async function walkRouting({ seed, operations, between, anew, tell }: RoutingWalk): Promise<WalkedRouting> {
  await using lab = await DistributedLab.start(topology);
  const random = new Seeded(seed);
  const world = await RoutingWorld.start(lab, { random, kinds });
  const misfortunes = new RoutingMisfortunes();
  const weighted: readonly (readonly [weight: number, operation: Operation])[] = [
    [14, boot],
    [7, remove],
    [8, move],
    [8, migrate],
    [4, setMachineState],
    [10, giveFloatingIp],
    [8, takeFloatingIp],
    [5, createRouter],
    [2, removeRouter],
    [9, addInterface],
    [4, removeInterface],
    [6, changeGateway],
    [6, changeRoutes],
    [4, setRouterState],
    [8, convert],
    [3, (each) => misfortunes.killAgent(each)],
    [3, (each) => misfortunes.cutOff(each)],
    [1, (each) => misfortunes.killServer(each)],
    [1, (each) => misfortunes.killKeepalived(each)],
  ];
  const history: string[] = [];
  const happen = async (operation: () => Operation): Promise<void> => {
    for (let happened = null; happened === null;) {
      happened = await operation()(world);
      if (happened !== null) history.push(happened);
    }
  };
  const startedAt = performance.now();
  try {
    for (const [times, operation] of beginnings) {
      for (let time = 0; time < times; time += 1) await happen(() => operation);
    }
    for (let done = 0; done < operations;) {
      const next = Math.min(between, operations - done);
      for (let each = 0; each < next; each += 1) await happen(() => random.weighted(weighted));
      done += next;
      await misfortunes.end(world);
      await untilInStep(lab.lab);
      await untilAsModelled(world);
      tell(`${done} operations, ${Math.round((performance.now() - startedAt) / 1000)} s`);
    }
  } catch (error) {
    throw new Error(`seed ${seed}, after\n${history.join('\n')}`, { cause: error });
  }
  const states = anew ? await statesBeforeAndAfterAll(lab.lab) : new Map();
  return { happened: history.length, refused: world.api.refused, states };
}

async function untilAsModelled(world: RoutingWorld): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const differences = await differencesFromModel(world);
    if (differences.length === 0) return;
    if (performance.now() > deadline) throw new Error(`not as the model says:\n${differences.join('\n')}`);
  }
}
