// Which hosts have to do with which networks, by the ports that are bound to them: a host sees a network that it has a
// port of, and serves the DHCP of one that it has a DHCP port of.

import type { PortView } from '@neutronium/model/host-view';
import { IndexOfSets } from './index-of-sets.ts';
import { dhcpHostOf } from './project.ts';

/** A host and a network as one key. Neither ids nor host names have spaces in them. */
type Place = `${string} ${string}`;

export class NetworkHosts {
  readonly #bound = new IndexOfSets<Place, string>();
  readonly #dhcp = new IndexOfSets<Place, string>();
  readonly #hostsOfNetwork = new IndexOfSets<string, string>();
  readonly #networksOfHost = new IndexOfSets<string, string>();

  add(port: PortView): void {
    if (port.host === '') return;
    const place = placeOf(port.host, port.network_id);
    this.#bound.add(place, port.id);
    if (dhcpHostOf(port) !== undefined) this.#dhcp.add(place, port.id);
    this.#hostsOfNetwork.add(port.network_id, port.host);
    this.#networksOfHost.add(port.host, port.network_id);
  }

  remove(port: PortView): void {
    if (port.host === '') return;
    const place = placeOf(port.host, port.network_id);
    this.#bound.delete(place, port.id);
    this.#dhcp.delete(place, port.id);
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
    return this.#dhcp.has(placeOf(host, networkId));
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
