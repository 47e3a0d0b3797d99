// A cloud of networks and routers to which random things happen: what it has, and how an operation is done.

import type { LabApi } from '@neutronium/cli/lab/api';
import type { LabHost } from '@neutronium/cli/lab/host';
import type { Lab } from '@neutronium/cli/lab/lab';
import { actingAsNova } from '../acting-as-nova.ts';
import { AnsweringApi } from '../answering-api.ts';
import type { DistributedLab, Segment } from '../distributed-lab.ts';
import type { Seeded } from '../seeded.ts';
import type { Machine, ModelRouter, RouterKind, Routing } from './model.ts';

export interface Created {
  readonly id: string;
}

export interface Network {
  readonly id: string;
  readonly subnetId: string;
  readonly number: number;
}

/** What happened, in words; null where nothing could. */
export type Happening = Promise<string | null>;

/** How many there are of each at the most: every pair of instances is looked at, and each router costs processes. */
export const most = { routers: 4, machines: 8 } as const;

const segments: readonly Segment[] = [
  { type: 'vxlan' },
  { type: 'vxlan' },
  { type: 'gre' },
  { type: 'vlan', physicalNetwork: 'dc' },
  { type: 'vxlan' },
];

export class RoutingWorld implements Routing {
  readonly distributedLab: DistributedLab;
  readonly random: Seeded;
  readonly api: AnsweringApi;
  readonly networks: readonly Network[];
  readonly routers: ModelRouter[] = [];
  readonly machines: Machine[] = [];
  /** Kinds that routers may be of. */
  readonly kinds: readonly RouterKind[];
  /** Projects by what their groups admit. */
  readonly #projects: Readonly<Record<Machine['project'], string>>;
  /** Counts what needs a name or an address of its own. */
  numbered = 0;

  private constructor(parts: {
    readonly distributedLab: DistributedLab;
    readonly random: Seeded;
    readonly api: LabApi;
    readonly networks: readonly Network[];
    readonly kinds: readonly RouterKind[];
    readonly projects: Readonly<Record<Machine['project'], string>>;
  }) {
    this.distributedLab = parts.distributedLab;
    this.random = parts.random;
    this.api = new AnsweringApi(parts.api);
    this.networks = parts.networks;
    this.kinds = parts.kinds;
    this.#projects = parts.projects;
  }

  /** Networks of several types, and nothing on them yet. */
  static async start(
    distributedLab: DistributedLab,
    { random, kinds }: { readonly random: Seeded; readonly kinds: readonly RouterKind[] },
  ): Promise<RoutingWorld> {
    const networks: Network[] = [];
    for (const [index, segment] of segments.entries()) {
      const number = index + 1;
      const { networkId, subnetId } = await distributedLab.network(`10.0.${number}.0/24`, segment);
      networks.push({ id: networkId, subnetId, number });
    }
    const api = await actingAsNova(distributedLab.lab);
    const projects = {
      open: await api.projectId(),
      closed: await (await distributedLab.lab.api('demo')).projectId(),
    };
    return new RoutingWorld({ distributedLab, random, api, networks, kinds, projects });
  }

  get lab(): Lab {
    return this.distributedLab.lab;
  }

  /** The name of any host. */
  anyHost(): string {
    return this.random.pick([...this.lab.hosts.keys()]) ?? '';
  }

  /** The network of that number. */
  network(number: number): Network {
    const found = this.networks.find((each) => each.number === number);
    if (found === undefined) throw new Error(`there is no network ${number}`);
    return found;
  }

  projectId(project: Machine['project']): string {
    return this.#projects[project];
  }

  hostOf({ host }: Pick<Machine, 'host'>): LabHost {
    return this.lab.host(host);
  }

  /** Makes the instance on a host, with its addresses and the way to its router, as its operating system does. */
  async plug(machine: Machine, name: string): Promise<void> {
    const { name: netns, portId, mac, address, extraAddress, network } = machine;
    const host = this.lab.host(name);
    await host.script(`
      ip netns add ${netns}
      ip -n ${netns} link set lo up
      ip link add ${deviceOf(machine)} type veth peer name eth0 address ${mac} netns ${netns}
      ip link set ${deviceOf(machine)} up
      ip netns exec ${netns} ethtool -K eth0 tx off >/dev/null
      ip -n ${netns} link set eth0 mtu 1400 up
      ip -n ${netns} addr add ${address}/24 dev eth0
      ip -n ${netns} addr add ${extraAddress}/32 dev lo
      ip -n ${netns} route add default via 10.0.${network}.1
      ovs-vsctl --timeout=30 --may-exist add-port br-int ${deviceOf(machine)} \\
        -- set Interface ${deviceOf(machine)} external_ids:iface-id=${portId} \\
           external_ids:attached-mac=${mac} external_ids:iface-status=active`);
  }

  /** Removes the instance's device and all else from a host. */
  async unplug(machine: Machine, name: string): Promise<void> {
    await this.lab.host(name).script(`
      ovs-vsctl --timeout=30 --if-exists del-port br-int ${deviceOf(machine)}
      ip link del ${deviceOf(machine)}
      ip netns del ${machine.name}`);
  }
}

export function deviceOf({ portId }: Pick<Machine, 'portId'>): string {
  return `tap${portId}`.slice(0, 14);
}
