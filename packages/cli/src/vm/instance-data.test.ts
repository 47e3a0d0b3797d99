import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parsePublicKey, readInstanceData } from './instance-data.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'instance-data-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKk alice@example.org';

it('takes keys by the names of their files, and any bytes as user data', async () => {
  const bytes = Buffer.from([0, 255, 10, 13]);
  await writeFile(join(folder, 'alice.pub'), `${key}\n`);
  await writeFile(join(folder, 'data'), bytes);
  expect(await readInstanceData([join(folder, 'alice.pub')], join(folder, 'data'))).toEqual({
    keys: [{ name: 'alice', key }],
    user_data: bytes.toString('base64'),
  });
  expect(await readInstanceData([], undefined)).toEqual({ keys: [], user_data: null });
});

it.each([
  ['nothing', ''],
  [
    'the private half',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n',
  ],
  ['two keys', `${key}\n${key}\n`],
  ['something else', 'root:x:0:0:root:/root:/bin/bash\n'],
])('refuses %s as a key', (_, text) => {
  expect(() => parsePublicKey('it', text)).toThrow('it is not the public half');
});

it('refuses more user data than Nova takes', async () => {
  await writeFile(join(folder, 'large'), Buffer.alloc(65_536));
  await expect(readInstanceData([], join(folder, 'large'))).rejects.toThrow('65535');
});
