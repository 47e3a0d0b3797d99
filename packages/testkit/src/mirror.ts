// A host as the tests of views see it: it holds what it was told, and nothing else.

import type { HostObject, ObjectKey } from '@neutronium/model/host-view';
import { Topology, type LoggedObject } from '@neutronium/server/views/topology';

/** The topology after those entries of the log. */
export function topologyOf(entries: Iterable<LoggedObject>): Topology {
  const topology = new Topology('example.org.');
  for (const entry of entries) topology.apply(entry);
  return topology;
}

export function nameOf({ section, id }: ObjectKey): string {
  return `${section}/${id}`;
}

/** By name, without the number that hosts are not told of when nothing else has changed. */
export function comparable(objects: Iterable<HostObject>): ReadonlyMap<string, HostObject> {
  const entries = [...objects].map((object): [string, HostObject] => [
    nameOf(object),
    object.section === 'ports' ? { ...object, revision_number: 0 } : object,
  ]);
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a host holds that is told the objects of the given names as they are now. */
export class Mirror {
  readonly objects = new Map<string, HostObject>();

  take(topology: Topology, host: string, keys: readonly ObjectKey[]): void {
    for (const key of keys) {
      const object = topology.object(host, key);
      if (object === undefined) this.objects.delete(nameOf(key));
      else this.objects.set(nameOf(key), object);
    }
  }
}
