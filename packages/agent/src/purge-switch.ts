// Takes out of Open vSwitch what bears our mark, and nothing else. For the removal of the whole product; an agent that
// merely ends leaves everything as it is.

import { changeKeys, type Operation, removeMembers, update } from '#effects/ovsdb/operation';
import { type Ovsdb, OvsdbUnreachable } from '#effects/ovsdb/ovsdb';
import type { BridgeRow, PortRow, SwitchDatabase } from '#effects/ovsdb/schema';
import type { OpenFlow } from '#effects/openflow/openflow';
import { isOwn, isOwnCookie, ownCookie } from './targets/ovs-ownership.ts';
import { bookkeepingKeys } from './targets/ovs-ports.ts';

export interface PurgedSwitch {
  readonly bridges: readonly string[];
  readonly ports: readonly string[];
  /** Of bridges that stay. */
  readonly flows: number;
}

/** Removes our bridges; of others' bridges our ports and flows, and what we wrote on their ports. Says what it was. */
export async function purgeSwitch(
  { ovsdb, openflow }: { readonly ovsdb: Ovsdb; readonly openflow: OpenFlow },
  signal?: AbortSignal,
): Promise<PurgedSwitch> {
  const { database } = ovsdb;
  if (database === null) throw new OvsdbUnreachable('what is ours cannot be removed: there is no connection');
  const bridges = [...database.Bridge.values()];
  const foreignBridges = bridges.filter((bridge) => !isOwn(bridge));
  const ports = foreignBridges.flatMap((bridge) => portsOf(bridge, database)).filter(isOwn);
  let flows = 0;
  for (const { name } of foreignBridges) flows += await purgeFlows(openflow, name, signal);
  const operations: readonly Operation[] = [
    ...bridges.filter(isOwn).map(({ uuid }) => removeMembers('Open_vSwitch', 'every', 'bridges', [uuid])),
    ...foreignBridges.flatMap((bridge) => bridgeOperations(bridge, database)),
  ];
  const removed = { bridges: bridges.filter(isOwn).map(({ name }) => name), ports: ports.map(({ name }) => name) };
  if (operations.length > 0) await ovsdb.apply(operations, signal);
  return { ...removed, flows };
}

async function purgeFlows(openflow: OpenFlow, bridge: string, signal: AbortSignal | undefined): Promise<number> {
  const remove = (await openflow.dumpFlows(bridge, signal && { signal })).filter(({ cookie }) => isOwnCookie(cookie));
  if (remove.length > 0) await openflow.changeFlows(bridge, { remove, add: [], cookie: ownCookie }, signal);
  return remove.length;
}

function bridgeOperations(bridge: BridgeRow, database: SwitchDatabase): readonly Operation[] {
  const ports = portsOf(bridge, database);
  const own = ports.filter(isOwn).map(({ uuid }) => uuid);
  const marked = ports.filter((port) => !isOwn(port) && bookkeepingKeys.some((key) => key in port.other_config));
  return [
    ...(own.length === 0 ? [] : [removeMembers('Bridge', { uuid: bridge.uuid }, 'ports', own)]),
    ...marked.flatMap(({ uuid }) => [
      update('Port', { uuid }, { tag: null }),
      changeKeys('Port', { uuid }, 'other_config', { remove: bookkeepingKeys }),
    ]),
  ];
}

function portsOf(bridge: BridgeRow, database: SwitchDatabase): readonly PortRow[] {
  return bridge.ports.flatMap((uuid) => database.Port.get(uuid) ?? []);
}
