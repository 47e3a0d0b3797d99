// Turns the reports of hosts into the status of floating IPs.

import { randomUUID } from 'node:crypto';
import { floatingip } from '@neutronium/model/resources/floatingip';
import type { FloatingIpStatus } from '@neutronium/model/watch-protocol';
import { serverContext } from '../context.ts';
import type { Reader, Store } from '../store/store.ts';
import { Batch } from './batch.ts';

const maxFloatingIpsPerWrite = 500;

interface Bit {
  readonly host: string;
  readonly id: string;
  readonly status: FloatingIpStatus['ids'][number]['status'];
}

export class FloatingIpStatusKeeper {
  readonly #store: Store;
  readonly #batch: Batch<Bit>;

  constructor(store: Store, onProblem: (error: unknown) => void) {
    this.#store = store;
    this.#batch = new Batch<Bit>({
      nameOf: ({ host, id }) => `${id} ${host}`,
      write: (bits) => this.#write(bits),
      maxBits: maxFloatingIpsPerWrite,
      waitMs: 0,
      onProblem,
    });
  }

  take(host: string, { ids }: FloatingIpStatus): void {
    for (const { id, status } of ids) this.#batch.add({ host, id, status });
  }

  /** Resolves when everything that was taken is written. */
  idle(): Promise<void> {
    return this.#batch.idle();
  }

  stop(): Promise<void> {
    return this.#batch.stop();
  }

  async #write(bits: readonly Bit[]): Promise<void> {
    await this.#store.write(serverContext(`req-${randomUUID()}`), async (writer) => {
      const hosts = await hostsOf(writer, [...new Set(bits.map(({ id }) => id))]);
      for (const { id, host, status } of bits) {
        // A host may speak of what the routers that it hosts translate, and of what its part of distributed ones does.
        if (hosts.get(id)?.has(host) === true) await writer.update(floatingip, id, { status });
      }
    });
  }
}

/**
 * The hosts that may translate each floating IP: those of the agents that host its router, and, where that is
 * distributed, that of the port; two statements.
 */
async function hostsOf({ db }: Reader, ids: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const hosting = await db
    .selectFrom('floatingips')
    .innerJoin('router_l3_agents', 'router_l3_agents.router_id', 'floatingips.router_id')
    .innerJoin('agents', 'agents.id', 'router_l3_agents.agent_id')
    .select(['floatingips.id', 'agents.host'])
    .where('floatingips.id', 'in', ids)
    .execute();
  const local = await db
    .selectFrom('floatingips')
    .innerJoin('routers', 'routers.id', 'floatingips.router_id')
    .innerJoin('ports', 'ports.id', 'floatingips.port_id')
    .select(['floatingips.id', 'ports.binding:host_id as host'])
    .where('floatingips.id', 'in', ids)
    .where('routers.distributed', '=', 1)
    .execute();
  const byId = Map.groupBy([...hosting, ...local], ({ id }) => id);
  return new Map([...byId].map(([id, of]) => [id, new Set(of.map(({ host }) => host))]));
}
