// What metering labels have counted on this host, read from the kernel when somebody asks.

import { countingChain, meteredPlaces } from '@neutronium/dataplane/routers/metering';
import type { MeteringEntry } from '@neutronium/model/agent-socket';
import type { Exec } from '#effects/exec';
import type { PlannedHost } from '#plan/planner';

/** One entry for each label of each router here, in each namespace that the router has; none for a namespace that is not there yet. */
export async function meteringEntries(
  { view, inventory }: Pick<PlannedHost, 'view' | 'inventory'>,
  exec: Pick<Exec, 'run'>,
): Promise<readonly MeteringEntry[]> {
  const places = meteredPlaces(view, inventory);
  if (places.length === 0) return [];
  const { stdout } = await exec.run(['sh'], { stdin: readScript(new Set(places.map(({ namespace }) => namespace))) });
  const counted = parseCounters(stdout);
  return places.flatMap(({ namespace, router, label }): readonly MeteringEntry[] => {
    const counter = counted.get(`${namespace} ${countingChain(label.id)}`);
    if (counter === undefined) return [];
    const { id: label_id, name, shared } = label;
    return [{ label_id, name, shared, router_id: router.id, project_id: router.project_id, namespace, ...counter }];
  });
}

function readScript(namespaces: Iterable<string>): string {
  return [...namespaces]
    .map(
      (namespace) => `
echo "@${namespace}"
[ -e /run/netns/${namespace} ] && nsenter --net=/run/netns/${namespace} sh -c '
  iptables-save -c -t filter
  ip6tables-save -c -t filter'`,
    )
    .join('\n')
    .concat('\ntrue\n');
}

interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

/** By namespace and chain, of both families together: lines as iptables-save(8) prints them with `-c`. */
function parseCounters(text: string): ReadonlyMap<string, Counter> {
  const counters = new Map<string, Counter>();
  let namespace = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('@')) namespace = line.slice(1);
    const [, packets, bytes, chain] = /^\[(\d+):(\d+)\] -A (neutron-meter-l-\S+) /.exec(line) ?? [];
    if (chain === undefined) continue;
    const before = counters.get(`${namespace} ${chain}`) ?? { packets: 0, bytes: 0 };
    const sum = { packets: before.packets + Number(packets), bytes: before.bytes + Number(bytes) };
    counters.set(`${namespace} ${chain}`, sum);
  }
  return counters;
}
