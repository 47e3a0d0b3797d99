// A network is either one broadcast domain, or it is routed: then each of its subnets is on one of its segments, but for
// those that are for routers alone.

import { network } from '@neutronium/model/resources/network';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import {
  NetworkIdsDontMatch,
  NoUpdateSubnetWhenMultipleSegmentsOnNetwork,
  SegmentNotFound,
  SubnetSegmentAssociationChangeNotAllowed,
  SubnetsNotAllAssociatedWithSegments,
} from '@neutronium/model/segment-errors';
import type { Reader } from '../../store/store.ts';

/** The service type of subnets whose addresses are routed to a network rather than on one of its segments. */
const routedService = 'network:routed';

type PlacedSubnet = Pick<SubnetRecord, 'network_id' | 'segment_id' | 'service_types'>;

/** Throws when a new subnet cannot be where it says, beside the other subnets of its network. */
export async function checkSegmentOfNew(
  store: Reader,
  subnet: PlacedSubnet,
  others: readonly PlacedSubnet[],
): Promise<void> {
  const ofNetwork = await networkOfSegment(store, subnet.segment_id);
  requireAllOrNone(subnet.network_id, [subnet, ...others]);
  requireSameNetwork(subnet, ofNetwork);
}

/** Throws when `current`, one of the subnets of its network, cannot be put on `segment_id`. */
export async function checkChangedSegment(
  store: Reader,
  current: PlacedSubnet,
  segment_id: string | null,
  subnets: readonly PlacedSubnet[],
): Promise<void> {
  if (segment_id === current.segment_id) return;
  const { network_id } = current;
  const ofNetwork = await networkOfSegment(store, segment_id);
  if (onSegments(subnets).length > 1) throw new SubnetsNotAllAssociatedWithSegments({ network_id });
  if (current.segment_id !== null) throw new SubnetSegmentAssociationChangeNotAllowed();
  const { segments = [] } = (await store.get(network, network_id)) ?? {};
  if (segments.length > 1) throw new NoUpdateSubnetWhenMultipleSegmentsOnNetwork({ network_id });
  requireSameNetwork({ network_id, segment_id }, ofNetwork);
}

function onSegments(subnets: readonly PlacedSubnet[]): readonly PlacedSubnet[] {
  return subnets.filter(({ service_types }) => !service_types.includes(routedService));
}

function requireAllOrNone(network_id: string, subnets: readonly PlacedSubnet[]): void {
  const placed = onSegments(subnets).map(({ segment_id }) => segment_id !== null);
  if (placed.includes(true) && placed.includes(false)) throw new SubnetsNotAllAssociatedWithSegments({ network_id });
}

function requireSameNetwork(
  { network_id, segment_id }: Pick<PlacedSubnet, 'network_id' | 'segment_id'>,
  ofNetwork: string | undefined,
): void {
  if (segment_id === null || ofNetwork === network_id) return;
  throw new NetworkIdsDontMatch({ subnet_network: network_id, segment_id });
}

/** The network that has the segment; undefined for none. Throws SegmentNotFound. */
async function networkOfSegment({ db }: Reader, segment_id: string | null): Promise<string | undefined> {
  if (segment_id === null) return undefined;
  const found = await db
    .selectFrom('network_segments')
    .select('network_id')
    .where('id', '=', segment_id)
    .executeTakeFirst();
  if (found === undefined) throw new SegmentNotFound({ segment_id });
  return found.network_id;
}
