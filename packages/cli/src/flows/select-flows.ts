// Which of the flows of a machine are asked for.

import type { FlowEntry, FlowsAnswer, PortEntry } from '@neutronium/model/agent-socket';

export interface FlowQuestion {
  readonly bridge?: string;
  /** Number or name. */
  readonly table?: string;
  /** Id of any API object, or the first eight characters of one, or more; or the name of a security group. */
  readonly of?: string;
  /** The port whose traffic is asked about. */
  readonly port?: PortEntry;
  /** Only flows that drop, and have dropped something. */
  readonly dropped: boolean;
}

/** The flows that the question is about, in the answer's order. */
export function selectFlows({ flows, groups }: FlowsAnswer, question: FlowQuestion): readonly FlowEntry[] {
  const { bridge, table, of, port, dropped } = question;
  const named = new Set(groups.filter(({ name }) => name === of).map(({ id }) => id));
  return flows.filter(
    (flow) =>
      (bridge === undefined || flow.bridge === bridge) &&
      (table === undefined || table === String(flow.table.number) || table.toUpperCase() === flow.table.name) &&
      (of === undefined || isOf(flow, of) || flow.groups.some((id) => named.has(id))) &&
      (port === undefined || concerns(flow, port)) &&
      (!dropped || (flow.drops && (flow.counted?.packets ?? 0) > 0)),
  );
}

/** The port with that id, or one that begins so, or that device; undefined when there is none of either. */
export function findPortEntry(ports: readonly PortEntry[], idOrDevice: string): PortEntry | undefined {
  return ports.find(({ id, device }) => beginsWith(id, idOrDevice) || device === idOrDevice);
}

function isOf(flow: FlowEntry, of: string): boolean {
  return [flow.of, flow.port ?? '', ...flow.groups].some((id) => beginsWith(id, of));
}

/** The first part of a UUID is long enough to mean one, and too long for most names to be taken for it. */
const shortestBeginning = 8;

function beginsWith(id: string, beginning: string): boolean {
  return id === beginning || (beginning.length >= shortestBeginning && id.startsWith(beginning));
}

/** Flows that judge this port's packets, and those that it shares with the other ports of its groups. */
function concerns(flow: FlowEntry, port: PortEntry): boolean {
  if (flow.port !== null) return flow.port === port.id;
  return flow.groups.some((id) => port.security_groups.includes(id));
}
