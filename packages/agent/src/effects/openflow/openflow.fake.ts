import { flowKey, type FlowRule } from '@neutronium/dataplane/openflow/flow';
import type { InstalledFlow } from '@neutronium/dataplane/openflow/wire/flow-messages';
import type { InstalledMeter } from '@neutronium/dataplane/openflow/wire/meter-messages';
import {
  type AddressesInZone,
  type BridgeEvent,
  BridgeUnreachable,
  type DumpOptions,
  type FlowChange,
  FlowRefused,
  type MeterChange,
  type OpenFlow,
} from './openflow.ts';

/** Switches in memory. Each bridge has to be made; a change is all or nothing; a flow can be declared refused. */
export class FakeOpenFlow implements OpenFlow {
  /** Every change that was made, in order. */
  readonly changes: { readonly bridge: string; readonly change: FlowChange }[] = [];
  /** Addresses whose connections were forgotten, with their zones, in order. */
  readonly forgotten: string[] = [];
  /** Why the switch refuses a flow; null accepts it. */
  refuses: (flow: FlowRule) => string | null = () => null;
  readonly #bridges = new Map<string, Map<string, InstalledFlow>>();
  readonly #meters = new Map<string, Map<number, InstalledMeter>>();
  readonly #listeners = new Set<(event: BridgeEvent) => void>();

  makeBridge(name: string): void {
    this.#bridges.set(name, new Map());
  }

  /** ovs-vswitchd is started anew: all flows are gone. */
  restart(): void {
    for (const [bridge, flows] of this.#bridges) {
      flows.clear();
      this.#meters.delete(bridge);
      for (const event of ['lost', 'ready'] as const) {
        for (const listener of this.#listeners) listener({ bridge, event });
      }
    }
  }

  async dumpFlows(bridge: string, { table, signal }: DumpOptions = {}): Promise<readonly InstalledFlow[]> {
    signal?.throwIfAborted();
    return [...this.#flows(bridge).values()].filter((flow) => table === undefined || flow.table === table);
  }

  async changeFlows(bridge: string, change: FlowChange, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const flows = this.#flows(bridge);
    for (const flow of change.add) {
      const unknown = flow.actions.some(
        (action) => action.kind === 'meter' && !this.#metersOf(bridge).has(action.meter),
      );
      const reason = unknown ? 'OFPMMFC_UNKNOWN_METER' : this.refuses(flow);
      if (reason !== null) throw new FlowRefused({ bridge, flow: flowKey(flow), reason });
    }
    for (const flow of change.remove) {
      if ('match' in flow && flow.match !== null) flows.delete(flowKey({ ...flow, actions: [] }));
    }
    for (const flow of change.add) flows.set(flowKey(flow), installed(flow, change.cookie));
    this.changes.push({ bridge, change });
  }

  async dumpMeters(bridge: string, signal?: AbortSignal): Promise<readonly InstalledMeter[]> {
    signal?.throwIfAborted();
    this.#flows(bridge);
    return [...this.#metersOf(bridge).values()];
  }

  async changeMeters(bridge: string, { add, modify, remove }: MeterChange, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#flows(bridge);
    const meters = this.#metersOf(bridge);
    for (const number of remove) {
      meters.delete(number);
      for (const [key, flow] of this.#flows(bridge)) {
        const names = flow.actions?.some((action) => action.kind === 'meter' && action.meter === number);
        if (names === true) this.#flows(bridge).delete(key);
      }
    }
    const refused = (number: number, reason: string) => new FlowRefused({ bridge, flow: `meter ${number}`, reason });
    for (const { number } of modify) if (!meters.has(number)) throw refused(number, 'OFPMMFC_UNKNOWN_METER');
    for (const { number } of add) if (meters.has(number)) throw refused(number, 'OFPMMFC_METER_EXISTS');
    for (const meter of [...add, ...modify]) meters.set(meter.number, { number: meter.number, meter });
  }

  async forgetConnections(bridge: string, of: readonly AddressesInZone[], signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#flows(bridge);
    this.forgotten.push(...of.flatMap(({ zone, addresses }) => addresses.map((address) => `${address} in ${zone}`)));
  }

  onEvent(listener: (event: BridgeEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** No flow of the fake meets a packet. */
  onPacket(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }

  #metersOf(bridge: string): Map<number, InstalledMeter> {
    const meters = this.#meters.get(bridge) ?? new Map<number, InstalledMeter>();
    this.#meters.set(bridge, meters);
    return meters;
  }

  #flows(bridge: string): Map<string, InstalledFlow> {
    const flows = this.#bridges.get(bridge);
    if (flows === undefined) throw new BridgeUnreachable(`no connection to ${bridge}`);
    return flows;
  }
}

function installed({ table, priority, match, actions }: FlowRule, cookie: bigint): InstalledFlow {
  const counters = { idleTimeoutSeconds: 0, hardTimeoutSeconds: 0, packets: 0n, bytes: 0n };
  return { table, priority, match, actions, cookie, rawMatch: new Uint8Array(), ...counters };
}
