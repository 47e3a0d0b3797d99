// The wires of a lab: a machine of its own with one Linux bridge for each. Cards of hosts are veth pairs whose other ends
// are ports of these bridges, so that whatever hosts say to each other can be looked at here. Linux bridges forward
// frames with VLAN tags as they are.

import { createHash } from 'node:crypto';
import { LabHost } from './host.ts';
import { fabricName } from './topology.ts';

/** Names of the bridges are devices' names: at most 15 characters. */
export type Wire = string;

export interface Card {
  readonly host: LabHost;
  readonly wire: Wire;
  /** The card's name on the host. */
  readonly device: string;
}

/**
 * The MAC address that a card always has: a host that was lost and comes back has the same ones, so that what others
 * remember of it holds. The second bit says that nobody sold it (IEEE 802, clause 8.4).
 */
export function hardwareAddress(host: string, device: string): string {
  const digest = createHash('sha256').update(`${host} ${device}`).digest('hex');
  return ['02', ...(digest.slice(0, 10).match(/../g) ?? [])].join(':');
}

export class Fabric implements AsyncDisposable {
  /** Where the wires are. */
  readonly host: LabHost;
  #cards = 0;

  private constructor(host: LabHost) {
    this.host = host;
  }

  static async start(wires: readonly Wire[]): Promise<Fabric> {
    const host = await LabHost.start({ name: fabricName, openvswitch: false });
    // No spanning tree, and no multicast snooping: a wire has no opinion of its own.
    const lines = wires.map(
      (wire) => `link add ${wire} type bridge forward_delay 0 mcast_snooping 0\nlink set ${wire} up\n`,
    );
    await host.run(['ip', '-batch', '-'], { stdin: lines.join('') });
    // A wire does not answer for itself either.
    await host.script('sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1');
    return new Fabric(host);
  }

  /** Puts cards into hosts. What their ends on the wires are called is given back, in order. */
  async plug(cards: readonly Card[]): Promise<readonly string[]> {
    const ends = cards.map(() => `card${(this.#cards += 1)}`);
    // The host's first process is known by its number outside; `ip` must run where that number means something.
    const lines = cards.map(({ host, wire, device }, index) => {
      const end = ends[index] ?? '';
      const card = `name ${device} address ${hardwareAddress(host.name, device)} netns ${host.initPid}`;
      return `link add ${end} type veth peer ${card}\nlink set ${end} master ${wire} up\n`;
    });
    await this.host.runOutsidePids(['ip', '-batch', '-'], { stdin: lines.join('') });
    return ends;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.dispose();
  }
}
