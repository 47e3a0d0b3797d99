import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import {
  NetworkSegmentRangeDefaultReadOnly,
  NetworkSegmentRangeNotFound,
  NetworkSegmentRangeOverlaps,
  NetworkSegmentRangeReferencedByProject,
} from '@neutronium/model/network-segment-range-errors';
import {
  networkSegmentRange,
  type NetworkSegmentRangeCreate,
  type NetworkSegmentRangeRecord,
  type NetworkSegmentRangeUpdate,
} from '@neutronium/model/resources/network-segment-range';
import type { Reader, Writer } from '../../store/store.ts';
import type { Handlers } from '../handlers.ts';
import type { TypeDrivers } from '../segment-allocation/type-drivers.ts';
import { checkBounds, requireOffered, wireOf } from './check-range.ts';
import { availableIds, usedIds } from './used-ids.ts';

export function networkSegmentRangeHandlers(drivers: TypeDrivers): Handlers<typeof networkSegmentRange> {
  return {
    resource: networkSegmentRange,
    notFound: (id) => new NetworkSegmentRangeNotFound({ range_id: id }),
    async create({ store }, requests) {
      const created: NetworkSegmentRangeRecord[] = [];
      for (const request of requests) created.push(await createRange(store, drivers, request));
      return created;
    },
    update: ({ store }, current, changes) => updateRange(store, current, changes),
    async remove({ store }, current) {
      requireChangeable(current);
      if ((await usedBounds(store, current)) !== undefined) throw await inUse(store, current);
      await store.remove(networkSegmentRange, current.id);
    },
    async derive({ store }, records, fields) {
      const wanted = fields.size === 0 || fields.has('used') || fields.has('available');
      const used = await usedIds(store, wanted ? records.map(({ id }) => id) : []);
      return records.map((record) => {
        const ofRange = used.get(record.id) ?? [];
        return {
          used: Object.fromEntries(ofRange.map(({ segmentation_id, project_id }) => [segmentation_id, project_id])),
          available: wanted ? availableIds(record, ofRange) : [],
        };
      });
    },
  };
}

async function createRange(
  store: Writer,
  drivers: TypeDrivers,
  request: NetworkSegmentRangeCreate,
): Promise<NetworkSegmentRangeRecord> {
  requireOffered(drivers, request.network_type);
  const wanted = {
    ...request,
    physical_network: wireOf(request),
    // What all share belongs to nobody.
    project_id: request.shared ? null : request.project_id,
  };
  checkBounds(wanted);
  await requireApart(store, wanted);
  const [record] = await store.insert(networkSegmentRange, [{ ...wanted, id: randomUUID(), default: false, tags: [] }]);
  if (record === undefined) throw new Error('inserting a network segment range gave no record back');
  return record;
}

async function updateRange(
  store: Writer,
  current: NetworkSegmentRangeRecord,
  changes: NetworkSegmentRangeUpdate,
): Promise<NetworkSegmentRangeRecord> {
  requireChangeable(current);
  const changed = { ...current, ...changes };
  checkBounds(changed);
  const { minimum, maximum } = changes;
  if (minimum !== undefined || maximum !== undefined) {
    const used = await usedBounds(store, current);
    // An end that is named stays clear of ids that networks have, as Neutron has it and its clients test.
    const impacted =
      used !== undefined &&
      ((minimum !== undefined && minimum >= used.first) || (maximum !== undefined && maximum <= used.last));
    if (impacted) throw await inUse(store, current);
    await requireApart(store, changed, current.id);
  }
  return store.update(networkSegmentRange, current.id, changes);
}

function requireChangeable({ id, default: isDefault }: NetworkSegmentRangeRecord): void {
  if (isDefault) throw new NetworkSegmentRangeDefaultReadOnly({ range_id: id });
}

/** The networks that have ids of the range are what keeps it. */
async function inUse({ db }: Reader, current: NetworkSegmentRangeRecord): Promise<Error> {
  const { id, network_type, physical_network, minimum, maximum } = current;
  const users = await db
    .selectFrom('segment_allocations')
    .select('network_id')
    .distinct()
    .where('network_type', '=', network_type)
    .where('physical_network', '=', physical_network ?? '')
    .where('segmentation_id', '>=', minimum)
    .where('segmentation_id', '<=', maximum)
    .execute();
  const blockers = blockersOf(
    'network',
    users.map(({ network_id }) => network_id),
  );
  return new NetworkSegmentRangeReferencedByProject({ range_id: id, blockers });
}

/** Throws when ids are already in another range that somebody made; those of the configuration may be given away. */
async function requireApart(
  store: Writer,
  wanted: Pick<NetworkSegmentRangeRecord, 'network_type' | 'physical_network' | 'minimum' | 'maximum'>,
  exceptId?: string,
): Promise<void> {
  const { network_type, physical_network, minimum, maximum } = wanted;
  await store.lock(`network segment ranges of ${network_type}`);
  const others = await store.list(networkSegmentRange, {
    where: [{ op: 'equals', attribute: 'network_type', values: [network_type] }],
    sort: [{ attribute: 'id', direction: 'asc' }],
  });
  const meeting = others.filter(
    (other) =>
      !other.default &&
      other.id !== exceptId &&
      other.physical_network === physical_network &&
      other.minimum <= maximum &&
      other.maximum >= minimum,
  );
  if (meeting.length === 0) return;
  throw new NetworkSegmentRangeOverlaps({ range_id: meeting.map(({ id }) => id).join(', ') });
}

/** The least and the largest id of the range that networks have; undefined when they have none. */
async function usedBounds(
  { db }: Writer,
  { network_type, physical_network, minimum, maximum }: NetworkSegmentRangeRecord,
): Promise<{ readonly first: number; readonly last: number } | undefined> {
  const bounds = await db
    .selectFrom('segment_allocations')
    .select(({ fn }) => [
      fn.min<number | null>('segmentation_id').as('first'),
      fn.max<number | null>('segmentation_id').as('last'),
    ])
    .where('network_type', '=', network_type)
    .where('physical_network', '=', physical_network ?? '')
    .where('segmentation_id', '>=', minimum)
    .where('segmentation_id', '<=', maximum)
    .executeTakeFirstOrThrow();
  const { first, last } = bounds;
  return first === null || last === null ? undefined : { first, last };
}
