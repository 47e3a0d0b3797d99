// The tunnels of the tunnel bridge, one to each host with which this one shares a network that tunnels carry. What
// someone else has put there under a name that we want is used and configured, but never removed; without flows of
// ours it carries nothing.

import { isDeepStrictEqual } from 'node:util';
import type { TunnelPortPlan } from '@neutronium/dataplane/host-plan';
import { newRow } from '#effects/ovsdb/column';
import { addMembers, insert, type Operation, removeMembers, update } from '#effects/ovsdb/operation';
import { type Ovsdb, OvsdbUnreachable } from '#effects/ovsdb/ovsdb';
import type { InterfaceRow, PortRow, SwitchDatabase } from '#effects/ovsdb/schema';
import type { Target } from '../target.ts';
import { isOwn, ownerMark } from './ovs-ownership.ts';

export interface ObservedTunnel {
  readonly bridge: string;
  readonly name: string;
  readonly own: boolean;
  /** The interface's type, which for a port that is ours is a tunnel's. */
  readonly type: string;
  readonly options: Readonly<Record<string, string>>;
}

export type TunnelStep =
  | { readonly kind: 'add'; readonly bridge: string; readonly tunnel: TunnelPortPlan }
  | { readonly kind: 'configure'; readonly bridge: string; readonly tunnel: TunnelPortPlan }
  | { readonly kind: 'remove'; readonly bridge: string; readonly name: string };

export class OvsTunnels implements Target<readonly TunnelPortPlan[], readonly ObservedTunnel[], TunnelStep> {
  readonly name = 'tunnels';
  readonly #ovsdb: Ovsdb;
  readonly #tunnelBridge: string;

  constructor(parts: { readonly ovsdb: Ovsdb; readonly tunnelBridge: string }) {
    this.#ovsdb = parts.ovsdb;
    this.#tunnelBridge = parts.tunnelBridge;
  }

  /** From the live copy, whatever the depth. None where there is no tunnel bridge. */
  async observe(): Promise<readonly ObservedTunnel[]> {
    return portsOf(this.#database(), this.#tunnelBridge)
      .filter(({ device }) => tunnelTypes.has(device.type))
      .map(({ port, device }) => ({
        bridge: this.#tunnelBridge,
        name: port.name,
        own: isOwn(port),
        type: device.type,
        options: device.options,
      }));
  }

  plan(desired: readonly TunnelPortPlan[], actual: readonly ObservedTunnel[]): readonly TunnelStep[] {
    const wanted = new Set(desired.map(({ name }) => name));
    const present = new Map(actual.map((tunnel) => [tunnel.name, tunnel]));
    const removals = actual
      .filter(({ own, name }) => own && !wanted.has(name))
      .map(({ bridge, name }): TunnelStep => ({ kind: 'remove', bridge, name }));
    const rest = desired.flatMap((tunnel): readonly TunnelStep[] => {
      const existing = present.get(tunnel.name);
      const { bridge } = tunnel;
      if (existing === undefined) return [{ kind: 'add', bridge, tunnel }];
      const { type, options } = existing;
      return type === tunnel.type && isDeepStrictEqual(options, tunnel.options)
        ? []
        : [{ kind: 'configure', bridge, tunnel }];
    });
    return [...removals, ...rest];
  }

  async apply(step: TunnelStep, signal?: AbortSignal): Promise<void> {
    const operations = this.#operations(step);
    // Nothing is waited for: the switch says the tunnel's number when it is there, and with it come the flows.
    if (operations.length > 0) await this.#ovsdb.transact(operations, signal);
  }

  /** What a step still takes, from the database as it is now. */
  #operations(step: TunnelStep): readonly Operation[] {
    const name = step.kind === 'remove' ? step.name : step.tunnel.name;
    const existing = portsOf(this.#database(), this.#tunnelBridge).find(({ port }) => port.name === name);
    switch (step.kind) {
      case 'add':
        return existing === undefined ? addition(step.tunnel) : configuration(step.tunnel, existing.device);
      case 'configure':
        return existing === undefined ? [] : configuration(step.tunnel, existing.device);
      case 'remove':
        return existing === undefined || !isOwn(existing.port)
          ? []
          : [removeMembers('Bridge', { name: this.#tunnelBridge }, 'ports', [existing.port.uuid])];
    }
  }

  #database(): SwitchDatabase {
    const { database } = this.#ovsdb;
    if (database === null) throw new OvsdbUnreachable('the tunnels cannot be looked at: there is no connection');
    return database;
  }
}

const tunnelTypes: ReadonlySet<string> = new Set<TunnelPortPlan['type']>(['gre', 'vxlan', 'geneve']);

function addition({ bridge, name, type, options }: TunnelPortPlan): readonly Operation[] {
  const [port, device] = [newRow('port'), newRow('device')];
  return [
    insert('Interface', { name, type, options }, device),
    insert('Port', { name, interfaces: [device], external_ids: ownerMark }, port),
    addMembers('Bridge', { name: bridge }, 'ports', [port]),
  ];
}

function configuration({ type, options }: TunnelPortPlan, { uuid }: InterfaceRow): readonly Operation[] {
  return [update('Interface', { uuid }, { type, options })];
}

function portsOf(
  database: SwitchDatabase,
  bridgeName: string,
): readonly { readonly port: PortRow; readonly device: InterfaceRow }[] {
  const bridge = [...database.Bridge.values()].find(({ name }) => name === bridgeName);
  return (bridge?.ports ?? []).flatMap((uuid) => {
    const port = database.Port.get(uuid);
    const device = database.Interface.get(port?.interfaces[0] ?? '');
    return port === undefined || device === undefined ? [] : [{ port, device }];
  });
}
