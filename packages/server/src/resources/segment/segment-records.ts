// Segments as their networks have them, with what people say of them: one statement, however many there are.

import type { NetworkType } from '@neutronium/model/host-view';
import type { Condition } from '@neutronium/model/read-query';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';

export interface SegmentRecord {
  readonly id: string;
  readonly network_id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly network_type: NetworkType;
  readonly physical_network: string | null;
  readonly segmentation_id: number | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly revision_number: number;
}

/** Those for which the filters by id and network hold. Whose they are is no matter: a segment has no owner. */
export async function segmentRecords({ db }: Reader, filters: readonly Condition[]): Promise<readonly SegmentRecord[]> {
  let query = db
    .selectFrom('network_segments as segment')
    .innerJoin('networks', 'networks.id', 'segment.network_id')
    .leftJoin('segment_notes as note', 'note.segment_id', 'segment.id')
    .select(['segment.id', 'segment.network_id', 'network_type', 'physical_network', 'segmentation_id'])
    .select(['note.name', 'note.description', 'note.revision_number'])
    .select(({ fn }) => [
      // A segment of which nobody has said anything is as old as its network.
      fn.coalesce('note.created_at', 'networks.created_at').as('created_at'),
      fn.coalesce('note.updated_at', 'networks.created_at').as('updated_at'),
    ])
    .orderBy('segment.network_id')
    .orderBy('position');
  for (const filter of filters) {
    if (filter.op !== 'equals' || (filter.attribute !== 'id' && filter.attribute !== 'network_id')) continue;
    const values = filter.values.map(String);
    query = query.where(isOneOf(databaseKind(db), sql.ref(`segment.${filter.attribute}`), values));
  }
  const rows = await query.execute();
  return rows.map((row) => ({ ...row, revision_number: row.revision_number ?? 0 }));
}
