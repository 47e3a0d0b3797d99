// Which hosts have to do with which networks, by the ports that are bound to them: a host sees a network that it has a
// port of, and serves one that it has a DHCP port of, or that lies behind a router of its own. It knows all ports of a
// network that it serves.

import type { PortView } from '@neutronium/model/host-view';
import { IndexOfSets } from './index-of-sets.ts';
import { dhcpHostOf } from './project.ts';

/** A host and a network as one key. Neither ids nor host names have spaces in them. */
type Place = `${string} ${string}`;

export class NetworkHosts {
  readonly #bound = new IndexOfSets<Place, string>();
  readonly #dhcp = new IndexOfSets<Place, string>();
  readonly #routed = new IndexOfSets<Place, string>();
  readonly #hostsOfNetwork = new IndexOfSets<string, string>();
  readonly #networksOfHost = new IndexOfSets<string, string>();

  /** `isInterface` says that a router has the port, and the network lies behind it. */
  add(port: PortView, isInterface: boolean): void {
    if (port.host === '') return;
    const place = placeOf(port.host, port.network_id);
    this.#bound.add(place, port.id);
    if (dhcpHostOf(port) !== undefined) this.#dhcp.add(place, port.id);
    if (isInterface) this.#routed.add(place, port.id);
    this.#hostsOfNetwork.add(port.network_id, port.host);
    this.#networksOfHost.add(port.host, port.network_id);
  }

  remove(port: PortView): void {
    if (port.host === '') return;
    const place = placeOf(port.host, port.network_id);
    this.#bound.delete(place, port.id);
    this.#dhcp.delete(place, port.id);
    this.#routed.delete(place, port.id);
    if (this.#bound.has(place)) return;
    this.#hostsOfNetwork.delete(port.network_id, port.host);
    this.#networksOfHost.delete(port.host, port.network_id);
  }

  sees(host: string, networkId: string): boolean {
    return this.#bound.has(placeOf(host, networkId));
  }

  /** The port by which the host serves the network: the first of several, so that every server names the same. */
  dhcpPortOf(host: string, networkId: string): string | undefined {
    const ports = this.#dhcp.get(placeOf(host, networkId));
    return ports.size === 0 ? undefined : [...ports].reduce((first, id) => (id < first ? id : first));
  }

  serves(host: string, networkId: string): boolean {
    const place = placeOf(host, networkId);
    return this.#dhcp.has(place) || this.#routed.has(place);
  }

  hostsOf(networkId: string): ReadonlySet<string> {
    return this.#hostsOfNetwork.get(networkId);
  }

  networksOf(host: string): ReadonlySet<string> {
    return this.#networksOfHost.get(host);
  }

  /** Hosts with ports. */
  get hosts(): Iterable<string> {
    return this.#networksOfHost.keys;
  }

  boundPorts(host: string, networkId: string): ReadonlySet<string> {
    return this.#bound.get(placeOf(host, networkId));
  }
}

function placeOf(host: string, networkId: string): Place {
  return `${networkId} ${host}`;
}
