// What the switch's connection tracking remembers of addresses. A connection is known there by its addresses and the
// network, not by ports: whoever gets the address of a port that is gone would get its connections as well, and hear
// what their far ends say as if he had asked for it. So an address that becomes a port's begins without connections.

import type { TrackedPort } from '@neutronium/dataplane/host-plan';
import type { AddressesInZone, OpenFlow } from '#effects/openflow/openflow';
import { type Ovsdb, OvsdbUnreachable } from '#effects/ovsdb/ovsdb';
import type { Target } from '../target.ts';

export interface ObservedTracking {
  /** `portId zone` of the ports that may speak. */
  readonly connected: ReadonlySet<string>;
  /** What each port was when its addresses had no connections of others. */
  readonly settled: ReadonlyMap<string, TrackedPort>;
}

export interface TrackingStep {
  readonly ports: readonly TrackedPort[];
  /** Addresses that have become a port's. */
  readonly forget: readonly AddressesInZone[];
}

export class TrackedPorts implements Target<readonly TrackedPort[], ObservedTracking, TrackingStep> {
  readonly name = 'tracking';
  readonly #ovsdb: Ovsdb;
  readonly #openflow: OpenFlow;
  readonly #integrationBridge: string;
  readonly #settled = new Map<string, TrackedPort>();

  constructor(parts: { readonly ovsdb: Ovsdb; readonly openflow: OpenFlow; readonly integrationBridge: string }) {
    this.#ovsdb = parts.ovsdb;
    this.#openflow = parts.openflow;
    this.#integrationBridge = parts.integrationBridge;
  }

  /** Connections come and go by themselves and are not looked at, whatever the depth. */
  async observe(): Promise<ObservedTracking> {
    const { database } = this.#ovsdb;
    if (database === null) throw new OvsdbUnreachable('the ports cannot be looked at: there is no connection');
    const connected = new Set<string>();
    for (const port of database.Port.values()) {
      const portId = database.Interface.get(port.interfaces[0] ?? '')?.external_ids['iface-id'];
      if (portId !== undefined && port.tag !== null) connected.add(placeOf({ portId, zone: port.tag }));
    }
    return { connected, settled: new Map(this.#settled) };
  }

  plan(desired: readonly TrackedPort[], { connected, settled }: ObservedTracking): readonly TrackingStep[] {
    const ports = desired.filter((port) => {
      const before = settled.get(port.portId);
      return before === undefined || !isSame(before, port) || !connected.has(placeOf(port));
    });
    const forget = ports.flatMap((port): readonly AddressesInZone[] => {
      if (!connected.has(placeOf(port))) return [port];
      // One that speaks already was seen to by an earlier agent.
      const before = settled.get(port.portId) ?? port;
      const gained = port.addresses.filter((address) => !before.addresses.includes(address));
      return gained.length === 0 ? [] : [{ zone: port.zone, addresses: gained }];
    });
    return ports.length === 0 ? [] : [{ ports, forget }];
  }

  async apply({ ports, forget }: TrackingStep, signal?: AbortSignal): Promise<void> {
    if (forget.length > 0) await this.#openflow.forgetConnections(this.#integrationBridge, forget, signal);
    for (const port of ports) this.#settled.set(port.portId, port);
  }
}

function isSame(a: TrackedPort, b: TrackedPort): boolean {
  return a === b || (a.zone === b.zone && a.addresses.join() === b.addresses.join());
}

function placeOf({ portId, zone }: Pick<TrackedPort, 'portId' | 'zone'>): string {
  return `${portId} ${zone}`;
}

/** What a step does, for the log. */
export function describeTrackingStep({ ports, forget }: TrackingStep): string {
  const addresses = forget.flatMap((each) => each.addresses).length;
  return `forgetting what connections ${addresses} addresses of ${ports.length} ports have had before`;
}
