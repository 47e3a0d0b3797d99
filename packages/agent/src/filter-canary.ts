// Notices that somebody has emptied the host's packet filter, as the restart of another firewall does, long before the
// next full look at it: without its hooks, what should be filtered is forwarded unfiltered. The first rule of FORWARD
// is asked for every now and then; when it is not ours, the whole is looked at.

import { readMark } from '@neutronium/dataplane/netfilter/rule';
import type { Clock } from '#effects/clock';
import { CommandFailed, type Exec } from '#effects/exec';

/** As often as the flows of br-int are asked for. */
const periodMs = 2_000;

export interface FilterCanaryParts {
  readonly exec: Exec;
  readonly clock: Clock;
  /** Whether the host is believed to hold our rules; where it is not, there is nothing to miss. */
  readonly believed: () => boolean;
  /** Called when our rule is missed; it is for the caller to stop believing. */
  readonly onLost: () => void;
}

export class FilterCanary implements Disposable {
  readonly #parts: FilterCanaryParts;
  #timer: Disposable;
  #closed = false;

  constructor(parts: FilterCanaryParts) {
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
    const { exec, believed, onLost } = this.#parts;
    if (!believed()) return;
    try {
      const { stdout } = await exec.run(['sh', '-e'], { stdin: firstRules });
      const ours = stdout.split('\n').filter((line) => readMark(line) !== null);
      // Meanwhile others may have found the same.
      if (ours.length < families && believed() && !this.#closed) onLost();
    } catch (error) {
      // The agent ends, or iptables does not answer, which the next round says.
      if (!(error instanceof CommandFailed) && !this.#closed) throw error;
    }
  }
}

const families = 2;
const firstRules = 'iptables -S FORWARD 1\nip6tables -S FORWARD 1\n';
