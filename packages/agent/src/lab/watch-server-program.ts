// A stand-in for the API server's watch stream, run inside a lab host: what comes on standard input is sent to the
// agent, line by line, and what the agent says is printed. Prints `{"kind":"connected"}` for each new agent. The last
// snapshot and all changes after it are said again to an agent that connects anew.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';

const http = createServer();
const sockets = new WebSocketServer({ server: http, path: '/agent/v1/watch' });
let said: string[] = [];
let agent: WebSocket | null = null;

sockets.on('connection', (socket) => {
  agent = socket;
  console.log(JSON.stringify({ kind: 'connected' }));
  socket.on('message', (data: Buffer) => console.log(data.toString()));
  socket.on('error', () => undefined);
  for (const line of said) socket.send(line);
});
createInterface({ input: process.stdin })
  .on('line', (line) => {
    said = line.includes('"kind":"snapshot"') ? [line] : [...said, line];
    agent?.send(line);
  })
  .on('close', () => process.exit());
http.listen(Number(process.argv[2]), '127.0.0.1');
