// Trunks as hosts see them: the part of the topology that is about several networks by one device. A host sees a trunk
// whose parent port is bound to it, with the ports behind it. One of these that comes or goes costs a host one object.

import type { HostObject, ObjectKey, PortView, SubportView } from '@neutronium/model/host-view';
import { port } from '@neutronium/model/resources/port';
import { trunk, type TrunkRecord } from '@neutronium/model/resources/trunk';
import { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';
import type { LoggedObject } from './topology.ts';

type TrunkFacts = Pick<TrunkRecord, 'id' | 'port_id' | 'sub_ports'>;

export class Trunks {
  readonly #ports: ReadonlyMap<string, PortView>;
  readonly #trunks = new Map<string, TrunkFacts>();
  /** By the parent port's id. */
  readonly #trunkOfParent = new Map<string, string>();
  /** By the port's id. */
  readonly #subports = new Map<string, SubportView>();
  readonly #trunksOfHost = new IndexOfSets<string, string>();

  /** `ports` are all ports as hosts see them, by id. */
  constructor(ports: ReadonlyMap<string, PortView>) {
    this.#ports = ports;
  }

  putTrunk(id: string, record: TrunkRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#trunks.get(id);
    const host = this.#hostOf(record ?? before);
    const [was, is] = [tagsOf(before), tagsOf(record)];
    for (const portId of was.keys()) {
      if (!is.has(portId) && this.#subports.get(portId)?.trunk_id === id) this.#subports.delete(portId);
    }
    for (const [portId, segmentation_id] of is) {
      this.#subports.set(portId, { section: 'subports', id: portId, trunk_id: id, segmentation_id });
    }
    if (record === null) {
      this.#trunks.delete(id);
      if (before !== undefined) this.#trunkOfParent.delete(before.port_id);
    } else {
      this.#trunks.set(id, record);
      this.#trunkOfParent.set(record.port_id, id);
    }
    if (host === '') return affected;
    if (record === null) this.#trunksOfHost.delete(host, id);
    else this.#trunksOfHost.add(host, id);
    if ((before === undefined) !== (record === null)) affected.add(host, 'trunks', id);
    for (const portId of new Set([...was.keys(), ...is.keys()])) {
      if (was.get(portId) !== is.get(portId)) affected.add(host, 'subports', portId);
    }
    return affected;
  }

  /** The port is `after` now, which the map of ports has already. */
  putPort(affected: AffectedKeys, before: PortView | undefined, after: PortView | undefined): void {
    if (before?.host === after?.host) return;
    const id = this.#trunkOfParent.get((after ?? before)?.id ?? '');
    if (id === undefined) return;
    for (const host of [before?.host ?? '', after?.host ?? '']) {
      if (host === '') continue;
      if (host === after?.host) this.#trunksOfHost.add(host, id);
      else this.#trunksOfHost.delete(host, id);
      this.#addWhole(affected, host, id);
    }
  }

  object(host: string, { section, id }: ObjectKey): HostObject | undefined {
    const subport = section === 'subports' ? this.#subports.get(id) : undefined;
    const facts = this.#trunks.get(section === 'subports' ? (subport?.trunk_id ?? '') : id);
    if (facts === undefined || this.#hostOf(facts) !== host) return undefined;
    return section === 'subports' ? subport : { section: 'trunks', id: facts.id, port_id: facts.port_id };
  }

  keysOf(host: string): readonly ObjectKey[] {
    const affected = new AffectedKeys();
    for (const id of this.#trunksOfHost.get(host)) this.#addWhole(affected, host, id);
    return affected.of(host);
  }

  /** Adds what may differ for the host between a state before `entries` and this one. */
  addChangedSince(affected: AffectedKeys, host: string, entries: readonly LoggedObject[]): void {
    for (const { kind, id, before, after } of entries) {
      if (kind === port.name) this.#addWhole(affected, host, this.#trunkOfParent.get(id) ?? '');
      if (kind !== trunk.name) continue;
      affected.add(host, 'trunks', id);
      // The log holds whole records of the kind that it names: the store wrote them.
      for (const record of [before as TrunkRecord | null, after as TrunkRecord | null]) {
        for (const portId of tagsOf(record).keys()) affected.add(host, 'subports', portId);
      }
    }
  }

  #addWhole(affected: AffectedKeys, host: string, trunkId: string): void {
    const facts = this.#trunks.get(trunkId);
    if (facts === undefined) return;
    affected.add(host, 'trunks', trunkId);
    for (const { port_id } of facts.sub_ports) affected.add(host, 'subports', port_id);
  }

  /** The host that the parent is bound to; empty where it is bound to none. */
  #hostOf(facts: TrunkFacts | undefined): string {
    return this.#ports.get(facts?.port_id ?? '')?.host ?? '';
  }
}

/** The tag of each port behind the parent. */
function tagsOf(facts: Pick<TrunkRecord, 'sub_ports'> | null | undefined): ReadonlyMap<string, number> {
  return new Map(facts?.sub_ports.map(({ port_id, segmentation_id }) => [port_id, segmentation_id]));
}
