// The address scopes of subnets, which are those of the pools that they were taken from.

import type { SubnetPoolRecord } from '@neutronium/model/resources/subnetpool';
import { IndexOfSets } from './index-of-sets.ts';

export class PoolScopes {
  readonly #scopes = new Map<string, string>();
  readonly #pools = new Map<string, string>();
  readonly #subnetsOfPool = new IndexOfSets<string, string>();

  /** The subnets whose scope has changed. */
  putPool(id: string, record: SubnetPoolRecord | null): ReadonlySet<string> {
    const after = record?.address_scope_id ?? undefined;
    if (this.#scopes.get(id) === after) return new Set();
    if (after === undefined) this.#scopes.delete(id);
    else this.#scopes.set(id, after);
    return this.#subnetsOfPool.get(id);
  }

  /** A subnet is of that pool; of none for null. */
  putSubnet(id: string, poolId: string | null): void {
    const before = this.#pools.get(id);
    if (before !== undefined) this.#subnetsOfPool.delete(before, id);
    if (poolId === null) {
      this.#pools.delete(id);
      return;
    }
    this.#pools.set(id, poolId);
    this.#subnetsOfPool.add(poolId, id);
  }

  scopeOf(subnetId: string): string | null {
    return this.#scopes.get(this.#pools.get(subnetId) ?? '') ?? null;
  }

  subnetsOf(poolId: string): ReadonlySet<string> {
    return this.#subnetsOfPool.get(poolId);
  }
}
