// Which ids of ranges networks have.

import { mostAvailable, type NetworkSegmentRangeRecord } from '@neutronium/model/resources/network-segment-range';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';

export interface UsedId {
  readonly segmentation_id: number;
  /** Of the network. */
  readonly project_id: string;
}

/** The ids of each range that networks have, in ascending order; ranges without any are absent. One statement. */
export async function usedIds(
  { db }: Reader,
  rangeIds: readonly string[],
): Promise<ReadonlyMap<string, readonly UsedId[]>> {
  if (rangeIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('network_segment_ranges as range')
    .innerJoin('segment_allocations as wire', (join) =>
      join
        .onRef('wire.network_type', '=', 'range.network_type')
        .on('wire.physical_network', '=', sql<string>`coalesce(range.physical_network, '')`)
        .onRef('wire.segmentation_id', '>=', 'range.minimum')
        .onRef('wire.segmentation_id', '<=', 'range.maximum'),
    )
    .innerJoin('networks', 'networks.id', 'wire.network_id')
    .select(['range.id', 'wire.segmentation_id', 'networks.project_id'])
    .where(isOneOf(databaseKind(db), sql.ref('range.id'), rangeIds))
    .orderBy('wire.segmentation_id')
    .execute();
  return Map.groupBy(rows, ({ id }) => id);
}

/** The first ids of a range that no network has, in ascending order. */
export function availableIds(
  { minimum, maximum }: Pick<NetworkSegmentRangeRecord, 'minimum' | 'maximum'>,
  used: readonly UsedId[],
): readonly number[] {
  const taken = new Set(used.map(({ segmentation_id }) => segmentation_id));
  const available: number[] = [];
  for (let id = minimum; id <= maximum && available.length < mostAvailable; id += 1) {
    if (!taken.has(id)) available.push(id);
  }
  return available;
}
