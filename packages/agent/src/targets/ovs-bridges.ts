// The integration bridge, the tunnel bridge, the bridges to physical networks, and the patch ports between them. A provider bridge that an
// operator has made stays the operator's: it gets our patch port and may speak our version of OpenFlow, no more. One
// that does not exist is made, and is then ours. The bridges of trunks are ours whoever has made them.

import type { BridgePlan, PatchPlan } from '@neutronium/dataplane/host-plan';
import { newRow } from '#effects/ovsdb/column';
import { addMembers, changeKeys, insert, type Operation, removeMembers, update } from '#effects/ovsdb/operation';
import { type Ovsdb, OvsdbUnreachable } from '#effects/ovsdb/ovsdb';
import type { BridgeRow, PortRow, SwitchDatabase } from '#effects/ovsdb/schema';
import type { Target } from '../target.ts';
import { isOwn, ownerMark } from './ovs-ownership.ts';

/** The versions that Neutron's agent and its operators' tools speak, and 1.4 for bundles. */
const openflowVersions: readonly string[] = ['OpenFlow10', 'OpenFlow13', 'OpenFlow14', 'OpenFlow15'];

export interface ObservedPatch {
  readonly uuid: string;
  readonly name: string;
  /** The name of the port at the other end; empty for a port that is no patch. */
  readonly peer: string;
  readonly own: boolean;
  readonly tag: number | null;
}

export interface ObservedBridge {
  readonly uuid: string;
  readonly name: string;
  readonly own: boolean;
  readonly datapathType: string;
  readonly failMode: string | null;
  readonly protocols: readonly string[];
  /** Patch ports, but for those that are devices of API ports, which ovs-ports.ts keeps. */
  readonly patches: readonly ObservedPatch[];
  /** Whether the device of some port is plugged into it, which is not ours to take away. */
  readonly hasDevices: boolean;
}

export type BridgeStep =
  | { readonly kind: 'create'; readonly bridge: BridgePlan }
  | { readonly kind: 'configure'; readonly bridge: BridgePlan; readonly columns: Partial<BridgeColumns> }
  /** A bridge that someone else has made is ours from now on. */
  | { readonly kind: 'adopt'; readonly bridge: string }
  | { readonly kind: 'connect'; readonly bridge: string; readonly patch: PatchPlan }
  | { readonly kind: 'disconnect'; readonly bridge: string; readonly name: string }
  | { readonly kind: 'remove'; readonly bridge: string };

type BridgeColumns = Pick<BridgeRow, 'datapath_type' | 'fail_mode' | 'protocols'>;

export interface BridgesConfiguration {
  /** The bridges that are ours to fill whoever has made them: the integration bridge and the tunnel bridge. */
  readonly ourBridges: readonly string[];
  /** `system` where the kernel has the openvswitch module, `netdev` for the userspace datapath. */
  readonly datapathType: 'system' | 'netdev';
}

export class OvsBridges implements Target<readonly BridgePlan[], readonly ObservedBridge[], BridgeStep> {
  readonly name = 'bridges';
  readonly #ovsdb: Ovsdb;
  readonly #configuration: BridgesConfiguration;

  constructor(parts: { readonly ovsdb: Ovsdb; readonly configuration: BridgesConfiguration }) {
    this.#ovsdb = parts.ovsdb;
    this.#configuration = parts.configuration;
  }

  /** From the live copy, whatever the depth. */
  async observe(): Promise<readonly ObservedBridge[]> {
    const { database } = this.#ovsdb;
    if (database === null) throw new OvsdbUnreachable('the bridges cannot be looked at: there is no connection');
    return [...database.Bridge.values()].map((row) => observedBridge(row, database));
  }

  plan(desired: readonly BridgePlan[], actual: readonly ObservedBridge[]): readonly BridgeStep[] {
    const wanted = new Map(desired.map((bridge) => [bridge.name, bridge]));
    const present = new Map(actual.map((bridge) => [bridge.name, bridge]));
    const removals = actual.flatMap((bridge): readonly BridgeStep[] => {
      const patches = wanted.get(bridge.name)?.patches ?? [];
      if (bridge.own && !wanted.has(bridge.name) && !bridge.hasDevices)
        return [{ kind: 'remove', bridge: bridge.name }];
      return bridge.patches
        .filter((present) => present.own && !patches.some((patch) => isSame(patch, present)))
        .map(({ name }) => ({ kind: 'disconnect', bridge: bridge.name, name }));
    });
    const bridges = desired.flatMap((bridge): readonly BridgeStep[] => {
      const existing = present.get(bridge.name);
      if (existing === undefined) return [{ kind: 'create', bridge }];
      const columns = this.#columnsToChange(bridge, existing);
      return [
        ...(bridge.ours && !existing.own ? [{ kind: 'adopt', bridge: bridge.name } as const] : []),
        ...(Object.keys(columns).length === 0 ? [] : [{ kind: 'configure', bridge, columns } as const]),
      ];
    });
    const connections = desired.flatMap(({ name: bridge, patches }) => {
      const existing = present.get(bridge)?.patches ?? [];
      return patches
        .filter((patch) => !existing.some((present) => isSame(patch, present)))
        .map((patch): BridgeStep => ({ kind: 'connect', bridge, patch }));
    });
    return [...removals, ...bridges, ...connections];
  }

  async apply(step: BridgeStep, signal?: AbortSignal): Promise<void> {
    const { database } = this.#ovsdb;
    if (database === null) throw new OvsdbUnreachable(`a bridge cannot be changed: there is no connection`);
    const operations = this.#operations(step, database);
    if (operations.length > 0) await this.#ovsdb.apply(operations, signal);
  }

  /** Bridges that we have made or fill are kept as we want them; of another one only OpenFlow 1.4 is asked. */
  #columnsToChange(plan: BridgePlan, actual: ObservedBridge): Partial<BridgeColumns> {
    const { datapathType, ourBridges } = this.#configuration;
    // No versions at all stand for all that the switch speaks by default, which has 1.4 among them.
    const missing =
      actual.protocols.length === 0 ? [] : openflowVersions.filter((version) => !actual.protocols.includes(version));
    const protocols = missing.length === 0 ? {} : { protocols: [...actual.protocols, ...missing] };
    if (!actual.own && !plan.ours && !ourBridges.includes(plan.name)) return protocols;
    return {
      ...protocols,
      ...(effectiveDatapath(actual.datapathType) !== datapathType && { datapath_type: datapathType }),
      ...(actual.failMode !== plan.failMode && { fail_mode: plan.failMode }),
    };
  }

  /** What a step still takes, from the database as it is now. */
  #operations(step: BridgeStep, database: SwitchDatabase): readonly Operation[] {
    const named = (name: string): BridgeRow | undefined =>
      [...database.Bridge.values()].find((bridge) => bridge.name === name);
    switch (step.kind) {
      case 'create':
        return named(step.bridge.name) === undefined ? this.#creation(step.bridge) : [];
      case 'configure':
        return [update('Bridge', { name: step.bridge.name }, step.columns)];
      case 'adopt':
        return [changeKeys('Bridge', { name: step.bridge }, 'external_ids', { set: ownerMark })];
      case 'connect': {
        const inTheWay = portNamed(database, step.patch.name);
        return [...removal(database, inTheWay), ...connection(step)];
      }
      case 'disconnect':
        return removal(database, portNamed(database, step.name));
      case 'remove': {
        const row = named(step.bridge);
        return row === undefined || !isOwn(row) ? [] : [removeMembers('Open_vSwitch', 'every', 'bridges', [row.uuid])];
      }
    }
  }

  #creation({ name, failMode }: BridgePlan): readonly Operation[] {
    const [bridge, port, device] = [newRow('bridge'), newRow('port'), newRow('device')];
    return [
      insert('Interface', { name, type: 'internal' }, device),
      insert('Port', { name, interfaces: [device], external_ids: ownerMark }, port),
      insert(
        'Bridge',
        {
          name,
          ports: [port],
          datapath_type: this.#configuration.datapathType,
          fail_mode: failMode,
          protocols: openflowVersions,
          external_ids: ownerMark,
        },
        bridge,
      ),
      addMembers('Open_vSwitch', 'every', 'bridges', [bridge]),
    ];
  }
}

/** A patch port that someone else has made carries what they say. */
function isSame(patch: PatchPlan, present: ObservedPatch): boolean {
  return patch.name === present.name && patch.peer === present.peer && (!present.own || patch.tag === present.tag);
}

function observedBridge(row: BridgeRow, database: SwitchDatabase): ObservedBridge {
  return {
    uuid: row.uuid,
    name: row.name,
    own: isOwn(row),
    datapathType: row.datapath_type,
    failMode: row.fail_mode,
    protocols: row.protocols,
    patches: row.ports.flatMap((uuid) => {
      const port = database.Port.get(uuid);
      const device = database.Interface.get(port?.interfaces[0] ?? '');
      if (port === undefined || device?.type !== 'patch' || device.external_ids['iface-id'] !== undefined) return [];
      return [{ uuid, name: port.name, peer: device.options['peer'] ?? '', own: isOwn(port), tag: port.tag }];
    }),
    hasDevices: row.ports.some((uuid) => {
      const port = database.Port.get(uuid);
      const device = database.Interface.get(port?.interfaces[0] ?? '');
      return port !== undefined && !isOwn(port) && device?.external_ids['iface-id'] !== undefined;
    }),
  };
}

function connection({ bridge, patch }: Extract<BridgeStep, { readonly kind: 'connect' }>): readonly Operation[] {
  const { name, peer, tag } = patch;
  const [port, device] = [newRow('port'), newRow('device')];
  return [
    insert('Interface', { name, type: 'patch', options: { peer } }, device),
    insert('Port', { name, interfaces: [device], tag, external_ids: ownerMark }, port),
    addMembers('Bridge', { name: bridge }, 'ports', [port]),
  ];
}

/** Takes a port of ours off its bridge. Someone else's stays, and with it the conflict, which OVSDB then reports. */
function removal(database: SwitchDatabase, port: PortRow | undefined): readonly Operation[] {
  if (port === undefined || !isOwn(port)) return [];
  return [...database.Bridge.values()]
    .filter((bridge) => bridge.ports.includes(port.uuid))
    .map((bridge) => removeMembers('Bridge', { uuid: bridge.uuid }, 'ports', [port.uuid]));
}

function portNamed(database: SwitchDatabase, name: string): PortRow | undefined {
  return [...database.Port.values()].find((port) => port.name === name);
}

/** An empty datapath_type means `system` (ovs-vswitchd.conf.db(5), Bridge). */
function effectiveDatapath(type: string): string {
  return type === '' ? 'system' : type;
}
