// Says to the server what is true of this host: ports and reservations as soon as they change, what is applied, and a
// heartbeat from time to time. What cannot be sent is not kept: a new connection is told everything anew.

import type { AgentMessage, AgentReport, HaState } from '@neutronium/model/watch-protocol';
import type { Clock } from '#effects/clock';
import type { PlannedHost } from '#plan/planner';
import type { RoundOutcome } from '#reconcile/round';
import { floatingIpStates } from './floating-ip-states.ts';
import { loadedReservations, portsBeingBuilt, portStates } from './port-states.ts';
import type { ReportedPort } from './port-states.ts';
import { StatusLedger } from './status-ledger.ts';
import type { Standing } from './status-ledger.ts';

export interface ReporterParts {
  /** False when there is no connection. */
  readonly send: (message: AgentMessage) => boolean;
  readonly agents: () => readonly AgentReport[];
  readonly clock: Clock;
  readonly intervalMs: number;
}

export class Reporter implements Disposable {
  readonly #parts: ReporterParts;
  readonly #ledger = new StatusLedger();
  readonly #drift = new Map<string, number>();
  #standing: Standing | null = null;
  /** The revision that is on the host. */
  #applied: number | null = null;
  #timer: Disposable | null = null;
  /** What the host's routers send from, as it was last told with what the agents say of themselves. */
  #toldAddress: string | null = null;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
    this.#scheduleHeartbeat();
  }

  /** What the last round made of the ports, whether or not the server could be told. */
  get ports(): readonly ReportedPort[] {
    return this.#standing?.ports ?? [];
  }

  /** A new connection: the server is told everything that is known. */
  connected(): void {
    this.#ledger.clear();
    if (this.#standing !== null) this.#tell(this.#standing);
    if (this.#applied !== null) this.#say({ kind: 'ack', revision: this.#applied });
  }

  /** A round with this plan begins. */
  beginning(planned: PlannedHost): void {
    this.#say(this.#ledger.announce(portsBeingBuilt(planned)));
  }

  /** The round is over. A stage that could not look leaves open what is on the host, so nothing is acknowledged. */
  finished(planned: PlannedHost, outcome: RoundOutcome): void {
    for (const [stage, count] of outcome.drift) this.#drift.set(stage, (this.#drift.get(stage) ?? 0) + count);
    const ports = portStates(planned, outcome);
    this.#standing = {
      ports,
      reservations: loadedReservations(planned, outcome),
      floatingIps: floatingIpStates(planned, outcome, ports),
      haStates: haStatesOf(planned),
    };
    // The states of the ports first: who waits for the revision must find them told.
    this.#tell(this.#standing);
    this.#tellAddress(planned);
    if (outcome.blocked.size > 0 || planned.view.revision === this.#applied) return;
    this.#applied = planned.view.revision;
    this.#say({ kind: 'ack', revision: this.#applied });
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #scheduleHeartbeat(): void {
    this.#timer = this.#parts.clock.after(this.#parts.intervalMs, () => {
      this.#sayHeartbeat();
      this.#scheduleHeartbeat();
    });
  }

  #sayHeartbeat(): void {
    this.#say({ kind: 'heartbeat', agents: this.#parts.agents(), drift: Object.fromEntries(this.#drift) });
  }

  /** Operators look for the address at once, when the host has got it. */
  #tellAddress({ view, inventory }: PlannedHost): void {
    const address = view.distributed_routing.get(inventory.host)?.mac_address ?? null;
    if (address === this.#toldAddress) return;
    this.#toldAddress = address;
    this.#sayHeartbeat();
  }

  #tell(standing: Standing): void {
    this.#say(this.#ledger.tell(standing));
    this.#say(this.#ledger.tellFloatingIps(standing));
    this.#say(this.#ledger.tellHaStates(standing));
  }

  #say(message: AgentMessage | null): void {
    if (message !== null && !this.#parts.send(message)) this.#ledger.clear();
  }
}

/** What this host is to the highly available routers that it has. */
function haStatesOf({ hostPlan, inventory: { haStates } }: PlannedHost): ReadonlyMap<string, HaState> {
  return new Map(hostPlan.routerWatches.map(({ name }) => [name, haStates.get(name) ?? 'standby']));
}
