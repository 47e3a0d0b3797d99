// What the server has been told on the present connection, so that only news is said and many pieces of news become
// one message. A new connection begins with an empty ledger: everything is said again.

import type {
  FloatingIpStatus,
  HaRouterStatus,
  HaState,
  PortState,
  PortStatus,
} from '@neutronium/model/watch-protocol';
import type { ReportedFloatingIp } from './floating-ip-states.ts';
import type { LoadedReservation, ReportedPort } from './port-states.ts';

/** Everything that is true after a round. */
export interface Standing {
  readonly ports: readonly ReportedPort[];
  readonly reservations: readonly LoadedReservation[];
  readonly floatingIps: readonly ReportedFloatingIp[];
  /** What this host is to its highly available routers, by their ids. */
  readonly haStates: ReadonlyMap<string, HaState>;
}

export class StatusLedger {
  #ports = new Map<string, ReportedPort>();
  #reservations = new Map<string, string>();
  #floatingIps = new Map<string, ReportedFloatingIp>();
  #haStates: ReadonlyMap<string, HaState> = new Map();

  /** Forgets what was told: the next message says everything. */
  clear(): void {
    this.#ports = new Map();
    this.#reservations = new Map();
    this.#floatingIps = new Map();
    this.#haStates = new Map();
  }

  /**
   * The message that brings the server from what it was told to `standing`, or null when there is nothing new. Ports
   * that are no longer there are forgotten, and told again should they come back.
   */
  tell({ ports, reservations }: Standing): PortStatus | null {
    const now = new Map(ports.map((port) => [port.id, port]));
    const gone = [...this.#ports.values()].flatMap(absentUnless(now));
    const news = [...ports.filter((port) => !sameReport(this.#ports.get(port.id), port)), ...gone];
    const loaded = reservations.filter(({ portId, what }) => this.#reservations.get(portId) !== what);
    this.#ports = now;
    this.#reservations = new Map(reservations.map(({ portId, what }) => [portId, what]));
    return message(news, loaded);
  }

  /** The same for floating IPs. */
  tellFloatingIps({ floatingIps }: Standing): FloatingIpStatus | null {
    const news = floatingIps.filter(({ id, status, what }) => {
      const told = this.#floatingIps.get(id);
      return told?.status !== status || told.what !== what;
    });
    this.#floatingIps = new Map(floatingIps.map((each) => [each.id, each]));
    if (news.length === 0) return null;
    return { kind: 'floating-ip-status', ids: news.map(({ id, status }) => ({ id, status })) };
  }

  /** The same for highly available routers. */
  tellHaStates({ haStates }: Standing): HaRouterStatus | null {
    const news = [...haStates].filter(([id, state]) => this.#haStates.get(id) !== state);
    this.#haStates = haStates;
    return news.length === 0 ? null : { kind: 'ha-router-status', routers: news.map(([id, state]) => ({ id, state })) };
  }

  /** The message that says of those of `ports` that they are being built of which no more is known yet. */
  announce(ports: readonly ReportedPort[]): PortStatus | null {
    const news = ports.filter(({ id }) => isUnbuilt(this.#ports.get(id)?.state));
    for (const port of news) this.#ports.set(port.id, port);
    return message(news, []);
  }
}

/**
 * What is said of a router's or a service's port that was told of, where it is there no more: several hosts may have it,
 * and the server would go on to count on this one.
 */
const absentUnless =
  (there: ReadonlyMap<string, ReportedPort>) =>
  (told: ReportedPort): readonly ReportedPort[] =>
    !told.isOfService || there.has(told.id) || told.state === 'absent'
      ? []
      : [{ ...told, state: 'absent', why: 'the port is no more here' }];

/** Whether the port was not on its way to be wired when it was last spoken of. */
function isUnbuilt(told: PortState | undefined): boolean {
  return told === undefined || told === 'absent' || told === 'dead';
}

function message(ports: readonly ReportedPort[], loaded: readonly LoadedReservation[]): PortStatus | null {
  if (ports.length === 0 && loaded.length === 0) return null;
  return {
    kind: 'port-status',
    ports: ports.map(({ id, state, why }) => ({ id, state, why })),
    dhcp: loaded.map(({ portId }) => portId),
  };
}

function sameReport(told: ReportedPort | undefined, port: ReportedPort): boolean {
  return told !== undefined && told.state === port.state && told.revision === port.revision && told.why === port.why;
}
