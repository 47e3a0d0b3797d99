// A map to sets that forgets keys whose set has become empty, so that it never holds more than what is there.

export class IndexOfSets<K, V> {
  readonly #sets = new Map<K, Set<V>>();

  add(key: K, value: V): void {
    const set = this.#sets.get(key);
    if (set === undefined) this.#sets.set(key, new Set([value]));
    else set.add(value);
  }

  delete(key: K, value: V): void {
    const set = this.#sets.get(key);
    if (set === undefined) return;
    set.delete(value);
    if (set.size === 0) this.#sets.delete(key);
  }

  get(key: K): ReadonlySet<V> {
    return this.#sets.get(key) ?? new Set();
  }

  get keys(): Iterable<K> {
    return this.#sets.keys();
  }

  has(key: K): boolean {
    return this.#sets.has(key);
  }
}
