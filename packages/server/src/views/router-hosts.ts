// Which hosts carry which routers: those that have a port of the router. Several hosts may carry one router.

import { IndexOfSets } from './index-of-sets.ts';

interface PortOnHost {
  readonly id: string;
  readonly host: string;
}

export class RouterHosts {
  /** Ports by `<router> <host>`. Neither ids nor host names have spaces in them. */
  readonly #ports = new IndexOfSets<string, string>();
  readonly #hostsOfRouter = new IndexOfSets<string, string>();
  readonly #routersOfHost = new IndexOfSets<string, string>();

  /** Whether the port is the first of the router on its host. */
  add(routerId: string, { id, host }: PortOnHost): boolean {
    const place = `${routerId} ${host}`;
    const first = !this.#ports.has(place);
    this.#ports.add(place, id);
    this.#hostsOfRouter.add(routerId, host);
    this.#routersOfHost.add(host, routerId);
    return first;
  }

  /** Whether the port was the last of the router on its host. */
  remove(routerId: string, { id, host }: PortOnHost): boolean {
    const place = `${routerId} ${host}`;
    if (!this.#ports.has(place)) return false;
    this.#ports.delete(place, id);
    if (this.#ports.has(place)) return false;
    this.#hostsOfRouter.delete(routerId, host);
    this.#routersOfHost.delete(host, routerId);
    return true;
  }

  hostsOf(routerId: string): ReadonlySet<string> {
    return this.#hostsOfRouter.get(routerId);
  }

  routersOf(host: string): ReadonlySet<string> {
    return this.#routersOfHost.get(host);
  }

  carries(host: string, routerId: string): boolean {
    return this.#ports.has(`${routerId} ${host}`);
  }
}
