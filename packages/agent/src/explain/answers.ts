// The answers on the agent's socket.

import {
  agentSocketPaths,
  type AgentRefusal,
  type FlowsAnswer,
  type MeteringAnswer,
  type PortsAnswer,
  type TrafficAnswer,
} from '@neutronium/model/agent-socket';
import type { Exec } from '#effects/exec';
import type { LocalAnswer, LocalRoutes } from '#effects/local-socket';
import { BridgeUnreachable, type OpenFlow } from '#effects/openflow/openflow';
import type { PlannedHost } from '#plan/planner';
import type { ReportedPort } from '#report/port-states';
import { flowEntries, groupEntries, type InstalledFlows } from './flow-entries.ts';
import { meteringEntries } from './metering-entries.ts';
import { portEntries } from './port-entries.ts';
import { driftAnswer, noPlan, repairAnswer, type InspectionSources } from './questions.ts';

export interface AnswerSources extends InspectionSources {
  /** The present plan; null while there is none. */
  readonly planned: () => PlannedHost | null;
  /** What the last round made of the ports. */
  readonly reported: () => readonly ReportedPort[];
  readonly openflow: Pick<OpenFlow, 'dumpFlows'>;
  readonly exec: Pick<Exec, 'run'>;
  readonly traffic: () => TrafficAnswer;
}

export function agentAnswers(sources: AnswerSources): LocalRoutes {
  const { planned, reported, openflow, exec } = sources;
  const answering =
    (answer: (host: PlannedHost) => Promise<FlowsAnswer | PortsAnswer | MeteringAnswer>) =>
    async (): Promise<LocalAnswer> => {
      const host = planned();
      return host === null ? { status: 503, body: noPlan } : { status: 200, body: await answer(host) };
    };
  return {
    [agentSocketPaths.ports]: {
      GET: answering(async (host) => ({ revision: host.view.revision, ports: portEntries(host, reported()) })),
    },
    [agentSocketPaths.metering]: {
      GET: answering(async (host) => ({
        revision: host.view.revision,
        counters: await meteringEntries(host, exec),
      })),
    },
    [agentSocketPaths.traffic]: { GET: async () => ({ status: 200, body: sources.traffic() }) },
    [agentSocketPaths.drift]: { GET: async () => withStatus(await driftAnswer(sources)) },
    [agentSocketPaths.repair]: { POST: async () => withStatus(await repairAnswer(sources)) },
    [agentSocketPaths.flows]: {
      GET: answering(async (host) => ({
        revision: host.view.revision,
        ports: portEntries(host, reported()),
        groups: groupEntries(host.view),
        flows: flowEntries(host, await installedFlows(openflow, [...host.hostPlan.flows.keys()])),
      })),
    },
  };
}

function withStatus(answer: object | AgentRefusal): LocalAnswer {
  return { status: 'error' in answer ? 503 : 200, body: answer };
}

async function installedFlows(
  openflow: Pick<OpenFlow, 'dumpFlows'>,
  bridges: readonly string[],
): Promise<InstalledFlows> {
  const dumps = bridges.map(async (bridge) => {
    try {
      return [bridge, await openflow.dumpFlows(bridge)] as const;
    } catch (error) {
      // Then none of its flows is on the switch, and the answer says just that.
      if (error instanceof BridgeUnreachable) return [bridge, []] as const;
      throw error;
    }
  });
  return new Map(await Promise.all(dumps));
}
