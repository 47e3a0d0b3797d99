// The zones of connection tracking that an earlier agent has given to ports, read back from the rules that set them.
// A port whose zone changed would lose the connections that it has.

import { readZones } from '@neutronium/dataplane/firewall/hybrid/host-chains';
import { Backoff } from '#effects/backoff';
import { sleep, type Clock } from '#effects/clock';
import type { Exec } from '#effects/exec';
import type { Random } from '#effects/random';

const retry = { firstMs: 100, lastMs: 10_000 } as const;

export interface ConntrackZonesParts {
  readonly effects: { readonly clock: Clock; readonly random: Random; readonly exec: Exec };
  /** Whether ports of this host have zones at all. */
  readonly used: boolean;
  readonly onKnown: () => void;
  readonly onFailed: (error: unknown) => void;
}

export class ConntrackZones {
  readonly #parts: ConntrackZonesParts;
  #known: ReadonlyMap<string, number> | null;

  constructor(parts: ConntrackZonesParts) {
    this.#parts = parts;
    this.#known = parts.used ? null : new Map();
  }

  /** By port id; null until they have been read. */
  get known(): ReadonlyMap<string, number> | null {
    return this.#known;
  }

  /** Reads them once, trying again until it succeeds or `signal` is aborted. */
  async read(signal: AbortSignal): Promise<void> {
    const { effects, onKnown, onFailed } = this.#parts;
    const backoff = new Backoff({ ...retry, fraction: () => effects.random.fraction() });
    while (this.#known === null && !signal.aborted) {
      try {
        const { stdout } = await effects.exec.run(['iptables-save', '-t', 'raw'], { signal });
        this.#known = readZones(stdout);
        onKnown();
      } catch (error) {
        if (signal.aborted) return;
        onFailed(error);
        await sleep(effects.clock, backoff.nextMs(), signal).catch(() => undefined);
      }
    }
  }
}
