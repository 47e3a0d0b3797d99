// What the server does by itself: it takes in the reports of hosts, and now and then, and whenever an agent arrives,
// sees to it that work is with agents that are alive.

import { randomUUID } from 'node:crypto';
import type { FloatingIpStatus, HaRouterStatus, Heartbeat, Hello, PortStatus } from '@neutronium/model/watch-protocol';
import { serverContext } from '../context.ts';
import type { Call } from '../resources/handlers.ts';
import type { MacSource } from '#ipam/mac-addresses';
import type { Reader, Store, Writer } from '../store/store.ts';
import type { ReportSink } from '../watch/watch-server.ts';
import { AgentRegistry } from './agent-registry.ts';
import { FloatingIpStatusKeeper } from './floating-ip-status-keeper.ts';
import { HaStateKeeper, type FollowHaState } from './ha-state-keeper.ts';
import { type HasPort, PortStatusKeeper } from './port-status-keeper.ts';

/** A small piece of work in a transaction of its own: one that fails leaves the others to be done. */
export interface Chore {
  readonly what: string;
  readonly run: (call: Call<Writer>) => Promise<void>;
}

/** Those that wait together share a commit, and requests wait for no more than these. */
const choresAtOnce = 16;

export interface UpkeepParts {
  readonly store: Store;
  readonly now: () => Date;
  /** Seconds of silence after which an agent counts as dead. */
  readonly agentDownTime: number;
  /** Where the addresses come from that distributed routers of hosts send from. */
  readonly dvrMacs: MacSource;
  /**
   * What there is to do so that work is with agents that are alive: `arrived` names hosts whose agents are new or back;
   * none on the regular round.
   */
  readonly findChores: (reader: Reader, arrived: readonly string[]) => Promise<readonly Chore[]>;
  readonly hasPort: HasPort;
  /** A host is active for a highly available router, or stands by. */
  readonly onHaState: FollowHaState;
  /** A host has repaired more than before: counts by target since its agent started. */
  readonly onDrift: (host: string, drift: Heartbeat['drift']) => void;
  /** A host says of a port whose device it has that it forwards nothing, and why. */
  readonly onSilentPort: (host: string, port: PortStatus['ports'][number]) => void;
  readonly onProblem: (error: unknown) => void;
}

export class Upkeep implements ReportSink {
  readonly #parts: UpkeepParts;
  readonly #registry: AgentRegistry;
  readonly #ports: PortStatusKeeper;
  readonly #floatingIps: FloatingIpStatusKeeper;
  readonly #haStates: HaStateKeeper;
  readonly #drift = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  readonly #arrived = new Set<string>();
  #round: Promise<void> | undefined;
  #wanted = false;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
    const { store, now, agentDownTime, dvrMacs, onProblem } = parts;
    this.#registry = new AgentRegistry({
      store,
      now,
      agentDownTime,
      dvrMacs,
      onProblem,
      onArrival: (hosts) => this.#wake(hosts),
    });
    this.#ports = new PortStatusKeeper({ store, hasPort: parts.hasPort, onProblem });
    this.#floatingIps = new FloatingIpStatusKeeper(store, onProblem);
    this.#haStates = new HaStateKeeper(store, parts.onHaState, onProblem);
    this.#timer = setInterval(() => this.#wake([]), (agentDownTime * 1000) / 2);
    this.#timer.unref();
  }

  hello({ host, agents, revision }: Hello): void {
    // An agent that holds no view has just begun.
    this.#registry.arrived(host, agents, revision === null);
    this.#ports.connected(host);
  }

  heartbeat(host: string, { agents, drift }: Heartbeat): void {
    this.#registry.heard(host, agents);
    const repairs = Object.values(drift).reduce((sum, count) => sum + count, 0);
    if (repairs > (this.#drift.get(host) ?? 0)) this.#parts.onDrift(host, drift);
    this.#drift.set(host, repairs);
  }

  portStatus(host: string, status: PortStatus): void {
    for (const port of status.ports) {
      if (port.state === 'dead' || port.state === 'failed') this.#parts.onSilentPort(host, port);
    }
    this.#ports.take(host, status);
  }

  floatingIpStatus(host: string, status: FloatingIpStatus): void {
    this.#floatingIps.take(host, status);
  }

  haRouterStatus(host: string, status: HaRouterStatus): void {
    this.#haStates.take(host, status);
  }

  /** Looks now whether work is with agents that can do it, rather than on the next round. */
  look(): void {
    this.#wake([]);
  }

  /** Resolves when everything reported so far is written and acted upon. */
  async idle(): Promise<void> {
    await this.#registry.idle();
    await this.#ports.idle();
    await this.#floatingIps.idle();
    await this.#haStates.idle();
    await this.#round;
  }

  /** Writes what has been reported and ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#registry.stop();
    await this.#ports.stop();
    await this.#floatingIps.stop();
    await this.#haStates.stop();
    this.#wanted = false;
    await this.#round;
  }

  #wake(arrived: readonly string[]): void {
    for (const host of arrived) this.#arrived.add(host);
    this.#wanted = true;
    this.#round ??= this.#rounds();
  }

  async #rounds(): Promise<void> {
    while (this.#wanted) {
      this.#wanted = false;
      const arrived = [...this.#arrived];
      this.#arrived.clear();
      try {
        const chores = await this.#parts.store.read((reader) => this.#parts.findChores(reader, arrived));
        for (let done = 0; done < chores.length; done += choresAtOnce) {
          await Promise.all(chores.slice(done, done + choresAtOnce).map((chore) => this.#do(chore)));
        }
      } catch (error) {
        // The regular round tries again.
        for (const host of arrived) this.#arrived.add(host);
        this.#parts.onProblem(error);
      }
    }
    this.#round = undefined;
  }

  async #do({ what, run }: Chore): Promise<void> {
    const context = serverContext(`req-${randomUUID()}`);
    try {
      await this.#parts.store.write(context, (store) => run({ context, store }));
    } catch (error) {
      this.#parts.onProblem(new Error(what, { cause: error }));
    }
  }
}
