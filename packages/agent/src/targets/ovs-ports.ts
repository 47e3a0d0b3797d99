// The ports of the integration bridge: the local VLAN that each carries, what a restarted agent reads back of it, and
// the devices that we plug ourselves. A port is cut off (dead VLAN) as soon as it may not speak, or has just come and
// carries no VLAN yet, which for Open vSwitch means all of them. It is connected only by a step of its own, which the
// agent runs after the port's flows are confirmed: security before connectivity.

import { deadVlan } from '@neutronium/dataplane/bridges/dead-vlan';
import type { SwitchPortPlan } from '@neutronium/dataplane/host-plan';
import { newRow } from '#effects/ovsdb/column';
import { addMembers, changeKeys, insert, type Operation, removeMembers, update } from '#effects/ovsdb/operation';
import { type Ovsdb, OvsdbUnreachable } from '#effects/ovsdb/ovsdb';
import type { InterfaceRow, PortRow, SwitchDatabase } from '#effects/ovsdb/schema';
import type { Target } from '../target.ts';
import { isOwn, ownerMark } from './ovs-ownership.ts';

/** What Neutron's agent keeps in Port:other_config. Keys of others are left as they are. */
export const bookkeepingKeys: readonly string[] = [
  'net_uuid',
  'network_type',
  'physical_network',
  'segmentation_id',
  'tag',
];

/** In the other_config of an interface (ovs-vswitchd.conf.db(5)). */
const steeringKey = 'tx-steering';

/** In the external_ids of a port of ours: the number of the device that was connected. */
const ifindexKey = 'neutronium-ifindex';

export interface ObservedSwitchPort {
  readonly device: string;
  /** external_ids:iface-id of its interface; empty for a device that belongs to no API port. */
  readonly portId: string;
  readonly own: boolean;
  /** Whether the switch has opened the device; before that no flow can speak of it. */
  readonly numbered: boolean;
  readonly tag: number | null;
  /** The number of its device, null while it has none, and the number of the device that was connected. */
  readonly ifindex: number | null;
  readonly connectedIfindex: number | null;
  /** The part that is ours to keep. */
  readonly otherConfig: Readonly<Record<string, string>>;
  readonly externalIds: Readonly<Record<string, string>>;
  readonly txSteering: string | null;
}

export type PortStep =
  /** Onto the bridge, and onto the dead VLAN. */
  | { readonly kind: 'plug'; readonly port: SwitchPortPlan }
  /** Off the bridge, and back onto it with the device that there is now. */
  | { readonly kind: 'replug'; readonly port: SwitchPortPlan }
  /** Onto the dead VLAN. */
  | { readonly kind: 'isolate'; readonly port: SwitchPortPlan }
  /** Onto its local VLAN. To be run only after the flows of the port are in force. */
  | { readonly kind: 'connect'; readonly port: SwitchPortPlan }
  | { readonly kind: 'unplug'; readonly port: Pick<SwitchPortPlan, 'device' | 'portId'> }
  /** Waits until ovs-vswitchd has carried out what went before. */
  | { readonly kind: 'confirm'; readonly ports: readonly string[] };

export class OvsPorts implements Target<readonly SwitchPortPlan[], readonly ObservedSwitchPort[], PortStep> {
  readonly name = 'ports';
  readonly #ovsdb: Ovsdb;
  readonly #integrationBridge: string;

  constructor(parts: { readonly ovsdb: Ovsdb; readonly integrationBridge: string }) {
    this.#ovsdb = parts.ovsdb;
    this.#integrationBridge = parts.integrationBridge;
  }

  /** From the live copy, whatever the depth. None where there is no integration bridge. */
  async observe(): Promise<readonly ObservedSwitchPort[]> {
    const { database } = this.#ovsdb;
    if (database === null) throw new OvsdbUnreachable('the ports cannot be looked at: there is no connection');
    return portsOf(database, this.#integrationBridge).map((port) => observedPort(port, database));
  }

  plan(desired: readonly SwitchPortPlan[], actual: readonly ObservedSwitchPort[]): readonly PortStep[] {
    const ownWanted = new Set(desired.filter((port) => port.plug !== null).map((port) => port.device));
    const present = new Map(actual.map((port) => [port.device, port]));
    const unwanted = actual.filter((port) => port.own && port.portId !== '' && !ownWanted.has(port.device));
    const steps: PortStep[] = unwanted.map(({ device, portId }) => ({ kind: 'unplug', port: { device, portId } }));
    // A device of ours that goes is still in the inventory, and so in the plan, as one that may not speak.
    const going = new Set(unwanted.map((port) => port.device));
    const staying = desired.filter((port) => !going.has(port.device));
    for (const port of staying) steps.push(...preparation(port, present.get(port.device)));
    for (const port of staying) {
      const existing = present.get(port.device);
      // A port without a number has no flows yet that could have been confirmed.
      if (existing?.numbered === true && needsConnection(port, existing)) steps.push({ kind: 'connect', port });
    }
    const touched = steps.flatMap((step) => (step.kind === 'confirm' ? [] : [step.port.portId]));
    return steps.length === 0 ? [] : [...steps, { kind: 'confirm', ports: [...new Set(touched)] }];
  }

  async apply(step: PortStep, signal?: AbortSignal): Promise<void> {
    const { database } = this.#ovsdb;
    if (database === null) throw new OvsdbUnreachable('a port cannot be changed: there is no connection');
    if (step.kind === 'confirm') {
      await this.#ovsdb.apply([], signal);
      return;
    }
    if (step.kind === 'replug') {
      // For ovs-vswitchd a port that goes and comes before it looks has never been away.
      await this.#ovsdb.apply(this.#operations({ kind: 'unplug', port: step.port }, database), signal);
      await this.#ovsdb.transact(this.#plugging(step.port), signal);
      return;
    }
    const operations = this.#operations(step, database);
    if (operations.length > 0) await this.#ovsdb.transact(operations, signal);
  }

  /** What a step still takes, from the database as it is now. */
  #operations(
    step: Exclude<PortStep, { readonly kind: 'confirm' | 'replug' }>,
    database: SwitchDatabase,
  ): readonly Operation[] {
    const row = portsOf(database, this.#integrationBridge).find(({ name }) => name === step.port.device);
    switch (step.kind) {
      case 'plug':
        return row === undefined ? this.#plugging(step.port) : identify(step.port, row);
      case 'isolate':
        return row === undefined
          ? []
          : [...carry(step.port, row, deadVlan), ...steer(step.port, row), ...identify(step.port, row)];
      case 'connect':
        if (row === undefined) throw new Error(`${step.port.device} is no longer on ${this.#integrationBridge}`);
        return [
          ...carry(step.port, row, step.port.tag),
          ...steer(step.port, row),
          ...identify(step.port, row),
          ...remember(row, database.Interface.get(row.interfaces[0] ?? '')),
        ];
      case 'unplug':
        return row === undefined || !isOwn(row)
          ? []
          : [removeMembers('Bridge', { name: this.#integrationBridge }, 'ports', [row.uuid])];
    }
  }

  #plugging(plan: SwitchPortPlan): readonly Operation[] {
    const [port, device] = [newRow('port'), newRow('device')];
    return [
      insert('Interface', { name: plan.device, external_ids: plan.plug?.externalIds ?? {}, ...typeOf(plan) }, device),
      insert(
        'Port',
        {
          name: plan.device,
          interfaces: [device],
          tag: deadVlan,
          other_config: plan.otherConfig,
          external_ids: ownerMark,
        },
        port,
      ),
      addMembers('Bridge', { name: this.#integrationBridge }, 'ports', [port]),
    ];
  }
}

/** A device of the system, unless it is a patch port. */
function typeOf({ plug }: SwitchPortPlan): Partial<Pick<InterfaceRow, 'type' | 'options'>> {
  if (plug?.otherEnd.kind !== 'bridge') return {};
  return { type: 'patch', options: { peer: plug.otherEnd.peer } };
}

/** The step that must come before the flows, if any. */
function preparation(plan: SwitchPortPlan, actual: ObservedSwitchPort | undefined): readonly PortStep[] {
  if (actual === undefined) return plan.plug === null ? [] : [{ kind: 'plug', port: plan }];
  if (hasOtherDevice(actual)) {
    return [{ kind: 'replug', port: plan }];
  }
  if (plan.tag === deadVlan) return isAsPlanned(plan, actual) ? [] : [{ kind: 'isolate', port: plan }];
  return actual.tag === null || (actual.tag !== plan.tag && actual.tag !== deadVlan)
    ? [{ kind: 'isolate', port: plan }]
    : [];
}

/**
 * Whether the device was replaced by another of its name under a port that we have plugged. ovs-vswitchd goes on to send
 * to the new one and does not hear it (seen with version 3.1 and the userspace datapath): the port is plugged anew.
 */
function hasOtherDevice({ own, ifindex, connectedIfindex }: ObservedSwitchPort): boolean {
  return own && ifindex !== null && connectedIfindex !== null && ifindex !== connectedIfindex;
}

function needsConnection(plan: SwitchPortPlan, actual: ObservedSwitchPort): boolean {
  return plan.tag !== deadVlan && !isAsPlanned(plan, actual);
}

function isAsPlanned(plan: SwitchPortPlan, actual: ObservedSwitchPort): boolean {
  return (
    actual.tag === plan.tag &&
    (!actual.own || actual.ifindex === null || actual.tag === deadVlan || actual.connectedIfindex !== null) &&
    sameEntries(plan.otherConfig, actual.otherConfig) &&
    plan.txSteering === actual.txSteering &&
    (plan.plug === null || !actual.own || includesEntries(actual.externalIds, plan.plug.externalIds))
  );
}

function observedPort(port: PortRow, database: SwitchDatabase): ObservedSwitchPort {
  const device = database.Interface.get(port.interfaces[0] ?? '');
  return {
    device: port.name,
    portId: device?.external_ids['iface-id'] ?? '',
    own: isOwn(port),
    numbered: device !== undefined && device.ofport !== null && device.ofport > 0,
    tag: port.tag,
    ifindex: device?.ifindex ?? null,
    connectedIfindex: numberIn(port.external_ids[ifindexKey]),
    otherConfig: Object.fromEntries(Object.entries(port.other_config).filter(([key]) => bookkeepingKeys.includes(key))),
    externalIds: device?.external_ids ?? {},
    txSteering: device?.other_config[steeringKey] ?? null,
  };
}

function carry(plan: SwitchPortPlan, row: PortRow, tag: number): readonly Operation[] {
  const remove = bookkeepingKeys.filter((key) => !(key in plan.otherConfig));
  return [
    update('Port', { uuid: row.uuid }, { tag }),
    changeKeys('Port', { uuid: row.uuid }, 'other_config', { set: plan.otherConfig, remove }),
  ];
}

/** How queues are chosen for it, whoever has plugged it. */
function steer({ txSteering }: SwitchPortPlan, row: PortRow): readonly Operation[] {
  const device = row.interfaces[0];
  if (device === undefined) return [];
  const change = txSteering === null ? { remove: [steeringKey] } : { set: { [steeringKey]: txSteering } };
  return [changeKeys('Interface', { uuid: device }, 'other_config', { set: {}, remove: [], ...change })];
}

/** Whose the device is, where we say so: of a device that someone else has plugged it is theirs to say. */
function identify(plan: SwitchPortPlan, row: PortRow): readonly Operation[] {
  const device = row.interfaces[0];
  if (plan.plug === null || !isOwn(row) || device === undefined) return [];
  return [changeKeys('Interface', { uuid: device }, 'external_ids', { set: plan.plug.externalIds })];
}

/** Which device it is that has been connected. */
function remember(row: PortRow, device: InterfaceRow | undefined): readonly Operation[] {
  if (!isOwn(row) || device === undefined || device.ifindex === null) return [];
  const set = { [ifindexKey]: String(device.ifindex) };
  return [changeKeys('Port', { uuid: row.uuid }, 'external_ids', { set })];
}

function numberIn(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

function portsOf(database: SwitchDatabase, bridgeName: string): readonly PortRow[] {
  const bridge = [...database.Bridge.values()].find(({ name }) => name === bridgeName);
  return (bridge?.ports ?? []).flatMap((uuid) => database.Port.get(uuid) ?? []);
}

function sameEntries(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return Object.keys(a).length === Object.keys(b).length && includesEntries(a, b);
}

function includesEntries(whole: Readonly<Record<string, string>>, part: Readonly<Record<string, string>>): boolean {
  return Object.entries(part).every(([key, value]) => whole[key] === value);
}
