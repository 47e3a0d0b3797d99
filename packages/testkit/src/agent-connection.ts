// An agent as the server's tests need one: it connects and says hello, and does nothing with what it is told.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contractVersion } from '@neutronium/model/host-view';
import type { AgentReport, Hello } from '@neutronium/model/watch-protocol';
import { WebSocket } from 'ws';

const secret = 'a secret of agents';

/** The file that a server reads the agents' secret from; it goes when this is disposed. */
export function agentSecret(): Disposable & { readonly file: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'neutronium-agents-'));
  const file = path.join(folder, 'secret');
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
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
