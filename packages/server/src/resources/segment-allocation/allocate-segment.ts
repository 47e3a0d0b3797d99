// Gives a network its wires. The database decides who gets one: a wire is taken by inserting its row, and an insert
// that finds the row there takes nothing.

import { blockersOf, type Blocker } from '@neutronium/model/api-error';
import { InvalidInput, NoNetworkAvailable } from '@neutronium/model/errors';
import { nthOf, range, rangeSet, rangeSetSize, subtractRanges, type RangeSet } from '@neutronium/net/range';
import type { Reader, Writer } from '../../store/store.ts';
import { poolsOf, rangesOfType, type IdPool } from './id-pools.ts';
import type { TypeDriver, WantedWire, Wire } from './type-driver.ts';
import type { TypeDrivers } from './type-drivers.ts';

/** A number from 0 up to, but not including, `bound`. */
export type RandomBelow = (bound: bigint) => bigint;

interface Allocation {
  readonly store: Writer;
  readonly networkId: string;
  /** The project of the network. */
  readonly projectId: string;
  readonly random: RandomBelow;
}

/** The wire that `wanted` asks for, with what it leaves open chosen. Throws what the type's driver says when it is taken. */
export async function allocateWanted(allocation: Allocation, driver: TypeDriver, wanted: WantedWire): Promise<Wire> {
  const pools = await poolsFor(allocation, driver);
  driver.check(wanted, pools);
  if (driver.isComplete(wanted)) {
    if (!driver.exclusive || (await claim(allocation, wanted))) return wanted;
    throw driver.inUse(wanted, await holdersOf(allocation.store, wanted));
  }
  const { physical_network } = wanted;
  const eligible =
    physical_network === null ? pools : pools.filter((pool) => pool.physical_network === physical_network);
  const wire = await allocateFromPools(allocation, driver, eligible);
  if (wire === undefined) throw new NoNetworkAvailable();
  return wire;
}

/** A wire for a network that asks for nothing: of the first type of tenant networks that has one left. */
export async function allocateTenant(allocation: Allocation, drivers: TypeDrivers): Promise<Wire> {
  for (const driver of drivers.tenantTypes) {
    const wanted: WantedWire = { network_type: driver.type, physical_network: null, segmentation_id: null };
    if (driver.isComplete(wanted)) return wanted;
    const wire = await allocateFromPools(allocation, driver, await poolsFor(allocation, driver));
    if (wire !== undefined) return wire;
  }
  throw new NoNetworkAvailable();
}

/** Gives back all wires of a network. */
export async function releaseWires(store: Writer, networkId: string): Promise<void> {
  await store.db.deleteFrom('segment_allocations').where('network_id', '=', networkId).execute();
}

/** Gives back one wire of a network; those of types that networks may share belong to none. */
export async function releaseWire(store: Writer, networkId: string, wire: Wire): Promise<void> {
  await store.db
    .deleteFrom('segment_allocations')
    .where('network_id', '=', networkId)
    .where('network_type', '=', wire.network_type)
    .where('physical_network', '=', wire.physical_network ?? '')
    .where('segmentation_id', '=', wire.segmentation_id ?? 0)
    .execute();
}

/** Moves a network from one VLAN id to another. Throws what the driver says when the new one is taken or impossible. */
export async function exchangeWire(
  allocation: Allocation,
  driver: TypeDriver,
  { from, to }: { readonly from: Wire; readonly to: Wire },
): Promise<void> {
  driver.check(to, await poolsFor(allocation, driver));
  if (!driver.exclusive) throw new InvalidInput({ error_message: `a ${driver.type} network has no segmentation_id` });
  if (!(await claim(allocation, to))) throw driver.inUse(to, await holdersOf(allocation.store, to));
  await releaseWire(allocation.store, allocation.networkId, from);
}

/** Where the ids of the network may come from, the first with a free one first. */
async function poolsFor(
  { store, projectId }: Allocation,
  { type, configured }: TypeDriver,
): Promise<readonly IdPool[]> {
  if (configured === undefined) return [];
  const preferred = configured.map(({ physical_network }) => physical_network);
  return poolsOf(await rangesOfType(store, type), { projectId, preferred });
}

/** A few blind tries find a free id in any pool that is not nearly full, without reading which are taken. */
const blindTries = 4;

async function allocateFromPools(
  allocation: Allocation,
  driver: TypeDriver,
  pools: readonly IdPool[],
): Promise<Wire | undefined> {
  for (const pool of pools) {
    const { ids } = pool;
    const wireOf = (id: bigint): Wire => ({
      network_type: driver.type,
      physical_network: pool.physical_network,
      segmentation_id: Number(id),
    });
    for (let attempt = 0; attempt < blindTries; attempt += 1) {
      const id = randomOf(ids, allocation.random);
      if (id !== undefined && (await claim(allocation, wireOf(id)))) return wireOf(id);
    }
    // Someone may take the id between the reading and the claim; each time that happens one id fewer is free.
    for (
      let free = await freeIds(allocation.store, wireOf(0n), ids);
      ;
      free = await freeIds(allocation.store, wireOf(0n), ids)
    ) {
      const id = randomOf(free, allocation.random);
      if (id === undefined) break;
      if (await claim(allocation, wireOf(id))) return wireOf(id);
    }
  }
  return undefined;
}

function randomOf(ids: RangeSet, random: RandomBelow): bigint | undefined {
  const size = rangeSetSize(ids);
  return size === 0n ? undefined : nthOf(ids, random(size));
}

async function freeIds(store: Reader, { network_type, physical_network }: Wire, ids: RangeSet): Promise<RangeSet> {
  const taken = await store.db
    .selectFrom('segment_allocations')
    .select('segmentation_id')
    .where('network_type', '=', network_type)
    .where('physical_network', '=', physical_network ?? '')
    .execute();
  return subtractRanges(ids, rangeSet(taken.map((row) => range(row.segmentation_id, row.segmentation_id))));
}

async function holdersOf({ db }: Reader, wire: Wire): Promise<readonly Blocker[]> {
  const rows = await db
    .selectFrom('segment_allocations')
    .select('network_id')
    .where('network_type', '=', wire.network_type)
    .where('physical_network', '=', wire.physical_network ?? '')
    .where('segmentation_id', '=', wire.segmentation_id ?? 0)
    .execute();
  return blockersOf(
    'network',
    rows.map(({ network_id }) => network_id),
  );
}

/** Whether the wire was free and is now the network's. */
async function claim({ store, networkId }: Allocation, wire: Wire): Promise<boolean> {
  const inserted = await store.db
    .insertInto('segment_allocations')
    .values({
      network_type: wire.network_type,
      physical_network: wire.physical_network ?? '',
      segmentation_id: wire.segmentation_id ?? 0,
      network_id: networkId,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('network_id')
    .executeTakeFirst();
  return inserted !== undefined;
}
