// A lab of three hosts that random operations happen to, and what must be so afterwards: no host differs from its plan,
// and what is there is what a server and agents that know nothing of the past compute.

import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { statesBeforeAndAfterAll, untilInStep } from './lab-state.ts';
import { RandomCloud } from './random-cloud/random-cloud.ts';
import { Seeded } from './seeded.ts';

export interface WalkedLab {
  readonly happened: number;
  readonly refused: number;
  readonly history: readonly string[];
  /** By host: what was there after all operations, and after server and agents have begun anew. */
  readonly states: ReadonlyMap<string, { readonly before: readonly string[]; readonly after: readonly string[] }>;
}

export interface Walk {
  readonly seed: number;
  readonly operations: number;
  /** Operations after which all hosts must be in step, before the next ones happen. */
  readonly between: number;
  /** Told how far it has come. */
  readonly tell: (line: string) => void;
}

export async function walk({ seed, operations, between, tell }: Walk): Promise<WalkedLab> {
  const physicalNetworks = [
    { name: 'physnet1', outside: ['203.0.113.1/24'] },
    { name: 'physnet2', outside: [] },
  ];
  await using lab = await Lab.start({
    ...plainTopology(3),
    hosts: ['h1', 'h2', 'h3'].map((name) => ({ name, physicalNetworks: ['physnet1', 'physnet2'] })),
    physicalNetworks,
    server: { 'networks.tenant_network_types': 'vxlan', 'agents.dhcp_agents_per_network': '2' },
    // Longer than the walk: what the agents find out only by looking at everything would otherwise be hidden.
    agent: { 'agent.check_interval': '3600', 'agent.report_interval': '2' },
  });
  const cloud = await RandomCloud.start(lab, new Seeded(seed));
  const startedAt = performance.now();
  try {
    for (let done = 0; done < operations; done += between) {
      await cloud.happen(Math.min(between, operations - done));
      await untilInStep(lab);
      tell(`${done + between} operations, ${Math.round((performance.now() - startedAt) / 1000)} s`);
    }
  } catch (error) {
    throw new Error(`seed ${seed}, after\n${cloud.history.slice(-80).join('\n')}`, { cause: error });
  }
  const states = await statesBeforeAndAfterAll(lab);
  return { happened: cloud.history.length, refused: cloud.refused, history: cloud.history, states };
}
