// Local IPs as hosts see them: a host sees the associations with ports that are bound to it. One that comes or goes costs
// its host one object.

import type { LocalIpView, ObjectKey, PortView } from '@neutronium/model/host-view';
import { localIp, type LocalIpRecord } from '@neutronium/model/resources/local-ip';
import { localIpAssociation } from '@neutronium/model/resources/local-ip-association';
import { port } from '@neutronium/model/resources/port';
import { family } from '@neutronium/net/ip';
import type { LocalIpPortAssociationsTable } from '../store/database.ts';
import type { Reader } from '../store/store.ts';
import { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';
import type { LoggedObject } from './topology.ts';

export type AssociationRow = LocalIpPortAssociationsTable;

const section = 'local_ips';

export class LocalIps {
  readonly #ports: ReadonlyMap<string, PortView>;
  readonly #localIps = new Map<string, Pick<LocalIpRecord, 'local_ip_address' | 'ip_mode'>>();
  /** By `<id of the local IP>/<id of the port>`, as the log calls them. */
  readonly #associations = new Map<string, AssociationRow>();
  readonly #ofLocalIp = new IndexOfSets<string, string>();
  readonly #ofPort = new IndexOfSets<string, string>();
  readonly #ofHost = new IndexOfSets<string, string>();

  /** `ports` are all ports as hosts see them, by id. */
  constructor(ports: ReadonlyMap<string, PortView>) {
    this.#ports = ports;
  }

  /** Takes in everything that the store has; the ports come before. */
  async load(reader: Reader): Promise<void> {
    for (const record of await reader.list(localIp, {})) this.putLocalIp(record.id, record);
    for (const row of await reader.db.selectFrom('local_ip_port_associations').selectAll().execute()) {
      this.putAssociation(`${row.local_ip_id}/${row.fixed_port_id}`, row);
    }
  }

  putLocalIp(id: string, record: LocalIpRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    if (record === null) this.#localIps.delete(id);
    else this.#localIps.set(id, record);
    for (const name of this.#ofLocalIp.get(id)) this.#tell(affected, name);
    return affected;
  }

  putAssociation(name: string, row: AssociationRow | null): AffectedKeys {
    const affected = new AffectedKeys();
    const known = row ?? this.#associations.get(name);
    if (known === undefined) return affected;
    const host = this.#hostOf(known);
    if (row === null) this.#associations.delete(name);
    else this.#associations.set(name, row);
    for (const [index, key] of [
      [this.#ofLocalIp, known.local_ip_id],
      [this.#ofPort, known.fixed_port_id],
      [this.#ofHost, host],
    ] as const) {
      if (row === null) index.delete(key, name);
      else index.add(key, name);
    }
    if (host !== '') affected.add(host, section, name);
    return affected;
  }

  /** The port is `after` now, which the map of ports has already. */
  putPort(affected: AffectedKeys, before: PortView | undefined, after: PortView | undefined): void {
    for (const name of this.#ofPort.get((after ?? before)?.id ?? '')) {
      for (const host of [before?.host ?? '', after?.host ?? '']) {
        this.#ofHost.delete(host, name);
        if (host !== '') affected.add(host, section, name);
      }
      this.#ofHost.add(after?.host ?? '', name);
    }
  }

  /** An association with an address that its port has lost leads nowhere. */
  object(host: string, name: string): LocalIpView | undefined {
    const association = this.#associations.get(name);
    if (association === undefined || this.#hostOf(association) !== host) return undefined;
    const { local_ip_id, fixed_port_id, fixed_ip } = association;
    const { local_ip_address = null, ip_mode = 'translate' } = this.#localIps.get(local_ip_id) ?? {};
    const has = this.#ports.get(fixed_port_id)?.fixed_ips.some(({ ip_address }) => ip_address === fixed_ip) ?? false;
    // Hosts answer ARP for local IPs, which IPv6 has no use for.
    if (!has || local_ip_address === null || family(local_ip_address) !== 4 || family(fixed_ip) !== 4) return undefined;
    return { section, id: name, port_id: fixed_port_id, local_ip_address, fixed_ip, ip_mode };
  }

  keysOf(host: string): readonly ObjectKey[] {
    return [...this.#ofHost.get(host)].map((id) => ({ section, id }));
  }

  /** Adds what may differ for the host between a state before `entries` and this one. */
  addChangedSince(affected: AffectedKeys, host: string, entries: readonly LoggedObject[]): void {
    for (const { kind, id } of entries) {
      if (kind === localIpAssociation.name) affected.add(host, section, id);
      const index = kind === port.name ? this.#ofPort : kind === localIp.name ? this.#ofLocalIp : undefined;
      for (const name of index?.get(id) ?? []) affected.add(host, section, name);
    }
  }

  #tell(affected: AffectedKeys, name: string): void {
    const association = this.#associations.get(name);
    const host = association === undefined ? '' : this.#hostOf(association);
    if (host !== '') affected.add(host, section, name);
  }

  #hostOf({ fixed_port_id }: AssociationRow): string {
    return this.#ports.get(fixed_port_id)?.host ?? '';
  }
}
