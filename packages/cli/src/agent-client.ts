// Asking this machine's agent on its socket.

import { request } from 'node:http';
import { join } from 'node:path';
import {
  agentSocketName,
  agentSocketPaths,
  type DriftAnswer,
  type FlowsAnswer,
  type PortsAnswer,
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

/** What on this machine is not as planned, after a full look. */
export async function askDrift(layout: Layout): Promise<DriftAnswer> {
  return (await ask(layout, agentSocketPaths.drift)) as DriftAnswer;
}

const patienceMs = 30_000;

/** The answer on `path`, whose shape the agent promises: it is of this same installation. */
async function ask(layout: Layout, path: string): Promise<unknown> {
  const socketPath = join(paths(layout).agentState, agentSocketName);
  const { status, text } = await get(socketPath, path).catch((cause: unknown) => {
    throw new Error(`no agent answers at ${socketPath}: ${whyNot(cause)}`, { cause });
  });
  const body: unknown = JSON.parse(text);
  if (status === 200) return body;
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : text;
  throw new Error(`the agent says: ${String(error)}`);
}

function get(socketPath: string, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ readonly status: number; readonly text: string }>();
  const asked = request({ socketPath, path, signal: AbortSignal.timeout(patienceMs) }, (answer) => {
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
