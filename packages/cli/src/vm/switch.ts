// Plugging a device into the integration bridge the way Nova's os-vif does: the port's id, its address and the
// instance's id are external_ids of the interface, all in one transaction. The device begins on the dead VLAN (os-vif's
// `isolate_vif`), so that it hears nothing before the agent has wired it. On the bridge of a trunk it is alone until then.

import { systemClock as clock } from '@neutronium/agent/effects/clock';
import { OvsdbClient } from '@neutronium/agent/effects/ovsdb/client';
import { newRow } from '@neutronium/agent/effects/ovsdb/column';
import { addMembers, insert, removeMembers } from '@neutronium/agent/effects/ovsdb/operation';
import type { Operation } from '@neutronium/agent/effects/ovsdb/operation';
import type { SwitchDatabase } from '@neutronium/agent/effects/ovsdb/schema';
import { systemRandom as random } from '@neutronium/agent/effects/random';
import { ownerKey } from '@neutronium/agent/targets/ovs-ownership';

export interface Plug {
  readonly device: string;
  readonly portId: string;
  readonly mac: string;
  /** The instance's id; empty for a device that belongs to none. */
  readonly instance: string;
  /** The bridge of the trunk that the port is the parent of; null for the integration bridge. */
  readonly trunkBridge: string | null;
}

export interface SwitchAddress {
  /** Socket of ovsdb-server. */
  readonly database: string;
  readonly bridge: string;
}

const deadVlan = 4095;
/** Told from the agent's own devices by the value. */
const ownerName = 'vm';

/** Plugs the device, and returns when ovs-vswitchd has it. */
export async function plugDevice(address: SwitchAddress, plug: Plug): Promise<void> {
  const error = await withDatabase(address, async (ovsdb) => {
    const { bridge, database } = await bridgeOf(ovsdb, plug.trunkBridge ?? address.bridge);
    const [port, device] = [newRow('port'), newRow('device')];
    const externalIds = {
      'iface-id': plug.portId,
      'iface-status': 'active',
      'attached-mac': plug.mac,
      ...(plug.instance !== '' && { 'vm-uuid': plug.instance }),
    };
    await ovsdb.apply([
      ...removal(database, plug.device),
      insert('Interface', { name: plug.device, external_ids: externalIds }, device),
      insert(
        'Port',
        {
          name: plug.device,
          interfaces: [device],
          tag: plug.trunkBridge === null ? deadVlan : null,
          external_ids: { [ownerKey]: ownerName },
        },
        port,
      ),
      addMembers('Bridge', { uuid: bridge }, 'ports', [port]),
    ]);
    return interfaceError(ovsdb.database, plug.device);
  });
  if (error !== null) throw new Error(`Open vSwitch could not take ${plug.device}: ${error}`);
}

/** Takes devices that were plugged here off their bridge; those that others plugged stay. */
export async function unplugDevices(address: SwitchAddress, devices: readonly string[]): Promise<void> {
  await withDatabase(address, async (ovsdb, database) => {
    const operations = devices.flatMap((device) => removal(database, device));
    if (operations.length > 0) await ovsdb.apply(operations);
  });
}

/** The devices that were plugged from here. */
export async function listPluggedDevices(address: SwitchAddress): Promise<readonly string[]> {
  return await withDatabase(address, async (_ovsdb, database) =>
    [...database.Port.values()].filter(isPluggedHere).map(({ name }) => name),
  );
}

async function withDatabase<T>(
  address: SwitchAddress,
  use: (ovsdb: OvsdbClient, database: SwitchDatabase) => Promise<T>,
): Promise<T> {
  using ovsdb = new OvsdbClient({ socketPath: address.database, clock, random });
  const late = AbortSignal.timeout(connectMs);
  await ovsdb.connected(late).catch((cause: unknown) => {
    throw new Error(`Open vSwitch does not answer at ${address.database}; does \`neutronium up\` run?`, { cause });
  });
  const { database } = ovsdb;
  if (database === null) throw new Error(`Open vSwitch at ${address.database} went away`);
  return await use(ovsdb, database);
}

const connectMs = 5_000;
const bridgeMs = 15_000;

/** The bridge, which the agent makes once it has heard from the server: soon after `up` has begun. */
async function bridgeOf(
  ovsdb: OvsdbClient,
  name: string,
): Promise<{ readonly bridge: string; readonly database: SwitchDatabase }> {
  const late = AbortSignal.timeout(bridgeMs);
  for (;;) {
    const { database } = ovsdb;
    const bridge = [...(database?.Bridge.values() ?? [])].find((each) => each.name === name);
    if (database !== null && bridge !== undefined) return { bridge: bridge.uuid, database };
    if (late.aborted)
      throw new Error(`there is no bridge ${name}: has the agent of this machine a server to hear from?`);
    await change(ovsdb, late);
  }
}

/** Resolves when the copy of the database has changed, and when `signal` is aborted. */
function change(ovsdb: OvsdbClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      subscription[Symbol.dispose]();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const subscription = ovsdb.onChange(end);
    signal.addEventListener('abort', end, { once: true });
  });
}

function removal(database: SwitchDatabase, device: string): readonly Operation[] {
  const port = [...database.Port.values()].find(({ name }) => name === device);
  if (port === undefined || !isPluggedHere(port)) return [];
  return [...database.Bridge.values()]
    .filter(({ ports }) => ports.includes(port.uuid))
    .map(({ uuid }) => removeMembers('Bridge', { uuid }, 'ports', [port.uuid]));
}

function isPluggedHere(port: { readonly external_ids: Readonly<Record<string, string>> }): boolean {
  return port.external_ids[ownerKey] === ownerName;
}

function interfaceError(database: SwitchDatabase | null, device: string): string | null {
  const row = [...(database?.Interface.values() ?? [])].find(({ name }) => name === device);
  return row?.error ?? null;
}
