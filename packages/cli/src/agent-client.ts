// Asking this machine's agent on its socket.

import { request } from 'node:http';
import { join } from 'node:path';
import {
  agentSocketName,
  agentSocketPaths,
  type DriftAnswer,
  type FlowsAnswer,
  type MeteringAnswer,
  type PortsAnswer,
  type RepairAnswer,
  type TrafficAnswer,
} from '@neutronium/model/agent-socket';
import { paths } from './up/layout.ts';
import type { Layout } from './up/layout.ts';

/** The flows of the agent's plan, with what the switch has counted. */
export async function askFlows(layout: Layout): Promise<FlowsAnswer> {
  return (await ask(layout, agentSocketPaths.flows)) as FlowsAnswer;
}

/** What the agent has made of each port of this machine. */
export async function askPorts(layout: Layout): Promise<PortsAnswer> {
  return (await ask(layout, agentSocketPaths.ports)) as PortsAnswer;
}

/** What metering labels have counted on this machine. */
export async function askMetering(layout: Layout): Promise<MeteringAnswer> {
  return (await ask(layout, agentSocketPaths.metering)) as MeteringAnswer;
}

/** The newest traffic that this machine has written down. */
export async function askTraffic(layout: Layout): Promise<TrafficAnswer> {
  return (await ask(layout, agentSocketPaths.traffic)) as TrafficAnswer;
}

/** What on this machine is not as planned, after a full look. */
export async function askDrift(layout: Layout): Promise<DriftAnswer> {
  return (await ask(layout, agentSocketPaths.drift)) as DriftAnswer;
}

/** The same, and what is left of it after the agent has put it right. */
export async function askRepair(layout: Layout): Promise<RepairAnswer> {
  return (await ask(layout, agentSocketPaths.repair, 'POST')) as RepairAnswer;
}

/** A full look, a repair of everything and another look, at a large host. */
const patienceMs = 60_000;

/** The answer on `path`, whose shape the agent promises: it is of this same installation. */
async function ask(layout: Layout, path: string, method: 'GET' | 'POST' = 'GET'): Promise<unknown> {
  const socketPath = join(paths(layout).agentState, agentSocketName);
  const { status, text } = await send({ socketPath, path, method }).catch((cause: unknown) => {
    throw new Error(`no agent answers at ${socketPath}: ${whyNot(cause)}`, { cause });
  });
  const body: unknown = JSON.parse(text);
  if (status === 200) return body;
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : text;
  throw new Error(`the agent says: ${String(error)}`);
}

function send(to: {
  readonly socketPath: string;
  readonly path: string;
  readonly method: string;
}): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly text: string }>();
  const asked = request({ ...to, signal: AbortSignal.timeout(patienceMs) }, (answer) => {
    let text = '';
    answer.setEncoding('utf8').on('data', (part: string) => (text += part));
    answer.on('error', reject).on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
  });
  asked.on('error', reject).end();
  return promise;
}

function whyNot(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EACCES') return 'only root may ask; use sudo';
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'does `neutronium up` run, or is --state-dir another?';
  return cause instanceof Error ? cause.message : String(cause);
}
