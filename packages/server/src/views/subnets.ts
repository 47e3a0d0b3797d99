// Subnets as hosts see them: those of the networks that they see, each in the address scope of its pool.

import { isDeepStrictEqual } from 'node:util';
import type { SubnetView } from '@neutronium/model/host-view';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { subnetpool, type SubnetPoolRecord } from '@neutronium/model/resources/subnetpool';
import type { Reader } from '../store/store.ts';
import { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';
import type { NetworkHosts } from './network-hosts.ts';
import { PoolScopes } from './pool-scopes.ts';
import { subnetView } from './project.ts';
import type { LoggedObject } from './topology.ts';

export class Subnets {
  readonly #hosts: NetworkHosts;
  readonly #views = new Map<string, SubnetView>();
  readonly #ofNetwork = new IndexOfSets<string, string>();
  readonly #scopes = new PoolScopes();

  /** `hosts` knows who sees which network. */
  constructor(hosts: NetworkHosts) {
    this.#hosts = hosts;
  }

  /** Takes in everything that the store has. */
  async load(reader: Reader): Promise<void> {
    for (const record of await reader.list(subnetpool, {})) this.putPool(record.id, record);
    for (const record of await reader.list(subnet, {})) this.putSubnet(record.id, record);
  }

  putSubnet(id: string, record: SubnetRecord | null): AffectedKeys {
    this.#scopes.putSubnet(id, record?.subnetpool_id ?? null);
    return this.#replace(id, record === null ? undefined : subnetView(record, this.#scopes.scopeOf(id)));
  }

  /** The pool of some subnets is in another address scope now. */
  putPool(id: string, record: SubnetPoolRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    for (const subnetId of this.#scopes.putPool(id, record)) {
      const view = this.#views.get(subnetId);
      if (view === undefined) continue;
      affected.addAll(this.#replace(subnetId, { ...view, address_scope_id: this.#scopes.scopeOf(subnetId) }));
    }
    return affected;
  }

  /** The ids of the network's subnets. */
  ofNetwork(networkId: string): ReadonlySet<string> {
    return this.#ofNetwork.get(networkId);
  }

  object(host: string, id: string): SubnetView | undefined {
    const found = this.#views.get(id);
    return found !== undefined && this.#hosts.sees(host, found.network_id) ? found : undefined;
  }

  /** Adds the names of what may differ for the host between a state before `entries` and this one. */
  addChangedSince(affected: AffectedKeys, host: string, entries: readonly LoggedObject[]): void {
    for (const { kind, id } of entries) {
      if (kind === subnet.name) affected.add(host, 'subnets', id);
      if (kind !== subnetpool.name) continue;
      for (const subnetId of this.#scopes.subnetsOf(id)) affected.add(host, 'subnets', subnetId);
    }
  }

  #replace(id: string, after: SubnetView | undefined): AffectedKeys {
    const before = this.#views.get(id);
    const affected = new AffectedKeys();
    if (isDeepStrictEqual(before, after)) return affected;
    if (before !== undefined) {
      this.#views.delete(id);
      this.#ofNetwork.delete(before.network_id, id);
    }
    if (after !== undefined) {
      this.#views.set(id, after);
      this.#ofNetwork.add(after.network_id, id);
    }
    for (const either of [before, after]) {
      if (either === undefined) continue;
      for (const host of this.#hosts.hostsOf(either.network_id)) affected.add(host, 'subnets', id);
    }
    return affected;
  }
}
