// What a network shows that its row does not hold: its subnets, its segments, the zones that it is served
// from, the address scopes that it is in.

import type { SegmentView } from '@neutronium/model/host-view';
import type { NetworkRecord, network } from '@neutronium/model/resources/network';
import { isRouted } from '#ipam/routed-subnets';
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
  const subnets = await subnetsByNetwork(store, wants('subnets') || wants('l2_adjacency') ? ids : []);
  const zones = await zonesByNetwork(store, wants('availability_zones') ? ids : []);
  const scoped = wants('ipv4_address_scope') || wants('ipv6_address_scope');
  const scopes = await scopesByNetwork(store, scoped ? ids : []);
  const shared = await sharedFlags(store, 'network', records, context.projectId);
  return records.map(({ id, segments, is_default, 'router:external': external }, index) => ({
    ...shared[index],
    subnets: (subnets.get(id) ?? []).map((subnet) => subnet.id),
    // Only a way out can be the usual one.
    is_default: external ? is_default : undefined,
    ipv4_address_scope: scopes.get(`${id} 4`) ?? null,
    ipv6_address_scope: scopes.get(`${id} 6`) ?? null,
    ...showSegments(segments),
    availability_zones: zones.get(id) ?? [],
    // Where subnets are on segments, only routers join these.
    l2_adjacency: !isRouted(subnets.get(id) ?? []),
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

/** The address scopes that subnets are in, by `<network> <family>`. */
async function scopesByNetwork(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  if (networkIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('subnets')
    .innerJoin('subnetpools', 'subnetpools.id', 'subnets.subnetpool_id')
    .select(['subnets.network_id', 'subnets.ip_version', 'subnetpools.address_scope_id'])
    .distinct()
    .where(isOneOf(databaseKind(db), sql.ref('subnets.network_id'), networkIds))
    .where('subnetpools.address_scope_id', 'is not', null)
    .execute();
  return new Map(
    rows.map(({ network_id, ip_version, address_scope_id }) => [`${network_id} ${ip_version}`, address_scope_id]),
  );
}

/** Oldest first. */
async function subnetsByNetwork(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, readonly { readonly id: string; readonly segment_id: string | null }[]>> {
  if (networkIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('subnets')
    .select(['id', 'network_id', 'segment_id'])
    .where(isOneOf(databaseKind(db), sql.ref('network_id'), networkIds))
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return Map.groupBy(rows, ({ network_id }) => network_id);
}
