// Writes down which host is active for each highly available router, as the hosts say.

import { randomUUID } from 'node:crypto';
import type { HaRouterStatus, HaState } from '@neutronium/model/watch-protocol';
import { serverContext } from '../context.ts';
import type { Call } from '../resources/handlers.ts';
import type { Store, Writer } from '../store/store.ts';
import { Batch } from './batch.ts';

const maxRoutersPerWrite = 50;

/** One host's word on one router. */
export interface HaReport {
  readonly routerId: string;
  readonly host: string;
  readonly state: HaState;
}

/** Takes a report in: what else depends on it follows. */
export type FollowHaState = (call: Call<Writer>, report: HaReport) => Promise<void>;

export class HaStateKeeper {
  readonly #batch: Batch<HaReport>;

  constructor(store: Store, follow: FollowHaState, onProblem: (error: unknown) => void) {
    this.#batch = new Batch<HaReport>({
      nameOf: ({ routerId, host }) => `${routerId} ${host}`,
      async write(reports) {
        const context = serverContext(`req-${randomUUID()}`);
        await store.write(context, async (writer) => {
          // Who stands by makes room before another is active.
          const inOrder = reports.toSorted((a, b) => Number(a.state === 'active') - Number(b.state === 'active'));
          for (const report of inOrder) await follow({ context, store: writer }, report);
        });
      },
      maxBits: maxRoutersPerWrite,
      waitMs: 0,
      onProblem,
    });
  }

  take(host: string, { routers }: HaRouterStatus): void {
    for (const { id, state } of routers) this.#batch.add({ routerId: id, host, state });
  }

  /** Resolves when everything that was taken is written. */
  idle(): Promise<void> {
    return this.#batch.idle();
  }

  stop(): Promise<void> {
    return this.#batch.stop();
  }
}
