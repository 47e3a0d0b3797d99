import { mkdtemp, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeExec } from './exec.fake.ts';
import { SystemFiles } from './files.ts';
import { SocketServer } from './socket-server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'socket-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Makes the folder, whoever runs the test; that the group is given to it is the real command's matter. */
const exec = new FakeExec({
  install: async ({ argv }) => {
    await new SystemFiles().makeFolder(argv.at(-1) ?? '');
    return {};
  },
});

async function listen(answer: string): Promise<SocketServer> {
  const path = join(folder, 'own', 'socket');
  return await SocketServer.listen({ path, group: 'some', handle: (_, response) => void response.end(answer), exec });
}

async function ask(): Promise<string> {
  const outgoing = get({ socketPath: join(folder, 'own', 'socket') });
  // The first of its arguments, by Node's word for it.
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return await text(response);
}

it('answers those who may use its folder, and only makes the folder theirs', async () => {
  await using server = await listen('here');
  expect(await server.isReachable()).toBe(true);
  expect(await ask()).toBe('here');
  expect((await stat(join(folder, 'own', 'socket'))).mode & 0o777).toBe(0o666);
  expect(exec.history[0]?.argv).toEqual(['install', '-d', '-m', '0750', '-g', 'some', join(folder, 'own')]);
});

it('takes the place of one that has died, and notices when its own is taken', async () => {
  await using first = await listen('first');
  expect(await first.isReachable()).toBe(true);
  await using second = await listen('second');
  expect(await ask()).toBe('second');
  expect(await first.isReachable()).toBe(false);
  expect(await second.isReachable()).toBe(true);
});
