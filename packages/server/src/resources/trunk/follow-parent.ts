// The ports of a trunk are where its parent is: whoever binds the parent to a host binds them too. A port that is wired
// behind a parent belongs to the trunk (device_owner `trunk:subport`) until it is taken out of it.

import { port, type PortRecord } from '@neutronium/model/resources/port';
import { subPortOwner, trunk } from '@neutronium/model/resources/trunk';
import { trunkBridgeName } from '@neutronium/dataplane/plan/device-names';
import { isPlugged, unbound } from '#binding/bind-port';
import { bindPorts } from '#binding/bind-ports';
import type { Bound } from '#binding/mechanism-driver';
import type { Reader, Writer } from '../../store/store.ts';
import { livenessOf, type PortParts } from '../port/port-parts.ts';
import { trunksOfPorts } from './trunk-membership.ts';
import { refreshTrunks } from './trunk-status.ts';

/** The same wiring, with the trunk's own bridge in the place of br-int where the port is the parent of a trunk. */
export async function throughTrunkBridge(store: Reader, portId: string, bound: Bound): Promise<Bound> {
  if (bound.vif_type !== 'ovs') return bound;
  const membership = (await trunksOfPorts(store, [portId])).get(portId);
  if (membership?.role !== 'parent') return bound;
  return { ...bound, vif_details: { ...bound.vif_details, bridge_name: trunkBridgeName(membership.trunk_id) } };
}

/** The port has been bound anew. Its trunk, if it is in one, sees to what follows from it. */
export async function followBinding(parts: PortParts, store: Writer, changed: PortRecord): Promise<void> {
  const membership = (await trunksOfPorts(store, [changed.id])).get(changed.id);
  if (membership === undefined) return;
  if (membership.role === 'parent') {
    const record = await store.get(trunk, membership.trunk_id);
    const ids = record?.sub_ports.map(({ port_id }) => port_id) ?? [];
    await placeSubPorts(parts, store, { parent: changed, subPorts: await store.getMany(port, ids) });
  }
  await refreshTrunks(store, [changed.id]);
}

/** Binds ports to where their parent is plugged; where it is not, unbinds those that were wired behind it. */
export async function placeSubPorts(
  parts: PortParts,
  store: Writer,
  { parent, subPorts }: { readonly parent: PortRecord; readonly subPorts: readonly PortRecord[] },
): Promise<void> {
  if (!isPlugged(parent['binding:vif_type'])) {
    for (const each of subPorts) if (isWired(each)) await store.update(port, each.id, nowhere);
    return;
  }
  const host = parent['binding:host_id'];
  const wanted = subPorts.map((each) => ({ ...each, 'binding:host_id': host }));
  const bindings = await bindPorts(store, wanted, { drivers: parts.drivers, liveness: livenessOf(parts) });
  for (const [index, { id }] of subPorts.entries()) {
    const { vif_type, vif_details } = bindings[index] ?? unbound;
    await store.update(port, id, {
      device_owner: subPortOwner,
      'binding:host_id': host,
      'binding:vif_type': vif_type,
      'binding:vif_details': vif_details,
      status: 'DOWN',
    });
  }
}

/** Takes ports out of where they were wired: they are in no trunk any more. */
export async function releaseSubPorts(store: Writer, portIds: readonly string[]): Promise<void> {
  for (const each of await store.getMany(port, portIds)) {
    if (isWired(each)) await store.update(port, each.id, { ...nowhere, device_owner: '' });
  }
}

function isWired({ device_owner }: PortRecord): boolean {
  return device_owner === subPortOwner;
}

const nowhere = {
  'binding:host_id': '',
  'binding:vif_type': unbound.vif_type,
  'binding:vif_details': unbound.vif_details,
  status: 'DOWN',
} as const;
