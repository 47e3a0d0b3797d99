// What the switch says that a plan needs to know: which devices are plugged and under which numbers, the numbers of
// patch ports and tunnels, and the local VLANs that an earlier agent has given out. Read from the live copy of OVSDB; news of it
// comes as soon as the database says so, without waiting for anything to settle.

import { lastVlanId } from '@neutronium/net/vlan';
import { trunkBridgePrefix } from '@neutronium/dataplane/plan/device-names';
import type { Inventory, PluggedPort } from '@neutronium/dataplane/host-plan';
import type { Ovsdb } from '#effects/ovsdb/ovsdb';
import type { InterfaceRow, PortRow, SwitchDatabase } from '#effects/ovsdb/schema';
import { isDeepStrictEqual } from 'node:util';

export interface SwitchInventory extends Pick<Inventory, 'plugged' | 'trunkDevices' | 'patchPorts' | 'tunnelPorts'> {
  /** Local VLAN by network id, of every network that a port remembers. */
  readonly rememberedVlans: ReadonlyMap<string, number>;
}

export interface InventoryScope {
  readonly integrationBridge: string;
}

/** Reads the inventory. Whatever the order of rows, the same database gives the same. */
export function readInventory(database: SwitchDatabase, { integrationBridge }: InventoryScope): SwitchInventory {
  const plugged = new Map<string, PluggedPort>();
  const rememberedVlans = new Map<string, number>();
  for (const { port, device } of pluggedOn(database, integrationBridge)) {
    const { net_uuid: network, tag } = port.other_config;
    // Two ports that remember different numbers: the lower one stands, whichever row is read first.
    const vlan = Math.min(Number(tag), rememberedVlans.get(network ?? '') ?? lastVlanId + 1);
    if (network !== undefined && vlan >= 1 && vlan <= lastVlanId) rememberedVlans.set(network, vlan);

    const portId = device.external_ids['iface-id'];
    if (portId === undefined || device.ofport === null || device.ofport <= 0) continue;
    const other = plugged.get(portId);
    // Two devices that claim one port, as for a moment while an instance is replaced: the one that was plugged last.
    if (other === undefined || other.ofport < device.ofport) {
      plugged.set(portId, { portId, device: device.name, ofport: device.ofport, ifindex: device.ifindex });
    }
  }
  return {
    plugged,
    rememberedVlans,
    trunkDevices: trunkDevices(database),
    patchPorts: numbersOf(database, ['patch']),
    tunnelPorts: numbersOf(database, ['gre', 'vxlan', 'geneve']),
  };
}

/** The bridges of trunks into which devices are plugged, by the port ids that these bear. */
function trunkDevices(database: SwitchDatabase): ReadonlyMap<string, string> {
  const bridges = [...database.Bridge.values()].filter(({ name }) => name.startsWith(trunkBridgePrefix));
  return new Map(
    bridges.flatMap(({ name }) =>
      [...pluggedOn(database, name)].flatMap(({ device }) => {
        const portId = device.external_ids['iface-id'];
        const isThere = device.ofport !== null && device.ofport > 0;
        return portId !== undefined && isThere ? [[portId, name] as const] : [];
      }),
    ),
  );
}

function* pluggedOn(
  database: SwitchDatabase,
  bridgeName: string,
): Generator<{ readonly port: PortRow; readonly device: InterfaceRow }> {
  const bridge = [...database.Bridge.values()].find(({ name }) => name === bridgeName);
  for (const uuid of bridge?.ports ?? []) {
    const port = database.Port.get(uuid);
    const device = database.Interface.get(port?.interfaces[0] ?? '');
    if (port !== undefined && device !== undefined) yield { port, device };
  }
}

/** The numbers of the interfaces of those types, by name. */
function numbersOf(database: SwitchDatabase, types: readonly string[]): ReadonlyMap<string, number> {
  const interfaces = [...database.Interface.values()].filter(({ type }) => types.includes(type));
  return new Map(
    interfaces.flatMap(({ name, ofport }) => (ofport !== null && ofport > 0 ? [[name, ofport] as const] : [])),
  );
}

/** The inventory as it is, and word of its changes. */
export class InventoryWatch implements Disposable {
  readonly #ovsdb: Ovsdb;
  readonly #scope: InventoryScope;
  readonly #listeners = new Set<() => void>();
  readonly #subscription: Disposable;
  #current: SwitchInventory | null;

  constructor(parts: { readonly ovsdb: Ovsdb; readonly scope: InventoryScope }) {
    this.#ovsdb = parts.ovsdb;
    this.#scope = parts.scope;
    this.#current = this.#read();
    this.#subscription = this.#ovsdb.onChange(() => this.#look());
  }

  /** Null while there is no connection to the database. The same object for as long as nothing in it changes. */
  get current(): SwitchInventory | null {
    return this.#current;
  }

  onChange(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
    this.#listeners.clear();
  }

  #read(): SwitchInventory | null {
    const { database } = this.#ovsdb;
    return database === null ? null : readInventory(database, this.#scope);
  }

  #look(): void {
    const next = this.#read();
    if (isDeepStrictEqual(next, this.#current)) return;
    this.#current = next;
    for (const listener of this.#listeners) listener();
  }
}
