// What a trunk's status is, from its ports: it has no wires of its own that anybody could report of.

import { port, type PortRecord } from '@neutronium/model/resources/port';
import { trunk, type TrunkRecord } from '@neutronium/model/resources/trunk';
import { bindingFailed, isPlugged } from '#binding/bind-port';
import type { Writer } from '../../store/store.ts';
import { trunksOfPorts } from './trunk-membership.ts';

type TrunkPort = Pick<PortRecord, 'status' | 'admin_state_up' | 'binding:vif_type'>;

/** A port that an administrator has switched off is not missed. */
export function decideTrunkStatus(parent: TrunkPort, subPorts: readonly TrunkPort[]): TrunkRecord['status'] {
  if (!isPlugged(parent['binding:vif_type'])) return 'DOWN';
  if (subPorts.some((each) => each['binding:vif_type'] === bindingFailed.vif_type)) return 'ERROR';
  if (parent.status === 'BUILD') return 'BUILD';
  if (parent.status !== 'ACTIVE') return 'DOWN';
  const missing = subPorts.filter(({ status, admin_state_up }) => admin_state_up && status !== 'ACTIVE');
  if (missing.length === 0) return 'ACTIVE';
  return missing.every(({ status }) => status === 'BUILD') ? 'BUILD' : 'DEGRADED';
}

/** Has the trunks that those ports are in show what has become of them. Ports that are in none cost two statements. */
export async function refreshTrunks(store: Writer, portIds: readonly string[]): Promise<void> {
  const memberships = await trunksOfPorts(store, portIds);
  const ids = [...new Set([...memberships.values()].map(({ trunk_id }) => trunk_id))];
  if (ids.length === 0) return;
  const trunks = await store.getMany(trunk, ids);
  const ports = await store.getMany(
    port,
    trunks.flatMap(({ port_id, sub_ports }) => [port_id, ...sub_ports.map((each) => each.port_id)]),
  );
  const byId = new Map(ports.map((record) => [record.id, record]));
  for (const { id, port_id, sub_ports } of trunks) {
    const parent = byId.get(port_id);
    if (parent === undefined) continue;
    const behind = sub_ports.flatMap((each) => byId.get(each.port_id) ?? []);
    await store.update(trunk, id, { status: decideTrunkStatus(parent, behind) });
  }
}
