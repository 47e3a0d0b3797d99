// The rows of associations of local IPs with ports. Each write is in the change log, like that of a record.

import { localIpAssociation } from '@neutronium/model/resources/local-ip-association';
import type { LocalIpPortAssociationsTable as Association } from '../../store/database.ts';
import type { Reader, Writer } from '../../store/store.ts';

/** Those of one local IP, by the ids of the ports. */
export async function associationsOf({ db }: Reader, localIpId: string): Promise<readonly Association[]> {
  return db
    .selectFrom('local_ip_port_associations')
    .selectAll()
    .where('local_ip_id', '=', localIpId)
    .orderBy('fixed_port_id')
    .execute();
}

/** The ports that a local IP leads to. */
export async function associatedPorts(store: Reader, localIpId: string): Promise<readonly string[]> {
  return (await associationsOf(store, localIpId)).map(({ fixed_port_id }) => fixed_port_id);
}

/** A second association of the same two violates a unique constraint. */
export async function addAssociation(store: Writer, association: Association): Promise<void> {
  await store.db.insertInto('local_ip_port_associations').values(association).execute();
  store.log({ kind: localIpAssociation.name, id: nameOf(association), before: null, after: { ...association } });
}

export async function removeAssociation(store: Writer, association: Association): Promise<void> {
  await store.db
    .deleteFrom('local_ip_port_associations')
    .where('local_ip_id', '=', association.local_ip_id)
    .where('fixed_port_id', '=', association.fixed_port_id)
    .execute();
  store.log({ kind: localIpAssociation.name, id: nameOf(association), before: { ...association }, after: null });
}

/** Lets no local IP lead to the port any more, which is about to go. */
export async function removeAssociationsOf(store: Writer, portId: string): Promise<void> {
  const all = await store.db
    .selectFrom('local_ip_port_associations')
    .selectAll()
    .where('fixed_port_id', '=', portId)
    .execute();
  for (const association of all) await removeAssociation(store, association);
}

function nameOf({ local_ip_id, fixed_port_id }: Association): string {
  return `${local_ip_id}/${fixed_port_id}`;
}
