// Waiting for a port to become ACTIVE, and saying why when it does not; and for the agent that is to make it so.

import { setTimeout as delay } from 'node:timers/promises';
import { askPorts } from '../agent-client.ts';
import { listAgents, showPort } from '../cloud/networking.ts';
import type { Port } from '../cloud/networking.ts';
import type { Session } from '../cloud/session.ts';
import type { Layout } from '../up/layout.ts';
import type { Tell } from '../up/supervisor.ts';

export interface ActiveWait {
  readonly operator: Session;
  readonly portId: string;
  readonly host: string;
  /** Where the agent of this machine can be asked. */
  readonly layout: Layout;
  readonly tell: Tell;
  readonly timeoutMs?: number;
}

const pollMs = 50;

/** The port once it is ACTIVE. Tells each status that it goes through. */
export async function waitUntilActive({
  operator,
  portId,
  host,
  layout,
  tell,
  timeoutMs = 30_000,
}: ActiveWait): Promise<Port> {
  const startedAt = performance.now();
  let last = '';
  for (;;) {
    const port = await showPort(operator, portId);
    if (port === null) throw new Error(`port ${portId} was deleted while it was waited for`);
    const elapsed = Math.round(performance.now() - startedAt);
    if (port.status !== last) tell(`port ${portId} is ${port.status} (${elapsed} ms)`);
    last = port.status;
    if (port.status === 'ACTIVE') return port;
    if (elapsed > timeoutMs) {
      throw new Error(
        `port ${portId} is still ${port.status} after ${timeoutMs / 1000} s: ${await reason({ operator, port, host, layout })}`,
      );
    }
    await delay(pollMs);
  }
}

/** Returns once the agent of `host` is alive: a port that is bound before that cannot be bound at all. */
export async function waitForAgent({
  operator,
  host,
  tell,
  timeoutMs = 30_000,
}: Omit<ActiveWait, 'portId' | 'layout'>): Promise<void> {
  const startedAt = performance.now();
  for (let told = false; ; told = true) {
    const agents = await listAgents(operator, host);
    if (agents.some(({ agent_type: type, alive }) => type === switchAgent && alive)) return;
    if (performance.now() - startedAt > timeoutMs) {
      throw new Error(
        agents.length === 0
          ? `no agent has ever reported from host ${host}; --host says another name for this machine`
          : `the agent of host ${host} is not alive; does \`neutronium up\` run?`,
      );
    }
    if (!told) tell(`waiting for the agent of ${host}`);
    await delay(pollMs);
  }
}

const switchAgent = 'Open vSwitch agent';

async function reason({
  operator,
  port,
  host,
  layout,
}: Pick<ActiveWait, 'operator' | 'host' | 'layout'> & { readonly port: Port }): Promise<string> {
  const agents = (await listAgents(operator, host)).filter(({ agent_type: type }) => type === switchAgent);
  if (agents.length === 0) return `no agent has ever reported from host ${host}`;
  if (!agents.some(({ alive }) => alive)) return `the agent of host ${host} is not alive`;
  if (port['binding:vif_type'] === 'binding_failed') {
    return `host ${host} cannot be bound to: its agent has no bridge for the network's type`;
  }
  const { ports } = await askPorts(layout).catch(() => ({ ports: [] }));
  const why = ports.find(({ id }) => id === port.id)?.why ?? "see the agent's log";
  return `the agent of host ${host} has not wired it: ${why}`;
}
