// Where the floating IPs of distributed routers are reached: on the host of their instance where that has a way outside of
// its own, and by the centre of the router otherwise.

import type { FloatingIpView } from '@neutronium/model/host-view';
import type { AgentGateway } from '../resources/floatingip/agent-gateways.ts';
import type { Distribution } from './distribution.ts';
import { IndexOfSets } from './index-of-sets.ts';
import type { PlacedPort } from './placed-port.ts';

/** An external network and a host as one key. Neither ids nor host names have spaces in them. */
type Place = `${string} ${string}`;

export interface HomeSources {
  /** All ports as hosts have them, by id. */
  readonly placed: ReadonlyMap<string, PlacedPort>;
  readonly distribution: Distribution;
}

export class FloatingHomes {
  readonly #sources: HomeSources;
  readonly #gateways = new Map<string, AgentGateway>();
  readonly #gatewayAt = new Map<Place, string>();
  readonly #networksOfHost = new IndexOfSets<string, string>();
  readonly #ofPort = new IndexOfSets<string, string>();
  /** By the host of the port, which is empty for ports that have none. */
  readonly #ofHost = new IndexOfSets<string, string>();

  constructor(sources: HomeSources) {
    this.#sources = sources;
  }

  /** The port by which the host is reached from the external network for its instances. */
  gatewayPortOf(host: string, networkId: string): string | undefined {
    return this.#gatewayAt.get(placeOf(networkId, host));
  }

  /** The external networks from which the host is reached. */
  networksOf(host: string): ReadonlySet<string> {
    return this.#networksOfHost.get(host);
  }

  /** The floating IP stands for something else, or for nothing. */
  putFloatingIp(before: FloatingIpView | undefined, after: FloatingIpView | undefined): void {
    if (before !== undefined && before.port_id !== null) {
      this.#ofPort.delete(before.port_id, before.id);
      this.#ofHost.delete(this.hostOf(before.port_id), before.id);
    }
    if (after !== undefined && after.port_id !== null) {
      this.#ofPort.add(after.port_id, after.id);
      this.#ofHost.add(this.hostOf(after.port_id), after.id);
    }
  }

  /** The port is on another host than before; empty for none. */
  movePort(id: string, before: string, after: string): void {
    for (const floatingIp of this.#ofPort.get(id)) {
      this.#ofHost.delete(before, floatingIp);
      this.#ofHost.add(after, floatingIp);
    }
  }

  /** The ids of the floating IPs that stand for addresses of the port. */
  ofPort(portId: string): ReadonlySet<string> {
    return this.#ofPort.get(portId);
  }

  /** The ids of the floating IPs that stand for addresses of ports of the host. */
  ofHost(host: string): ReadonlySet<string> {
    return this.#ofHost.get(host);
  }

  /** The places that the port was or is for. */
  putGateway(id: string, row: AgentGateway | null): readonly AgentGateway[] {
    const before = this.#gateways.get(id);
    if (before !== undefined) {
      this.#gateways.delete(id);
      this.#gatewayAt.delete(placeOf(before.network_id, before.host));
      this.#networksOfHost.delete(before.host, before.network_id);
    }
    if (row !== null) {
      this.#gateways.set(id, row);
      this.#gatewayAt.set(placeOf(row.network_id, row.host), id);
      this.#networksOfHost.add(row.host, row.network_id);
    }
    return [before, row].filter((each) => each !== undefined && each !== null);
  }

  /** Whether the host is where the floating IP of a distributed router is reached. */
  isHome(host: string, floatingIp: FloatingIpView): boolean {
    const local = this.#localHost(floatingIp);
    return local === undefined ? this.#sources.distribution.hasCentre(host, floatingIp.router_id) : host === local;
  }

  /** The host of the port; empty where it has none of its own. */
  hostOf(portId: string): string {
    return this.#sources.placed.get(portId)?.view.host ?? '';
  }

  /** The host of the instance, where the floating IP is reached there. */
  #localHost({ port_id, router_id, floating_network_id }: FloatingIpView): string | undefined {
    const host = port_id === null ? '' : this.hostOf(port_id);
    if (host === '' || !this.#sources.distribution.carries(host, router_id)) return undefined;
    return this.gatewayPortOf(host, floating_network_id) === undefined ? undefined : host;
  }
}

function placeOf(networkId: string, host: string): Place {
  return `${networkId} ${host}`;
}
