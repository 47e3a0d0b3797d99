// Trunks. Which ports are in them changes in one transaction after the other, so that no port is in two, or both the
// parent of one and behind another's.

import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { HTTPBadRequest, InvalidInput, PortNotFound } from '@neutronium/model/errors';
import { isKeyed } from '@neutronium/model/kinds/keyed';
import { readSubPorts, type RequestedSubPort, type SubPort } from '@neutronium/model/kinds/sub-ports';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { trunk, type TrunkCreate, type TrunkRecord } from '@neutronium/model/resources/trunk';
import {
  DuplicateSubPort,
  ParentPortInUse,
  SubPortNotFound,
  TrunkDisabled,
  TrunkInErrorState,
  TrunkInUse,
  TrunkNotFound,
  TrunkPortInUse,
} from '@neutronium/model/trunk-errors';
import { invariant } from '@neutronium/net/invariant';
import type { Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import type { PortParts } from '../port/port-parts.ts';
import { requireVisible } from '../require-visible.ts';
import { placeSubPorts, releaseSubPorts } from './follow-parent.ts';
import { settleSubPorts } from './settle-sub-ports.ts';
import { trunksOfPorts } from './trunk-membership.ts';
import { refreshTrunks } from './trunk-status.ts';

export function trunkHandlers(parts: PortParts): Handlers<typeof trunk> {
  return {
    resource: trunk,
    notFound: (id) => new TrunkNotFound({ trunk_id: id }),
    async create(call, requests) {
      const created: TrunkRecord[] = [];
      for (const request of requests) created.push(await createOne(call, request));
      return created;
    },
    update: ({ store }, current, changes) => store.update(trunk, current.id, changes),
    async remove({ store }, current) {
      const trunk_id = current.id;
      requireEnabled(current);
      const parent = await store.get(port, current.port_id);
      if (parent !== undefined && parent['binding:host_id'] !== '') {
        throw new TrunkInUse({ trunk_id, blockers: blockersOf(port.name, [parent.id]) });
      }
      await store.remove(trunk, trunk_id);
      await releaseSubPorts(store, idsOf(current.sub_ports));
    },
    derive: async (_call, records) => records.map(() => ({})),
    async act(call, current, { name, body }) {
      switch (name) {
        case 'add_subports':
          return { kind: 'bare record', record: await addSubPorts(parts, call, current, body) };
        case 'remove_subports':
          return { kind: 'bare record', record: await removeSubPorts(call, current, body) };
        case 'get_subports':
          return { kind: 'body', body: { sub_ports: current.sub_ports } };
        // The names are the declaration's, which the engine has matched the path with.
        default:
          throw new Error(`trunks have no action ${name}`);
      }
    },
  };
}

async function createOne(call: Call<Writer>, { sub_ports, ...request }: TrunkCreate): Promise<TrunkRecord> {
  const { store } = call;
  const { port_id } = request;
  await store.lock(membershipLock);
  await requireVisible(call, port, [port_id], () => new PortNotFound({ port_id }));
  const membership = (await trunksOfPorts(store, [port_id])).get(port_id);
  const blockers = blockersOf(trunk.name, membership === undefined ? [] : [membership.trunk_id]);
  if (membership?.role === 'subport') throw new TrunkPortInUse({ port_id, blockers });
  const parent = await heldParent(store, port_id);
  // Its device is plugged into br-int by now, or about to be: a trunk's is plugged into the trunk's own bridge.
  if (membership !== undefined || parent['binding:host_id'] !== '') {
    throw new ParentPortInUse({ port_id, blockers });
  }
  const id = randomUUID();
  const settled = joined({ id, sub_ports: [] }, await settleSubPorts(call, parent, sub_ports));
  const [record] = await store.insert(trunk, [{ ...request, id, status: 'DOWN', sub_ports: settled, tags: [] }]);
  invariant(record !== undefined, 'one trunk was inserted');
  return record;
}

async function addSubPorts(
  parts: PortParts,
  call: Call<Writer>,
  { id, port_id }: TrunkRecord,
  body: unknown,
): Promise<TrunkRecord> {
  const { store } = call;
  await store.lock(membershipLock);
  const current = await held(store, id);
  const parent = await heldParent(store, port_id);
  const added = await settleSubPorts(call, parent, readBody(body));
  requireEnabled(current);
  if (current.status === 'ERROR') throw new TrunkInErrorState({ trunk_id: id });
  await changeMembers(store, current, joined(current, added));
  await placeSubPorts(parts, store, { parent, subPorts: await store.getMany(port, idsOf(added)) });
  await refreshTrunks(store, [port_id]);
  return held(store, id);
}

async function removeSubPorts(
  { store }: Call<Writer>,
  { id, port_id }: TrunkRecord,
  body: unknown,
): Promise<TrunkRecord> {
  await store.lock(membershipLock);
  const current = await held(store, id);
  requireEnabled(current);
  const removed = new Set(readBody(body).map((each) => each.port_id));
  const present = new Set(idsOf(current.sub_ports));
  for (const each of removed) {
    if (!present.has(each)) throw new SubPortNotFound({ port_id: each, trunk_id: id });
  }
  await changeMembers(
    store,
    current,
    current.sub_ports.filter((each) => !removed.has(each.port_id)),
  );
  await releaseSubPorts(store, [...removed]);
  await refreshTrunks(store, [port_id]);
  return held(store, id);
}

/** Whoever changes which ports are in which trunks waits for others who do. */
const membershipLock = 'trunks';

async function held(store: Writer, trunkId: string): Promise<TrunkRecord> {
  const record = await store.get(trunk, trunkId);
  if (record === undefined) throw new TrunkNotFound({ trunk_id: trunkId });
  return record;
}

/** The parent port, which is bound to no other host before the transaction ends. */
async function heldParent(store: Writer, portId: string): Promise<PortRecord> {
  const record = await store.get(port, portId);
  if (record === undefined) throw new PortNotFound({ port_id: portId });
  return record;
}

/** Also a request that changes nothing makes a new revision, as in Neutron. */
async function changeMembers(store: Writer, { id, sub_ports }: TrunkRecord, wanted: readonly SubPort[]): Promise<void> {
  if (wanted.length === sub_ports.length) await store.touch(trunk, id);
  else await store.update(trunk, id, { sub_ports: wanted });
}

/** The ports of a trunk with others, in the order of their tags. Throws DuplicateSubPort when two have the same. */
function joined(
  { id, sub_ports }: Pick<TrunkRecord, 'id' | 'sub_ports'>,
  added: readonly SubPort[],
): readonly SubPort[] {
  const taken = new Set(sub_ports.map(({ segmentation_id }) => segmentation_id));
  for (const { segmentation_type, segmentation_id } of added) {
    if (taken.has(segmentation_id)) throw new DuplicateSubPort({ segmentation_type, segmentation_id, trunk_id: id });
    taken.add(segmentation_id);
  }
  return [...sub_ports, ...added].toSorted((a, b) => a.segmentation_id - b.segmentation_id);
}

function requireEnabled({ id, admin_state_up }: TrunkRecord): void {
  if (!admin_state_up) throw new TrunkDisabled({ trunk_id: id });
}

function readBody(body: unknown): readonly RequestedSubPort[] {
  if (!isKeyed(body) || !Object.hasOwn(body, 'sub_ports')) {
    throw new HTTPBadRequest({ message: 'Request body contains invalid data' });
  }
  const reading = readSubPorts(body['sub_ports']);
  if (reading.ok) return reading.value;
  throw reading.fault === 'declared' ? reading.error : new InvalidInput({ error_message: reading.reason });
}

function idsOf(subPorts: readonly SubPort[]): readonly string[] {
  return subPorts.map(({ port_id }) => port_id);
}
