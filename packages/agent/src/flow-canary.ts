// Notices that somebody has emptied the integration bridge, long before the next full look at it. One flow, in a table
// that no packet ever reaches, is asked for every now and then: when it is gone, so is probably everything else. The
// end of ovs-vswitchd itself is noticed by the end of its connections.

import { brInt } from '@neutronium/dataplane/bridges/br-int/pipeline';
import type { Clock } from '#effects/clock';
import { BridgeUnreachable, type OpenFlow } from '#effects/openflow/openflow';

/** How often Neutron's agent looks (polling_interval). */
const periodMs = 2_000;

export interface FlowCanaryParts {
  readonly openflow: Pick<OpenFlow, 'dumpFlows'>;
  readonly clock: Clock;
  readonly bridge: string;
  /** Called once for each time that the flow was there and is not any more. */
  readonly onLost: () => void;
}

export class FlowCanary implements Disposable {
  readonly #parts: FlowCanaryParts;
  #timer: Disposable;
  #seen = false;
  #closed = false;

  constructor(parts: FlowCanaryParts) {
    this.#parts = parts;
    this.#timer = this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer[Symbol.dispose]();
  }

  #schedule(): Disposable {
    return this.#parts.clock.after(periodMs, () => {
      void this.#look().finally(() => {
        if (!this.#closed) this.#timer = this.#schedule();
      });
    });
  }

  async #look(): Promise<void> {
    const { openflow, bridge, onLost } = this.#parts;
    try {
      const flows = await openflow.dumpFlows(bridge, { table: brInt.number('CANARY') });
      const lost = this.#seen && flows.length === 0;
      this.#seen = flows.length > 0;
      if (lost && !this.#closed) onLost();
    } catch (error) {
      // Who holds the connection tells of its end.
      if (!(error instanceof BridgeUnreachable)) throw error;
    }
  }
}
