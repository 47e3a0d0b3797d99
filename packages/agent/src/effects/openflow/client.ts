import { join } from 'node:path';
import type { InstalledMeter } from '@neutronium/dataplane/openflow/wire/meter-messages';
import type { PacketIn } from '@neutronium/dataplane/openflow/wire/packet-in';
import type { InstalledFlow } from '@neutronium/dataplane/openflow/wire/flow-messages';
import { Backoff } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import { OpenFlowConnection } from './connection.ts';
import {
  type AddressesInZone,
  type BridgeEvent,
  BridgeUnreachable,
  type DumpOptions,
  type FlowChange,
  type MeterChange,
  type OpenFlow,
} from './openflow.ts';

const answerTimeoutMs = 10_000;

interface Bridge {
  readonly name: string;
  readonly backoff: Backoff;
  connection: OpenFlowConnection | null;
  /** Under way; every caller that needs the connection waits for the same attempt. */
  opening: Promise<OpenFlowConnection> | null;
  /** Whether there has ever been a connection: only then is it news that there is none. */
  known: boolean;
  retry: Disposable | null;
}

/**
 * OpenFlow over the sockets that ovs-vswitchd makes for its bridges in its run folder. A connection is made when it is
 * first needed, and again by itself when it ends, for as long as the client is not closed.
 */
export class OpenFlowClient implements OpenFlow, Disposable {
  readonly #runDir: string;
  readonly #filteringBridge: string | null;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #bridges = new Map<string, Bridge>();
  readonly #listeners = new Set<(event: BridgeEvent) => void>();
  readonly #packetListeners = new Set<(packet: PacketIn) => void>();
  #closed = false;

  constructor(parts: {
    readonly runDir: string;
    /** The bridge whose flows filter, and are to see what first fragments carry; null where none is to be changed. */
    readonly filteringBridge: string | null;
    readonly clock: Clock;
    readonly random: Random;
  }) {
    this.#runDir = parts.runDir;
    this.#filteringBridge = parts.filteringBridge;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  dumpFlows(bridge: string, { table, signal }: DumpOptions = {}): Promise<readonly InstalledFlow[]> {
    const filter = table === undefined ? {} : { table };
    return this.#withConnection(bridge, signal, (connection) => connection.dumpFlows(filter));
  }

  changeFlows(bridge: string, change: FlowChange, signal?: AbortSignal): Promise<void> {
    return this.#withConnection(bridge, signal, (connection) => connection.changeFlows(change));
  }

  dumpMeters(bridge: string, signal?: AbortSignal): Promise<readonly InstalledMeter[]> {
    return this.#withConnection(bridge, signal, (connection) => connection.dumpMeters());
  }

  changeMeters(bridge: string, change: MeterChange, signal?: AbortSignal): Promise<void> {
    return this.#withConnection(bridge, signal, (connection) => connection.changeMeters(change));
  }

  forgetConnections(bridge: string, of: readonly AddressesInZone[], signal?: AbortSignal): Promise<void> {
    return this.#withConnection(bridge, signal, (connection) => connection.forgetConnections(of));
  }

  onEvent(listener: (event: BridgeEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  onPacket(listener: (packet: PacketIn) => void): Disposable {
    this.#packetListeners.add(listener);
    return { [Symbol.dispose]: () => void this.#packetListeners.delete(listener) };
  }

  close(): void {
    this.#closed = true;
    for (const bridge of this.#bridges.values()) {
      bridge.retry?.[Symbol.dispose]();
      bridge.connection?.close();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #withConnection<T>(
    name: string,
    signal: AbortSignal | undefined,
    use: (connection: OpenFlowConnection) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const connection = await this.#connection(this.#bridge(name));
    signal?.throwIfAborted();
    // A switch that does not answer is as good as gone: closing the connection fails what waits on it.
    const deadline = this.#clock.after(answerTimeoutMs, () => connection.close());
    try {
      return await use(connection);
    } finally {
      deadline[Symbol.dispose]();
    }
  }

  #bridge(name: string): Bridge {
    let bridge = this.#bridges.get(name);
    if (bridge === undefined) {
      const backoff = new Backoff({ firstMs: 50, lastMs: 1_000, fraction: () => this.#random.fraction() });
      bridge = { name, backoff, connection: null, opening: null, known: false, retry: null };
      this.#bridges.set(name, bridge);
    }
    return bridge;
  }

  async #connection(bridge: Bridge): Promise<OpenFlowConnection> {
    if (this.#closed) throw new BridgeUnreachable('the agent ends');
    if (bridge.connection !== null && !bridge.connection.closed) return bridge.connection;
    bridge.opening ??= this.#open(bridge).finally(() => {
      bridge.opening = null;
    });
    return bridge.opening;
  }

  async #open(bridge: Bridge): Promise<OpenFlowConnection> {
    bridge.retry?.[Symbol.dispose]();
    let open = true;
    const connection = await OpenFlowConnection.open({
      bridge: bridge.name,
      path: join(this.#runDir, `${bridge.name}.mgmt`),
      showFragments: bridge.name === this.#filteringBridge,
      onClose: () => {
        open = false;
        this.#lost(bridge);
      },
      onPacket: (packet) => {
        for (const listener of this.#packetListeners) listener(packet);
      },
    });
    // It may have ended between its first answer and here; then `#lost` has already seen to it.
    if (open) {
      bridge.connection = connection;
      bridge.backoff.reset();
      if (this.#closed) connection.close();
      else if (bridge.known) this.#announce({ bridge: bridge.name, event: 'ready' });
      bridge.known = true;
    }
    return connection;
  }

  #lost(bridge: Bridge): void {
    const wasConnected = bridge.connection !== null;
    bridge.connection = null;
    if (this.#closed || !bridge.known) return;
    if (wasConnected) this.#announce({ bridge: bridge.name, event: 'lost' });
    bridge.retry = this.#clock.after(bridge.backoff.nextMs(), () => {
      // A failed attempt ends in `#lost` again, which sets the next one.
      this.#connection(bridge).catch(() => undefined);
    });
  }

  #announce(event: BridgeEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
