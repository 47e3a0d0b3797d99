// Claims of what only one can have. A claim that fails does not end the transaction, so that the claimant may try
// another candidate; one that succeeds holds until the transaction ends, and then for as long as its owner exists.
// Unique constraints decide, so any number of servers may claim at once.

import type { IpAddress } from '@neutronium/net/ip';
import { addressKey } from './child-tables.ts';
import type { Reader } from './store.ts';

export interface AddressClaim {
  readonly port_id: string;
  readonly network_id: string;
  readonly subnet_id: string;
  readonly ip_address: IpAddress;
}

/** The addresses of `claims` that were free (or the same port's already) and now are the ports'. */
export async function claimAddresses(
  db: Reader['db'],
  claims: readonly AddressClaim[],
): Promise<ReadonlySet<IpAddress>> {
  if (claims.length === 0) return new Set();
  const rows = await db
    .insertInto('ip_allocations')
    .values(claims.map((claim) => ({ ...claim, address_key: addressKey(claim.ip_address), position: 0 })))
    .onConflict((conflict) =>
      conflict
        .columns(['network_id', 'ip_address'])
        .doUpdateSet({ position: 0 })
        .whereRef('ip_allocations.port_id', '=', 'excluded.port_id'),
    )
    .returning('ip_address')
    .execute();
  return new Set(rows.map((row) => row.ip_address));
}
