import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { serverContext } from '../context.ts';
import { openSqliteStore } from './sqlite-store.ts';

it('keeps the database and its log from other users of the machine', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'neutronium-file-'));
  try {
    const store = await openSqliteStore({ path: path.join(folder, 'private.sqlite') });
    await store.write(serverContext('req-1'), async () => {});
    const files = await readdir(folder);
    const modes = await Promise.all(files.map(async (name) => (await stat(path.join(folder, name))).mode & 0o777));
    await store.close();
    expect(files).toContain('private.sqlite-wal');
    expect(modes).toEqual(modes.map(() => 0o600));
  } finally {
    await rm(folder, { recursive: true });
  }
});
