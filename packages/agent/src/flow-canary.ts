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
  /** Whether the bridge is believed to hold our flows; where it is not, there is nothing to miss. */
  readonly believed: () => boolean;
  /** Called when the flow is missed; it is for the caller to stop believing. */
  readonly onLost: () => void;
}

export class FlowCanary implements Disposable {
  readonly #parts: FlowCanaryParts;
  #timer: Disposable;
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
    const { openflow, bridge, believed, onLost } = this.#parts;
    if (!believed()) return;
    try {
      const flows = await openflow.dumpFlows(bridge, { table: brInt.number('CANARY') });
      // Meanwhile others may have found the same.
      if (flows.length === 0 && believed() && !this.#closed) onLost();
    } catch (error) {
      // Who holds the connection tells of its end.
      if (!(error instanceof BridgeUnreachable)) throw error;
    }
  }
}
