// Segments are added to networks and taken from them one by one. The network's record has them, so hosts hear of the
// change as of any other change of the network.

import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { NetworkNotFound, NeutronDbObjectDuplicateEntry } from '@neutronium/model/errors';
import type { SegmentView } from '@neutronium/model/host-view';
import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { port } from '@neutronium/model/resources/port';
import { segment, type SegmentCreate, type SegmentUpdate } from '@neutronium/model/resources/segment';
import { SegmentInUse, SegmentNotFound } from '@neutronium/model/segment-errors';
import { invariant } from '@neutronium/net/invariant';
import { bindPort, isPlugged } from '#binding/bind-port';
import { agentsByHost } from '#binding/host-agents';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { meets, type NetworkParts } from '../network/create-networks.ts';
import { livenessOf, type PortParts } from '../port/port-parts.ts';
import { allocateWanted, releaseWire } from '../segment-allocation/allocate-segment.ts';
import { segmentRecords, type SegmentRecord } from './segment-records.ts';

export interface SegmentParts {
  readonly networks: NetworkParts;
  readonly ports: PortParts;
}

export function segmentHandlers(parts: SegmentParts): Handlers<typeof segment> {
  return {
    resource: segment,
    notFound: (id) => new SegmentNotFound({ segment_id: id }),
    records: ({ store }, filters) => segmentRecords(store, filters),
    async create(call, requests) {
      const created: SegmentRecord[] = [];
      for (const request of requests) created.push(await createOne(parts, call, request));
      return created;
    },
    update: (call, current, changes) => change(parts, call, given(current), changes),
    remove: (call, current) => removeOne(parts, call, given(current)),
    derive: async (_call, records) => records,
  };
}

/** The engine gives back what `records` has given it, whose attributes no table of segments holds. */
function given(record: unknown): SegmentRecord {
  return record as SegmentRecord;
}

async function createOne(
  { networks: { drivers, random }, ports }: SegmentParts,
  { store }: Call<Writer>,
  request: SegmentCreate,
): Promise<SegmentRecord> {
  const { network_id, network_type, physical_network = null, segmentation_id = null } = request;
  const ofNetwork = await heldNetwork(store, network_id);
  const driver = drivers.get(network_type);
  const wanted = { network_type: driver.type, physical_network, segmentation_id };
  const wire = await allocateWanted(
    { store, networkId: network_id, projectId: ofNetwork.project_id, random },
    driver,
    wanted,
  );
  if (ofNetwork.segments.some((other) => meets(other, wire))) throw new NeutronDbObjectDuplicateEntry();
  const added: SegmentView = { id: randomUUID(), ...wire };
  await store.update(network, network_id, { segments: [...ofNetwork.segments, added] });
  const now = renderTimestamp(ports.now());
  const note = {
    name: request.name,
    description: request.description,
    created_at: now,
    updated_at: now,
    revision_number: 1,
  };
  await store.db
    .insertInto('segment_notes')
    .values({ segment_id: added.id, network_id, ...note })
    .execute();
  return logged(store, null, { ...added, network_id, ...note });
}

async function change(
  { ports }: SegmentParts,
  { store }: Call<Writer>,
  current: SegmentRecord,
  { name = current.name, description = current.description }: SegmentUpdate,
): Promise<SegmentRecord> {
  if (name === current.name && description === current.description) return current;
  await heldNetwork(store, current.network_id);
  const updated_at = renderTimestamp(ports.now());
  const changed = { name, description, updated_at, revision_number: current.revision_number + 1 };
  const { id: segment_id, network_id, created_at } = current;
  await store.db
    .insertInto('segment_notes')
    .values({ segment_id, network_id, created_at, ...changed })
    .onConflict((conflict) => conflict.column('segment_id').doUpdateSet(changed))
    .execute();
  return logged(store, current, { ...current, ...changed });
}

async function removeOne(parts: SegmentParts, { store }: Call<Writer>, current: SegmentRecord): Promise<void> {
  const { id, network_id } = current;
  const ofNetwork = await heldNetwork(store, network_id);
  const subnets = await subnetsOn(store, id);
  if (subnets.length > 0) {
    const reason = `The segment is still associated with subnet(s) ${subnets.join(', ')}`;
    throw new SegmentInUse({ segment_id: id, reason, blockers: blockersOf('subnet', subnets) });
  }
  const users = await portsOn(parts, store, ofNetwork, id);
  if (users.length > 0) {
    const reason = `The segment is still bound with port(s) ${users.join(', ')}`;
    throw new SegmentInUse({ segment_id: id, reason, blockers: blockersOf('port', users) });
  }
  await store.update(network, network_id, { segments: ofNetwork.segments.filter((each) => each.id !== id) });
  await releaseWire(store, network_id, current);
  await store.db.deleteFrom('segment_notes').where('segment_id', '=', id).execute();
  logged(store, current, null);
}

function logged<After extends SegmentRecord | null>(store: Writer, before: SegmentRecord | null, after: After): After {
  const id = (after ?? before)?.id;
  invariant(id !== undefined, 'a segment was there before or is there afterwards');
  store.log({ kind: segment.name, id, before: entryOf(before), after: entryOf(after) });
  return after;
}

function entryOf(record: SegmentRecord | null): Readonly<Record<string, unknown>> | null {
  return record === null ? null : { ...record };
}

async function heldNetwork(store: Writer, id: string): Promise<NetworkRecord> {
  const found = await store.get(network, id);
  if (found === undefined) throw new NetworkNotFound({ net_id: id });
  return found;
}

async function subnetsOn({ db }: Reader, segmentId: string): Promise<readonly string[]> {
  const rows = await db.selectFrom('subnets').select('id').where('segment_id', '=', segmentId).orderBy('id').execute();
  return rows.map(({ id }) => id);
}

/** The plugged ports that the segment carries: it is the first of the network's that their hosts reach. */
async function portsOn(
  { ports: parts }: SegmentParts,
  store: Reader,
  { id: networkId, segments }: NetworkRecord,
  segmentId: string,
): Promise<readonly string[]> {
  const records = await store.list(port, { where: [{ op: 'equals', attribute: 'network_id', values: [networkId] }] });
  const plugged = records.filter((each) => isPlugged(each['binding:vif_type']));
  const hosts = [...new Set(plugged.map((each) => each['binding:host_id']))];
  const agents = await agentsByHost(store, hosts, livenessOf(parts));
  return plugged.flatMap((each) => {
    const host = each['binding:host_id'];
    const carrier = segments.find((one) =>
      isPlugged(
        bindPort(parts.drivers, host, {
          vnic_type: each['binding:vnic_type'],
          profile: each['binding:profile'],
          segments: [one],
          // An agent that is silent just now still has the ports wired.
          agents: (agents.get(host) ?? []).map((agent) => ({ ...agent, alive: true, admin_state_up: true })),
        }).vif_type,
      ),
    );
    return carrier?.id === segmentId ? [each.id] : [];
  });
}
