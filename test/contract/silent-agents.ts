// L3 agents of our side: each says once that it is there, and does nothing with what it is told.

import { testAgentSecret } from '@neutronium/testkit/server-process';
import { contractVersion } from '@neutronium/model/host-view';
import type { Hello } from '@neutronium/model/watch-protocol';
import { WebSocket } from 'ws';

/** Resolves once the server at `url` has taken in the agent of `host`; the connection stays open until disposed. */
export async function connectL3Agent(url: string, host: string): Promise<Disposable> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/agent/v1/watch`, {
    headers: { authorization: `Bearer ${testAgentSecret}` },
  });
  const hello: Hello = {
    kind: 'hello',
    contract: contractVersion,
    host,
    revision: null,
    agents: [
      {
        agent_type: 'L3 agent',
        binary: 'neutron-l3-agent',
        topic: 'l3_agent',
        availability_zone: 'cellar',
        configurations: { agent_mode: 'legacy' },
      },
    ],
  };
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => socket.send(JSON.stringify(hello)));
    socket.once('message', () => resolve());
    socket.once('error', reject);
    socket.once('close', (code) => reject(new Error(`the server refused the agent of ${host} with code ${code}`)));
  });
  return { [Symbol.dispose]: () => socket.close() };
}
