import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemLocalSocket, type LocalRoutes } from './local-socket.ts';

const routes: LocalRoutes = {
  '/good': { GET: async () => ({ status: 200, body: { is: 'good' } }) },
  '/done': { POST: async () => ({ status: 200, body: { is: 'done' } }) },
  '/bad': {
    GET: async () => {
      throw new Error('it broke');
    },
  },
};

describe('a local socket', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'socket-'));
    path = join(folder, 'agent.sock');
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (target: string, method = 'GET') =>
    new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
      const asked = request({ socketPath: path, path: target, method }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (part: string) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(text) }));
      });
      asked.on('error', reject).end();
    });

  it('answers what its routes say, and says why where it cannot', async () => {
    await using sockets = new AsyncDisposableStack();
    sockets.use(await new SystemLocalSocket().serve(path, routes));
    expect(await ask('/good')).toEqual({ status: 200, body: { is: 'good' } });
    expect(await ask('/bad')).toEqual({ status: 500, body: { error: 'it broke' } });
    expect(await ask('/toString')).toEqual({ status: 404, body: { error: 'there is no /toString here' } });
    expect(await ask('/good', 'POST')).toEqual({ status: 405, body: { error: '/good has no POST' } });
    expect(await ask('/done', 'POST')).toEqual({ status: 200, body: { is: 'done' } });
    expect(await ask('/done')).toMatchObject({ status: 405 });
  });

  it('is open to its owner alone, and takes the place of what a killed process has left', async () => {
    await writeFile(path, '');
    await using sockets = new AsyncDisposableStack();
    sockets.use(await new SystemLocalSocket().serve(path, routes));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await ask('/good')).toMatchObject({ status: 200 });
  });

  it('is gone once it is disposed of', async () => {
    await (await new SystemLocalSocket().serve(path, routes))[Symbol.asyncDispose]();
    await expect(ask('/good')).rejects.toThrow(/ENOENT/);
  });

  it('says where it could not listen', async () => {
    path = join(folder, 'no-such-folder', 'agent.sock');
    await expect(new SystemLocalSocket().serve(path, routes)).rejects.toThrow(`listening on ${path}`);
  });
});
