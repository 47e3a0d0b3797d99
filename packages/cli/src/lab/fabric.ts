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
  /** The end on its wire of each card, by the names of its host and its own. */
  readonly #ends = new Map<string, { readonly end: string; readonly wire: Wire }>();

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

  /** Puts cards into hosts. */
  async plug(cards: readonly Card[]): Promise<void> {
    // The host's first process is known by its number outside; `ip` must run where that number means something.
    const lines = cards.map(({ host, wire, device }) => {
      const end = `card${(this.#cards += 1)}`;
      this.#ends.set(`${host.name} ${device}`, { end, wire });
      const card = `name ${device} address ${hardwareAddress(host.name, device)} netns ${host.initPid}`;
      return `link add ${end} type veth peer ${card}\nlink set ${end} master ${wire} up\n`;
    });
    await this.host.runOutsidePids(['ip', '-batch', '-'], { stdin: lines.join('') });
  }

  /** Takes a card off its wire. Its host is not told: the card goes on to have a carrier, addresses and routes. */
  async cut(card: Pick<Card, 'host' | 'device'>): Promise<void> {
    await this.host.script(`ip link set ${this.#endOf(card).end} nomaster`);
  }

  /** Puts a card back on its wire. */
  async mend(card: Pick<Card, 'host' | 'device'>): Promise<void> {
    const { end, wire } = this.#endOf(card);
    await this.host.script(`ip link set ${end} master ${wire}`);
  }

  #endOf({ host, device }: Pick<Card, 'host' | 'device'>): { readonly end: string; readonly wire: Wire } {
    const found = this.#ends.get(`${host.name} ${device}`);
    if (found === undefined) throw new Error(`${host.name} has no card ${device}`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.dispose();
  }
}
