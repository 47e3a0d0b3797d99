import type { FlowRule } from '@neutronium/dataplane/openflow/flow';
import type { IpAddress } from '@neutronium/net/ip';
import type { RateMeter } from '@neutronium/dataplane/openflow/meter';
import type { InstalledMeter } from '@neutronium/dataplane/openflow/wire/meter-messages';
import type { PacketIn } from '@neutronium/dataplane/openflow/wire/packet-in';
import type { InstalledFlow } from '@neutronium/dataplane/openflow/wire/flow-messages';

/** What tells a switch which flow to remove: the flow itself, or the switch's own listing of it. */
export type FlowReference =
  | Pick<FlowRule, 'table' | 'priority' | 'match'>
  | Pick<InstalledFlow, 'table' | 'priority' | 'rawMatch'>;

export interface FlowChange {
  readonly remove: readonly FlowReference[];
  /** Each replaces what has its table, priority and match. */
  readonly add: readonly FlowRule[];
  /** The cookie of the flows that are added. */
  readonly cookie: bigint;
}

/** What is to become of a bridge's meters. */
export interface MeterChange {
  readonly add: readonly RateMeter[];
  readonly modify: readonly RateMeter[];
  /** Numbers of meters; flows that name them go with them. */
  readonly remove: readonly number[];
}

/** Addresses in one zone of connection tracking. */
export interface AddressesInZone {
  readonly zone: number;
  readonly addresses: readonly IpAddress[];
}

export interface DumpOptions {
  /** All tables unless given. */
  readonly table?: number;
  readonly signal?: AbortSignal;
}

/** lost: the connection ended, perhaps with ovs-vswitchd and all flows; ready: there is a connection again. */
export type BridgeEvent = { readonly bridge: string; readonly event: 'lost' | 'ready' };

/** The flows of the bridges of one ovs-vswitchd. */
export interface OpenFlow {
  /** The flows of the bridge, whoever added them. Rejects with BridgeUnreachable when there is no such bridge. */
  dumpFlows(bridge: string, options?: DumpOptions): Promise<readonly InstalledFlow[]>;
  /**
   * Makes the change in one step, so that no packet meets a part of it, and resolves when it is in force. Rejects with
   * FlowRefused, and changes nothing, when the switch refuses any of it.
   */
  changeFlows(bridge: string, change: FlowChange, signal?: AbortSignal): Promise<void>;
  /** The meters of the bridge. Rejects with BridgeUnreachable when there is no such bridge. */
  dumpMeters(bridge: string, signal?: AbortSignal): Promise<readonly InstalledMeter[]>;
  /** Makes the changes one after the other. Rejects with FlowRefused when the switch refuses one, and makes the others. */
  changeMeters(bridge: string, change: MeterChange, signal?: AbortSignal): Promise<void>;
  /**
   * Has the switch's connection tracking forget all connections of those addresses, and resolves when it has. Rejects
   * with FlowRefused where the switch does not know how (before Open vSwitch 3.1).
   */
  forgetConnections(bridge: string, of: readonly AddressesInZone[], signal?: AbortSignal): Promise<void>;
  /** Speaks of bridges that have been used since. */
  onEvent(listener: (event: BridgeEvent) => void): Disposable;
  /** Speaks of what flows of the filtering bridge send to the controller. */
  onPacket(listener: (packet: PacketIn) => void): Disposable;
}

export class FlowRefused extends Error {
  readonly bridge: string;
  /** What was refused, as ovs-ofctl would write it; null where it was the change as a whole. */
  readonly flow: string | null;

  constructor(parts: { readonly bridge: string; readonly flow: string | null; readonly reason: string }) {
    super(
      `${parts.bridge} refused ${parts.flow === null ? 'a change of its flows' : `'${parts.flow}'`}: ${parts.reason}`,
    );
    this.name = 'FlowRefused';
    this.bridge = parts.bridge;
    this.flow = parts.flow;
  }
}

export class BridgeUnreachable extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`OpenFlow: ${what}`, options);
    this.name = 'BridgeUnreachable';
  }
}
