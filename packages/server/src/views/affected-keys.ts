// Names of objects that may have changed in the views of hosts, collected without duplicates.

import type { ObjectKey, Section } from '@neutronium/model/host-view';

export class AffectedKeys {
  readonly #byHost = new Map<string, Map<string, ObjectKey>>();

  add(host: string, section: Section, id: string): void {
    let keys = this.#byHost.get(host);
    if (keys === undefined) {
      keys = new Map();
      this.#byHost.set(host, keys);
    }
    const name = `${section}/${id}`;
    if (!keys.has(name)) keys.set(name, { section, id });
  }

  addAll(other: AffectedKeys): void {
    for (const host of other.hosts) for (const { section, id } of other.of(host)) this.add(host, section, id);
  }

  get hosts(): Iterable<string> {
    return this.#byHost.keys();
  }

  of(host: string): readonly ObjectKey[] {
    return [...(this.#byHost.get(host)?.values() ?? [])];
  }
}
