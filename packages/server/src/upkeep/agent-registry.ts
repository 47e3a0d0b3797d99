// The agents table, from what hosts report of themselves. A heartbeat is no event that anybody follows: it is written
// past the change log, in batches. An agent that is new is an event, and one whose tunnels end elsewhere or that does
// something else for routers: other hosts have to hear of it.

import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import type { AgentReport } from '@neutronium/model/watch-protocol';
import { serverContext } from '../context.ts';
import { ensureDvrMac } from '../binding/dvr-macs.ts';
import { isAlive } from '../binding/host-agents.ts';
import { carriesDistributed, l3ModeOf } from '../binding/l3-mode.ts';
import { tunnellingOf } from '../binding/tunnelling.ts';
import type { MacSource } from '#ipam/mac-addresses';
import type { Store, Writer } from '../store/store.ts';
import { Batch } from './batch.ts';

const maxAgentsPerWrite = 500;

/** Heartbeats of many hosts come together within this. */
const heartbeatWaitMs = 200;

interface Bit {
  readonly host: string;
  readonly report: AgentReport;
  /** The agent's process has just begun. */
  readonly started: boolean;
}

export interface AgentRegistryParts {
  readonly store: Store;
  readonly now: () => Date;
  /** Seconds of silence after which an agent counts as dead. */
  readonly agentDownTime: number;
  /** Where the addresses come from that distributed routers of hosts send from. */
  readonly dvrMacs: MacSource;
  /** Told of hosts whose agents are new, were dead, or have become agents of another mode. */
  readonly onArrival: (hosts: readonly string[]) => void;
  readonly onProblem: (error: unknown) => void;
}

export class AgentRegistry {
  readonly #parts: AgentRegistryParts;
  readonly #heartbeats: Batch<Bit>;
  readonly #arrivals: Batch<Bit>;

  constructor(parts: AgentRegistryParts) {
    this.#parts = parts;
    const common = {
      nameOf: ({ host, report }: Bit) => `${report.agent_type} ${host}`,
      write: (bits: readonly Bit[]) => this.#write(bits),
      maxBits: maxAgentsPerWrite,
      onProblem: parts.onProblem,
    };
    this.#heartbeats = new Batch<Bit>({ ...common, waitMs: heartbeatWaitMs });
    this.#arrivals = new Batch<Bit>({ ...common, waitMs: 0 });
  }

  /** A host has connected; `started` says that its process is new. */
  arrived(host: string, reports: readonly AgentReport[], started: boolean): void {
    for (const report of reports) this.#arrivals.add({ host, report, started });
  }

  heard(host: string, reports: readonly AgentReport[]): void {
    for (const report of reports) this.#heartbeats.add({ host, report, started: false });
  }

  /** Resolves when everything that was said is written. */
  async idle(): Promise<void> {
    await this.#arrivals.idle();
    await this.#heartbeats.idle();
  }

  async stop(): Promise<void> {
    await this.#arrivals.stop();
    await this.#heartbeats.stop();
  }

  async #write(bits: readonly Bit[]): Promise<void> {
    const now = this.#parts.now();
    const context = serverContext(`req-${randomUUID()}`);
    const arrived = await this.#parts.store.write(context, async (writer) => {
      const hosts = [...new Set(bits.map(({ host }) => host))];
      const known = new Map(
        (await writer.list(agent, { where: [{ op: 'equals', attribute: 'host', values: hosts }] })).map((record) => [
          `${record.agent_type} ${record.host}`,
          record,
        ]),
      );
      const arrivedHosts = new Set<string>();
      for (const bit of bits) {
        const record = known.get(`${bit.report.agent_type} ${bit.host}`);
        if (record === undefined) await writer.insert(agent, [newAgent(bit, now)]);
        else await refresh(writer, record, bit, now);
        const mode = l3ModeOf(bit.report);
        const hasMode = record !== undefined && l3ModeOf(record) === mode;
        if (carriesDistributed(mode) && !hasMode) await ensureDvrMac(writer, bit.host, this.#parts.dvrMacs);
        if (!hasMode || !isAlive(record, { now, agentDownTime: this.#parts.agentDownTime })) {
          arrivedHosts.add(bit.host);
        }
      }
      return [...arrivedHosts];
    });
    if (arrived.length > 0) this.#parts.onArrival(arrived);
  }
}

function newAgent({ host, report }: Bit, now: Date): Omit<AgentRecord, 'created_at'> {
  return {
    id: randomUUID(),
    agent_type: report.agent_type,
    binary: report.binary,
    topic: report.topic,
    host,
    availability_zone: report.availability_zone,
    admin_state_up: true,
    description: null,
    configurations: report.configurations,
    started_at: renderTimestamp(now),
    heartbeat_timestamp: renderTimestamp(now),
  };
}

async function refresh(writer: Writer, record: AgentRecord, { report, started }: Bit, now: Date): Promise<void> {
  const { id } = record;
  const isSameForOthers =
    isDeepStrictEqual(tunnellingOf(record), tunnellingOf(report)) && l3ModeOf(record) === l3ModeOf(report);
  if (!isSameForOthers) {
    await writer.update(agent, id, { configurations: report.configurations });
  }
  await writer.db
    .updateTable('agents')
    .set({
      binary: report.binary,
      topic: report.topic,
      availability_zone: report.availability_zone,
      configurations: JSON.stringify(report.configurations),
      heartbeat_timestamp: renderTimestamp(now),
      ...(started ? { started_at: renderTimestamp(now) } : {}),
    })
    .where('id', '=', id)
    .execute();
}
