// The agents of many hosts in one process: the real agent's connection and what it holds of its view, and nothing behind
// it. Each acknowledges at once what it is told and reports as often as a real one.

import { systemClock } from '@neutronium/agent/effects/clock';
import { systemRandom } from '@neutronium/agent/effects/random';
import { WatchClient } from '@neutronium/agent/intake/watch-client';
import type { HostView } from '@neutronium/model/host-view';
import type { AgentReport } from '@neutronium/model/watch-protocol';

/** Of the real agent (`agent.report_interval`). */
const reportIntervalMs = 30_000;

type Look = (view: HostView) => boolean;

interface SimulatedAgent {
  readonly client: WatchClient;
  readonly looking: Set<(view: HostView) => void>;
  /** The server has sent something on the present connection. */
  inStep: boolean;
}

export interface FleetParts {
  readonly server: string;
  readonly secret: string;
  readonly hosts: readonly string[];
}

export class SimulatedFleet implements AsyncDisposable {
  readonly #agents: ReadonlyMap<string, SimulatedAgent>;
  readonly #stopping = new AbortController();
  readonly #running: readonly Promise<void>[];
  readonly #reports: readonly NodeJS.Timeout[];
  readonly #awaitingStep = new Set<() => void>();

  constructor({ server, secret, hosts }: FleetParts) {
    this.#agents = new Map(hosts.map((host, index) => [host, this.#agentOf({ server, secret, host, index })]));
    this.#running = [...this.#agents.values()].map(({ client }) => client.run(this.#stopping.signal));
    this.#reports = [...this.#agents].map(([, { client }], index) => {
      const report = (): void => void client.send({ kind: 'heartbeat', agents: [reportOf(index)], drift: {} });
      return setInterval(report, reportIntervalMs);
    });
  }

  /** How many agents have heard from the server on their present connection. */
  get inStep(): number {
    return [...this.#agents.values()].filter((each) => each.inStep).length;
  }

  viewOf(host: string): HostView | null {
    return this.#agents.get(host)?.client.view ?? null;
  }

  /** Resolves once every agent has been told its view, or what it has missed, on its present connection. */
  async allInStep(): Promise<void> {
    if (this.inStep === this.#agents.size) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.inStep < this.#agents.size) return;
        this.#awaitingStep.delete(look);
        resolve();
      };
      this.#awaitingStep.add(look);
    });
  }

  /** Resolves, with the time on performance's clock, once `holds` is true of the views of all `hosts`. */
  async informed(hosts: Iterable<string>, holds: Look): Promise<number> {
    await Promise.all([...new Set(hosts)].map((host) => this.#seen(host, holds)));
    return performance.now();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const report of this.#reports) clearInterval(report);
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  #seen(host: string, holds: Look): Promise<void> {
    const agent = this.#agents.get(host);
    if (agent === undefined) throw new Error(`the fleet has no host ${host}`);
    if (agent.client.view !== null && holds(agent.client.view)) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (view: HostView): void => {
        if (!holds(view)) return;
        agent.looking.delete(look);
        resolve();
      };
      agent.looking.add(look);
    });
  }

  #agentOf({
    server,
    secret,
    host,
    index,
  }: Omit<FleetParts, 'hosts'> & { readonly host: string; readonly index: number }): SimulatedAgent {
    const client = new WatchClient({
      server,
      secret,
      host,
      agents: () => [reportOf(index)],
      events: {
        onView: (view) => {
          client.send({ kind: 'ack', revision: view.revision });
          this.#heard(agent);
          for (const look of agent.looking) look(view);
        },
        onQuestion: ({ id }) => client.send({ kind: 'reply', id, answer: { error: 'the host is simulated' } }),
        onConnected: () => undefined,
        onDisconnected: () => {
          agent.inStep = false;
        },
      },
      clock: systemClock,
      random: () => systemRandom.fraction(),
    });
    const agent: SimulatedAgent = { client, looking: new Set(), inStep: false };
    return agent;
  }

  #heard(agent: SimulatedAgent): void {
    if (agent.inStep) return;
    agent.inStep = true;
    for (const look of this.#awaitingStep) look();
  }
}

function reportOf(index: number): AgentReport {
  return {
    agent_type: 'Open vSwitch agent',
    binary: 'neutron-openvswitch-agent',
    topic: 'N/A',
    availability_zone: null,
    configurations: {
      tunnel_types: ['vxlan'],
      tunneling_ip: `192.168.${Math.floor(index / 250)}.${1 + (index % 250)}`,
      bridge_mappings: {},
      datapath_type: 'system',
      ovs_hybrid_plug: false,
    },
  };
}
