// How many addresses of subnets ports have: two statements, whatever there is to count.

import type { AllocationPool } from '@neutronium/model/kinds/allocation-pools';
import type { Cidr } from '@neutronium/net/cidr';
import { sql } from 'kysely';
import { addressKey } from '../../store/child-tables.ts';
import { databaseKind, isOneOf, jsonRows } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';

export interface SubnetToCount {
  readonly id: string;
  readonly name: string;
  readonly network_id: string;
  readonly ip_version: number;
  readonly cidr: Cidr;
  readonly allocation_pools: readonly AllocationPool[];
}

export interface Taken {
  readonly inSubnet: number;
  readonly inPools: number;
}

/** The subnets of the networks, oldest first. */
export async function subnetsToCount({ db }: Reader, networkIds: readonly string[]): Promise<readonly SubnetToCount[]> {
  const rows = await db
    .selectFrom('subnets')
    .select(['id', 'name', 'network_id', 'ip_version', 'cidr', 'allocation_pools'])
    .where(isOneOf(databaseKind(db), sql.ref('network_id'), networkIds))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  // The store wrote these lists from records of the declared type.
  return rows.map((row) => ({ ...row, allocation_pools: JSON.parse(row.allocation_pools) as AllocationPool[] }));
}

/** By subnet; a subnet of which no port has an address may be absent. */
export async function countTaken(
  { db }: Reader,
  subnets: readonly SubnetToCount[],
): Promise<ReadonlyMap<string, Taken>> {
  const kind = databaseKind(db);
  const ids = subnets.map(({ id }) => id);
  const pools = subnets.flatMap(({ id, allocation_pools }) =>
    allocation_pools.map(({ start, end }) => [id, addressKey(start), addressKey(end)]),
  );
  const all = await db
    .selectFrom('ip_allocations')
    .select(({ fn }) => ['subnet_id', fn.countAll().as('count')])
    .where(isOneOf(kind, sql.ref('subnet_id'), ids))
    .groupBy('subnet_id')
    .execute();
  const { rows: pooled } = await sql<{ readonly subnet_id: string; readonly count: number | string }>`
    select pool.a as subnet_id, count(*) as count from ${jsonRows(kind, pools)} as pool
      join ip_allocations on ip_allocations.subnet_id = pool.a and address_key between pool.b and pool.c
      group by pool.a`.execute(db);
  const inPools = new Map(pooled.map(({ subnet_id, count }) => [subnet_id, Number(count)]));
  return new Map(
    all.map(({ subnet_id, count }) => [subnet_id, { inSubnet: Number(count), inPools: inPools.get(subnet_id) ?? 0 }]),
  );
}
