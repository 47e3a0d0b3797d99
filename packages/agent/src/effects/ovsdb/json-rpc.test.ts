import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from './column.ts';
import { JsonRpcConnection } from './json-rpc.ts';
import { OvsdbUnreachable } from './ovsdb.ts';

describe('a JSON-RPC connection', () => {
  let dir: string;
  let server: Server;
  let peer: Promise<Socket>;
  let connection: JsonRpcConnection;
  let events: string[];

  beforeEach(async () => {
    events = [];
    dir = await mkdtemp(join(tmpdir(), 'json-rpc-'));
    server = createServer();
    peer = new Promise((resolve) => {
      server.once('connection', resolve);
    });
    await new Promise<void>((resolve) => {
      server.listen(join(dir, 'socket'), resolve);
    });
    connection = new JsonRpcConnection(connect(join(dir, 'socket')), {
      onNotification: (method, params) => events.push(`${method} ${JSON.stringify(params)}`),
      onClose: () => events.push('closed'),
    });
  });
  afterEach(async () => {
    connection.close();
    (await peer).destroy();
    server.close();
    await rm(dir, { recursive: true });
  });

  it('answers a probe with what it was asked', async () => {
    const socket = await peer;
    const answer = new Promise<string>((resolve) => {
      socket.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    });
    socket.write('{"method":"echo","params":["are","you"],"id":"echo"}');
    expect(JSON.parse(await answer)).toEqual({ result: ['are', 'you'], error: null, id: 'echo' });
  });

  it('hands an answer over before the notification that follows it in the same packet', async () => {
    const called = connection.call('monitor', [], (result: Json) => events.push(`result ${JSON.stringify(result)}`));
    (await peer).write('{"id":1,"result":"initial","error":null}{"method":"update","params":["next"],"id":null}');
    await called;
    expect(events).toEqual(['result "initial"', 'update ["next"]']);
  });

  it('rejects what is still unanswered when it is lost', async () => {
    const called = connection.call('transact', [], () => undefined);
    (await peer).destroy();
    await expect(called).rejects.toThrow(OvsdbUnreachable);
    expect(events).toEqual(['closed']);
  });

  it('hangs up on a peer that does not speak JSON', async () => {
    const called = connection.call('transact', [], () => undefined);
    (await peer).write('{what?}');
    await expect(called).rejects.toThrow(OvsdbUnreachable);
  });
});
