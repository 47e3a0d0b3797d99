// What a network shows that its row does not hold: its subnets, its segments, the zones that it is served from.

import type { SegmentView } from '@neutronium/model/host-view';
import type { NetworkRecord, network } from '@neutronium/model/resources/network';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';
import type { Call, Derived } from '../handlers.ts';
import { sharedFlags } from '../sharing.ts';
import { zonesByNetwork } from './availability-zones.ts';

type DerivedNetwork = Derived<typeof network>;

/** One entry for each record, in order. What no field asks for is not read, and comes out empty. */
export async function deriveNetworks(
  { context, store }: Call<Reader>,
  records: readonly NetworkRecord[],
  fields: ReadonlySet<string>,
): Promise<readonly DerivedNetwork[]> {
  const wants = (name: string): boolean => fields.size === 0 || fields.has(name);
  const ids = records.map(({ id }) => id);
  const subnets = await subnetsByNetwork(store, wants('subnets') ? ids : []);
  const zones = await zonesByNetwork(store, wants('availability_zones') ? ids : []);
  const shared = await sharedFlags(store, 'network', records, context.projectId);
  return records.map(({ id, segments }, index) => ({
    ...shared[index],
    subnets: subnets.get(id) ?? [],
    ...showSegments(segments),
    availability_zones: zones.get(id) ?? [],
    // No network is split into parts that only a router joins.
    l2_adjacency: true,
  }));
}

/** One segment is shown by attributes of the network itself, several as a list (multi-provider extension). */
function showSegments(segments: readonly SegmentView[]): DerivedNetwork {
  const shown = segments.map(({ network_type, physical_network, segmentation_id }) => ({
    'provider:network_type': network_type,
    'provider:physical_network': physical_network,
    'provider:segmentation_id': segmentation_id,
  }));
  const [single, ...others] = shown;
  return single !== undefined && others.length === 0 ? { ...single, segments: undefined } : { segments: shown };
}

/** Oldest first. */
async function subnetsByNetwork(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (networkIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('subnets')
    .select(['id', 'network_id'])
    .where(isOneOf(databaseKind(db), sql.ref('network_id'), networkIds))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const subnets = new Map<string, string[]>();
  for (const { id, network_id } of rows) {
    const list = subnets.get(network_id);
    if (list === undefined) subnets.set(network_id, [id]);
    else list.push(id);
  }
  return subnets;
}
