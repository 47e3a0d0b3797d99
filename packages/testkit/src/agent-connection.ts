// An agent as the server's tests need one: it connects and says hello, and does nothing with what it is told.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contractVersion } from '@neutronium/model/host-view';
import type { L3Mode } from '@neutronium/model/l3-mode';
import type { AgentReport, Hello } from '@neutronium/model/watch-protocol';
import { WebSocket } from 'ws';
import type { Requests } from './api.ts';

const secret = 'a secret of agents';

/** The file that a server reads the agents' secret from; it goes when this is disposed. */
export function agentSecret(): Disposable & { readonly file: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'neutronium-agents-'));
  const file = path.join(folder, 'secret');
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What the agents of a host say of themselves that switches, by VXLAN unless said otherwise, and routes. */
export function routingReports(
  agent_mode: L3Mode,
  switching: AgentReport['configurations'] = {
    bridge_mappings: {},
    tunnel_types: ['vxlan'],
    tunneling_ip: '192.0.2.1',
  },
): readonly AgentReport[] {
  return [
    {
      agent_type: 'Open vSwitch agent',
      binary: 'neutron-openvswitch-agent',
      topic: 'N/A',
      availability_zone: null,
      configurations: switching,
    },
    {
      agent_type: 'L3 agent',
      binary: 'neutron-l3-agent',
      topic: 'l3_agent',
      availability_zone: 'nova',
      configurations: { agent_mode },
    },
  ];
}

/** The open connection of the agents of `host`, which the caller ends. */
export function connectAgent({
  url,
  host,
  agents,
}: {
  /** `http://…` of the server. */
  readonly url: string;
  readonly host: string;
  readonly agents: readonly AgentReport[];
}): WebSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/agent/v1/watch`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  const hello: Hello = { kind: 'hello', contract: contractVersion, host, revision: null, agents };
  socket.on('open', () => socket.send(JSON.stringify(hello)));
  return socket;
}

/** Ends the connections of agents, and has the server forget every agent, so that the next test's say so anew. */
export async function forgetAgents(api: Requests, sockets: WebSocket[]): Promise<void> {
  // An agent of which the server still has a report to write down would come back after it was removed.
  for (const socket of sockets.splice(0)) {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  }
  for (const { id } of (await api.get('/v2.0/agents')).body.agents) await api.remove(`/v2.0/agents/${id}`);
}
