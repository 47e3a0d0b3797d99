// What a cloud to which random things happen has, as far as the next operation needs to know, and how an operation is
// done. One that the API refuses has not happened; one that it cannot carry out ends the test.

import type { LabApi } from '@neutronium/cli/lab/api';
import type { Lab } from '@neutronium/cli/lab/lab';
import { AnsweringApi } from '../answering-api.ts';
import type { Seeded } from '../seeded.ts';

export interface Created {
  readonly id: string;
}

export interface CreatedPort extends Created {
  readonly mac_address: string;
}

export interface Network extends Created {
  readonly external: boolean;
  readonly number: number;
  readonly subnets: string[];
}

/** What an instance has besides the port that its device is. */
export interface Trunk extends Created {
  readonly subPorts: string[];
  /** A tag that none of them has had. */
  nextTag: number;
}

export interface Instance extends CreatedPort {
  readonly network: Network;
  /** The host that its port is bound to. */
  host: string;
  /** The host on which its device is; null where it is on none. */
  deviceOn: string | null;
  readonly trunk: Trunk | null;
}

export interface Router extends Created {
  readonly interfaces: Set<string>;
}

/** How many there are of each at the most: a host has two processors, and each network and router costs processes. */
export const most = {
  networks: 9,
  instances: 24,
  trunks: 4,
  subPorts: 3,
  routers: 4,
  floatingIps: 6,
  groups: 5,
  policies: 4,
} as const;

/** What happened, in words; null where nothing could. */
export type Happening = Promise<string | null>;

/** Where the instance's device is plugged. */
function bridgeOf({ trunk }: Instance): string {
  return trunk === null ? 'br-int' : `tbr-${trunk.id}`.slice(0, 14);
}

export class World {
  readonly lab: Lab;
  readonly random: Seeded;
  readonly networks: Network[] = [];
  readonly instances: Instance[] = [];
  readonly routers: Router[] = [];
  readonly floatingIps: Created[] = [];
  readonly groups: (Created & { readonly rules: string[] })[] = [];
  /** Each with the paths of its rules below its own. */
  readonly policies: (Created & { readonly rules: string[] })[] = [];
  readonly #api: AnsweringApi;
  readonly #taken = new Set<Instance>();
  /** Counts what needs a name or an address of its own. */
  numbered = 0;

  constructor(parts: { readonly lab: Lab; readonly api: LabApi; readonly random: Seeded }) {
    this.lab = parts.lab;
    this.#api = new AnsweringApi(parts.api);
    this.random = parts.random;
  }

  /** Makes a device for the instance on a host, and plugs it as Nova does. */
  async plugOn(instance: Instance, host: string): Promise<void> {
    instance.deviceOn = host;
    const device = `tap${instance.id}`.slice(0, 14);
    const bridge = bridgeOf(instance);
    // The bridge of a trunk is made by whoever comes first, Nova's os-vif or our agent.
    const made =
      instance.trunk === null ? '' : `add-br ${bridge} -- set Bridge ${bridge} datapath_type=netdev -- --may-exist`;
    await this.lab.host(host).script(`
      ip tuntap add dev ${device} mode tap
      ip link set ${device} up
      ovs-vsctl --timeout=30 --may-exist ${made} add-port ${bridge} ${device} \\
        -- set Interface ${device} external_ids:iface-id=${instance.id} \\
           external_ids:attached-mac=${instance.mac_address} external_ids:iface-status=active`);
  }

  /** Takes the device of the instance, if it has one. */
  async unplugFrom(instance: Instance): Promise<void> {
    const host = instance.deviceOn;
    if (host === null) return;
    instance.deviceOn = null;
    const device = `tap${instance.id}`.slice(0, 14);
    await this.lab.host(host).script(`
      ovs-vsctl --timeout=30 --if-exists del-port ${device}
      ip link del ${device}`);
  }

  /** One of the instances whose device no other operation is about just now, until it is disposed of. */
  takeInstance(suits: (instance: Instance) => boolean = () => true): Disposable & { readonly instance?: Instance } {
    const instance = this.random.pick(this.instances.filter((each) => !this.#taken.has(each) && suits(each)));
    if (instance === undefined) return { [Symbol.dispose]: () => undefined };
    this.#taken.add(instance);
    return { instance, [Symbol.dispose]: () => void this.#taken.delete(instance) };
  }

  /** The name of any host. */
  host(): string {
    const host = this.random.pick([...this.lab.hosts.keys()]);
    if (host === undefined) throw new Error('the lab has no hosts');
    return host;
  }

  /** The name of a physical network of the lab. */
  physnet(number: number): string {
    const { name } = this.lab.topology.physicalNetworks[number] ?? {};
    if (name === undefined) throw new Error('the lab has too few physical networks');
    return name;
  }

  /** Networks of tenants. */
  inner(): readonly Network[] {
    return this.networks.filter(({ external }) => !external);
  }

  /** The id of the external network. */
  outside(): string | undefined {
    return this.networks.find(({ external }) => external)?.id;
  }

  /** Ids of any security groups. */
  someGroups(): readonly string[] {
    return this.groups.filter(() => this.random.chance(0.4)).map(({ id }) => id);
  }

  /** Whether the object was removed. It is no longer known then. */
  async remove<T extends Created>(collection: string, object: T, known: T[]): Promise<boolean> {
    if ((await this.ask('DELETE', `${collection}/${object.id}`)) === null) return false;
    const index = known.indexOf(object);
    if (index >= 0) known.splice(index, 1);
    return true;
  }

  /** What the API has made; null where it refuses. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T | null> {
    return await this.#api.ask<T>(method, path, body);
  }

  /** Requests that the API has refused. */
  get refused(): number {
    return this.#api.refused;
  }
}
