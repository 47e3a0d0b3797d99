// What the server has been told on the present connection, so that only news is said and many pieces of news become
// one message. A new connection begins with an empty ledger: everything is said again.

import type { PortStatus } from '@neutronium/model/watch-protocol';
import type { LoadedReservation, ReportedPort } from './port-states.ts';

export interface News {
  readonly ports: readonly ReportedPort[];
  /** Null leaves what was said of reservations as it is. */
  readonly reservations: readonly LoadedReservation[] | null;
}

export class StatusLedger {
  #ports = new Map<string, ReportedPort>();
  #reservations = new Map<string, string>();

  /** Forgets what was told: the next message says everything. */
  clear(): void {
    this.#ports = new Map();
    this.#reservations = new Map();
  }

  /** The state last told of a port. */
  told(portId: string): ReportedPort | undefined {
    return this.#ports.get(portId);
  }

  /** Whether the DHCP reservation of a port, exactly as it is now, has been told. */
  toldReservation({ portId, what }: LoadedReservation): boolean {
    return this.#reservations.get(portId) === what;
  }

  /**
   * The message that brings the server from what it was told to `news`, or null when there is nothing new. Ports that
   * are no longer spoken of are forgotten, and told again should they come back.
   */
  tell(news: News): PortStatus | null {
    const ports = news.ports.filter((port) => !sameReport(this.#ports.get(port.id), port));
    const dhcp = (news.reservations ?? []).filter((reservation) => !this.toldReservation(reservation));
    this.#ports = new Map(news.ports.map((port) => [port.id, port]));
    if (news.reservations !== null) {
      this.#reservations = new Map(news.reservations.map(({ portId, what }) => [portId, what]));
    }
    if (ports.length === 0 && dhcp.length === 0) return null;
    return {
      kind: 'port-status',
      ports: ports.map(({ id, state, why }) => ({ id, state, why })),
      dhcp: dhcp.map(({ portId }) => portId),
    };
  }
}

function sameReport(told: ReportedPort | undefined, port: ReportedPort): boolean {
  return told !== undefined && told.state === port.state && told.revision === port.revision && told.why === port.why;
}
