// The ports that a local IP leads to. Whoever adds one holds the port's row, so that it is still there afterwards.

import { HTTPConflict } from '@neutronium/model/errors';
import { LocalIPAssociationNotFound } from '@neutronium/model/local-ip-errors';
import { localIp } from '@neutronium/model/resources/local-ip';
import {
  localIpAssociation,
  type LocalIpAssociation,
  type LocalIpAssociationCreate,
} from '@neutronium/model/resources/local-ip-association';
import { invariant } from '@neutronium/net/invariant';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { addAssociation, associationsOf, removeAssociation } from './associations.ts';
import { addressOfPort, holdVisiblePort } from './port-address.ts';

/** What is kept of an association. */
type Kept = Pick<LocalIpAssociation, 'local_ip_id' | 'fixed_port_id' | 'fixed_ip'>;

export function localIpAssociationHandlers(): Handlers<typeof localIpAssociation> {
  return {
    resource: localIpAssociation,
    notFound: (port_id, parent) => new LocalIPAssociationNotFound({ local_ip_id: parent?.id ?? '', port_id }),
    records: ({ store, parent }) => associationsOf(store, parent?.id ?? ''),
    async create(call, requests) {
      const created: Kept[] = [];
      for (const request of requests) created.push(await createOne(call, request));
      return created;
    },
    remove: ({ store }, current) => removeAssociation(store, given(current)),
    derive: ({ store }, records) => shown(store, records.map(given)),
  };
}

/** The engine gives back what `records` has given it, whose attributes the resource's own table does not hold. */
function given(record: unknown): Kept {
  return record as Kept;
}

async function createOne(call: Call<Writer>, { fixed_port_id, fixed_ip }: LocalIpAssociationCreate): Promise<Kept> {
  const { store, parent } = call;
  invariant(parent !== undefined, 'an association is a part of a local IP');
  const inside = await holdVisiblePort(call, fixed_port_id, localIpAssociation);
  const association = { local_ip_id: parent.id, fixed_port_id, fixed_ip: addressOfPort(inside, fixed_ip) };
  const present = await associationsOf(store, parent.id);
  if (present.some((each) => each.fixed_port_id === fixed_port_id)) {
    throw new HTTPConflict({ message: `Local IP ${parent.id} is associated with port ${fixed_port_id} already.` });
  }
  await addAssociation(store, association);
  return association;
}

/** What associations show of their local IPs and their ports; two statements for all. */
async function shown(store: Reader, associations: readonly Kept[]) {
  const localIps = await store.getMany(localIp, [...new Set(associations.map(({ local_ip_id }) => local_ip_id))]);
  const addresses = new Map(localIps.map(({ id, local_ip_address }) => [id, local_ip_address]));
  const hosts = await hostsOf(store, [...new Set(associations.map(({ fixed_port_id }) => fixed_port_id))]);
  return associations.map((association) => ({
    ...association,
    local_ip_address: addresses.get(association.local_ip_id),
    host: hosts.get(association.fixed_port_id) ?? '',
  }));
}

async function hostsOf({ db }: Reader, portIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (portIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('ports')
    .select(['id', 'binding:host_id as host'])
    .where(isOneOf(databaseKind(db), sql.ref('id'), portIds))
    .execute();
  return new Map(rows.map(({ id, host }) => [id, host]));
}
