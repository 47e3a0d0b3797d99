// Claims of what only one can have. A claim that fails does not end the transaction, so that the claimant may try
// another candidate; one that succeeds holds until the transaction ends, and then for as long as its owner exists.
// Unique constraints decide, so any number of servers may claim at once.

import type { IpAddress } from '@neutronium/net/ip';
import { addressKey, claimedPosition } from './child-tables.ts';
import { databaseKind } from './dialect.ts';
import { insertStatements } from './record-table.ts';
import type { Reader } from './store.ts';

export interface AddressClaim {
  readonly port_id: string;
  readonly network_id: string;
  readonly subnet_id: string;
  readonly ip_address: IpAddress;
}

const columns = ['port_id', 'network_id', 'subnet_id', 'ip_address', 'address_key', 'position'];

/** A row that is the same port's already is claimed once more, and stays as it is; any other stays whose it is. */
const unlessTaken =
  ' on conflict (network_id, ip_address) do update set position = ip_allocations.position' +
  ' where ip_allocations.port_id = excluded.port_id returning ip_address';

/** The addresses of `claims` that were free (or the same port's already) and now are the ports'. */
export async function claimAddresses(
  db: Reader['db'],
  claims: readonly AddressClaim[],
): Promise<ReadonlySet<IpAddress>> {
  const rows = claims.map(({ port_id, network_id, subnet_id, ip_address }) => [
    port_id,
    network_id,
    subnet_id,
    ip_address,
    addressKey(ip_address),
    claimedPosition,
  ]);
  const claimed = new Set<IpAddress>();
  const insert = { table: 'ip_allocations', columns, rows, suffix: unlessTaken };
  for (const statement of insertStatements(databaseKind(db), insert)) {
    const { rows: won } = await db.executeQuery<Pick<AddressClaim, 'ip_address'>>(statement);
    for (const { ip_address } of won) claimed.add(ip_address);
  }
  return claimed;
}
