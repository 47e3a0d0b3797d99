// Where ports are, or were while somebody did not follow the log: from the entries that he has missed and the state that
// has them folded in. What a highly available router's ports have for hosts changes with ports that are none of theirs.

import type { PortView } from '@neutronium/model/host-view';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { IndexOfSets } from './index-of-sets.ts';
import { routerPortKind, type RouterPortRow, type Routers } from './routers.ts';
import type { LoggedObject } from './topology.ts';

export interface MissedSources {
  readonly routers: Pick<Routers, 'routerPort' | 'portsOf' | 'haPortsOf'>;
  /** As they are bound now, by id. */
  readonly ports: ReadonlyMap<string, Pick<PortView, 'host' | 'network_id'>>;
}

export class MissedPlaces {
  readonly #sources: MissedSources;
  readonly #bindings = new IndexOfSets<string, string>();
  readonly #networks = new IndexOfSets<string, string>();
  readonly #routersOfPort = new IndexOfSets<string, string>();
  readonly #haPorts = new IndexOfSets<string, string>();
  /** Ports of which something may differ. */
  readonly ports = new Set<string>();

  constructor(entries: readonly LoggedObject[], sources: MissedSources) {
    this.#sources = sources;
    for (const { kind, id, before, after } of entries) {
      if (kind !== port.name && kind !== routerPortKind) continue;
      this.ports.add(id);
      for (const state of [before, after]) if (state !== null) this.#take(kind, id, state);
      const present = sources.routers.routerPort(id);
      if (present?.role === 'ha') this.#haPorts.add(present.router_id, id);
    }
    for (const routerId of this.#haPorts.keys) {
      for (const follower of sources.routers.portsOf(routerId)) this.ports.add(follower);
    }
  }

  /** Every host that the port may have had, or has. */
  hostsOf(portId: string): ReadonlySet<string> {
    const sharing = this.routersOf(portId).flatMap((id) => [
      ...this.#haPorts.get(id),
      ...this.#sources.routers.haPortsOf(id),
    ]);
    return new Set([portId, ...sharing].flatMap((id) => this.#bindingsOf(id)).filter((host) => host !== ''));
  }

  /** Every router that may have had the port, or has it. */
  routersOf(portId: string): readonly string[] {
    const present = this.#sources.routers.routerPort(portId)?.router_id;
    return [...this.#routersOfPort.get(portId), ...(present === undefined ? [] : [present])];
  }

  /** Every network that the port may have been on, or is. */
  networksOf(portId: string): ReadonlySet<string> {
    const present = this.#sources.ports.get(portId);
    return new Set([...this.#networks.get(portId), ...(present === undefined ? [] : [present.network_id])]);
  }

  #take(kind: string, id: string, state: NonNullable<LoggedObject['after']>): void {
    // The log holds whole records of the kind that it names: the store wrote them.
    if (kind === port.name) {
      const record = state as PortRecord;
      this.#bindings.add(id, record['binding:host_id']);
      this.#networks.add(id, record.network_id);
      return;
    }
    const row = state as unknown as RouterPortRow;
    this.#routersOfPort.add(id, row.router_id);
    if (row.role === 'ha') this.#haPorts.add(row.router_id, id);
  }

  #bindingsOf(portId: string): readonly string[] {
    const present = this.#sources.ports.get(portId);
    return [...this.#bindings.get(portId), ...(present === undefined ? [] : [present.host])];
  }
}
