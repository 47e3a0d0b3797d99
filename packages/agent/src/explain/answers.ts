// The answers on the agent's socket.

import {
  agentSocketPaths,
  type AgentRefusal,
  type DriftAnswer,
  type FlowsAnswer,
  type PortsAnswer,
} from '@neutronium/model/agent-socket';
import type { LocalAnswer, LocalRoutes } from '#effects/local-socket';
import { BridgeUnreachable, type OpenFlow } from '#effects/openflow/openflow';
import type { PlannedHost } from '#plan/planner';
import type { Inspection } from '#reconcile/inspect';
import type { ReportedPort } from '#report/port-states';
import { flowEntries, groupEntries, type InstalledFlows } from './flow-entries.ts';
import { portEntries } from './port-entries.ts';

export interface AnswerSources {
  /** The present plan; null while there is none. */
  readonly planned: () => PlannedHost | null;
  /** What the last round made of the ports. */
  readonly reported: () => readonly ReportedPort[];
  readonly openflow: Pick<OpenFlow, 'dumpFlows'>;
  /** What a full look at the host finds; null while there is no plan. */
  readonly inspect: () => Promise<Inspection<PlannedHost> | null>;
}

export function agentAnswers({ planned, reported, openflow, inspect }: AnswerSources): LocalRoutes {
  const answering =
    (answer: (host: PlannedHost) => Promise<FlowsAnswer | PortsAnswer>) => async (): Promise<LocalAnswer> => {
      const host = planned();
      return host === null ? { status: 503, body: noPlan } : { status: 200, body: await answer(host) };
    };
  return {
    [agentSocketPaths.ports]: answering(async (host) => ({
      revision: host.view.revision,
      ports: portEntries(host, reported()),
    })),
    [agentSocketPaths.drift]: async () => {
      const found = await inspect();
      if (found === null) return { status: 503, body: noPlan };
      const { plan, differences, unseen } = found;
      return { status: 200, body: { revision: plan.view.revision, differences, unseen } satisfies DriftAnswer };
    },
    [agentSocketPaths.flows]: answering(async (host) => ({
      revision: host.view.revision,
      ports: portEntries(host, reported()),
      groups: groupEntries(host.view),
      flows: flowEntries(host, await installedFlows(openflow, [...host.hostPlan.flows.keys()])),
    })),
  };
}

const noPlan: AgentRefusal = { error: 'the agent has no plan yet: it waits for the server or for Open vSwitch' };

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
