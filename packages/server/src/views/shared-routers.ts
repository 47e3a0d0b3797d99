// Routers that several hosts share: the ports by which their hosts hear each other, and what they are called there.

import type { HaRouterView, PortView } from '@neutronium/model/host-view';
import { IndexOfSets } from './index-of-sets.ts';
import type { RouterPortRow } from './routers.ts';

/** What the log says of a highly available router; its kind there is `virtual_router`, its id the router's. */
export interface VirtualRouterRow {
  readonly router_id: string;
  readonly network_id: string;
  readonly vr_id: number;
}

/** What the log calls the ids by which the agents of highly available routers know them. */
export const virtualRouterKind = 'virtual_router';

export class SharedRouters {
  readonly #bound: ReadonlyMap<string, Pick<PortView, 'host'>>;
  readonly #rows = new Map<string, RouterPortRow>();
  /** By router. */
  readonly #ports = new IndexOfSets<string, string>();
  readonly #virtualRouters = new Map<string, VirtualRouterRow>();

  /** `bound` are all ports as they are bound, by id. */
  constructor(bound: ReadonlyMap<string, Pick<PortView, 'host'>>) {
    this.#bound = bound;
  }

  /** A router has a port. What is none by which hosts hear each other counts for nothing here. */
  addPort(row: RouterPortRow): void {
    if (row.role !== 'ha') return;
    this.#rows.set(row.port_id, row);
    this.#ports.add(row.router_id, row.port_id);
  }

  removePort({ port_id, router_id }: RouterPortRow): void {
    this.#rows.delete(port_id);
    this.#ports.delete(router_id, port_id);
  }

  putVirtualRouter(id: string, row: VirtualRouterRow | null): void {
    if (row === null) this.#virtualRouters.delete(id);
    else this.#virtualRouters.set(id, row);
  }

  has(routerId: string): boolean {
    return this.#ports.has(routerId);
  }

  portsOf(routerId: string): ReadonlySet<string> {
    return this.#ports.get(routerId);
  }

  /** In their order. */
  hostsOf(routerId: string): readonly string[] {
    const hosts = [...this.#ports.get(routerId)].flatMap((portId) => this.#bound.get(portId)?.host ?? []);
    return [...new Set(hosts)].filter((host) => host !== '').toSorted();
  }

  /** Whether the host has a port by which hosts of the router hear each other. */
  isSharedWith(host: string, routerId: string): boolean {
    return [...this.#ports.get(routerId)].some((portId) => this.#bound.get(portId)?.host === host);
  }

  /** Null for a router that is not highly available, undefined on a host that does not share in this one. */
  viewOf(host: string, routerId: string): HaRouterView | null | undefined {
    const shared = this.#ports.get(routerId);
    if (shared.size === 0) return null;
    const [own] = [...shared].filter((portId) => this.#bound.get(portId)?.host === host).toSorted();
    const row = own === undefined ? undefined : this.#rows.get(own);
    const virtual = this.#virtualRouters.get(routerId);
    if (row === undefined || virtual === undefined) return undefined;
    return { port_id: row.port_id, vr_id: virtual.vr_id, priority: priorityAt(row.position) };
  }
}

/**
 * Neighbouring places are so far apart that of two hosts that miss the active one at the same time the first is heard
 * before the other would speak: ten of 256 parts of a second (RFC 3768 section 5.3.4, skew time).
 */
const [firstPriority, priorityStep] = [240, 10];

function priorityAt(position: number): number {
  return Math.max(1, firstPriority - position * priorityStep);
}
