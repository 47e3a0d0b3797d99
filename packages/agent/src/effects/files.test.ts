import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryFiles } from './files.fake.ts';
import { type Files, SystemFiles } from './files.ts';

const kinds: readonly { readonly name: string; readonly make: () => Files }[] = [
  { name: 'of the system', make: () => new SystemFiles() },
  { name: 'in memory', make: () => new MemoryFiles() },
];

describe.each(kinds)('files $name', ({ make }) => {
  let dir: string;
  let files: Files;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'files-'));
    files = make();
  });
  afterEach(async () => {
    await rm(dir, { recursive: true });
  });

  it('are read as they were written last, and are null where there are none', async () => {
    const path = join(dir, 'some/folder/host');
    expect(await files.readText(path)).toBe(null);
    await files.writeText(path, 'one');
    await files.writeText(path, 'two');
    expect(await files.readText(path)).toBe('two');
    expect(await files.readText(`${path}/below`)).toBe(null);
  });

  it('grow by what is added to their end', async () => {
    const path = join(dir, 'log');
    await files.appendText(path, 'one\n');
    await files.appendText(path, 'two\n');
    expect(await files.readText(path)).toBe('one\ntwo\n');
  });

  it('are listed by name, without a trace of how they were written', async () => {
    await files.writeText(join(dir, 'net/opts'), '');
    await files.writeText(join(dir, 'net/host'), '');
    await files.makeFolder(join(dir, 'net/empty'));
    expect(await files.list(join(dir, 'net'))).toEqual(['empty', 'host', 'opts']);
    expect(await files.list(join(dir, 'net/empty'))).toEqual([]);
    expect(await files.list(join(dir, 'none'))).toEqual([]);
  });

  it('are removed with all below them, and again', async () => {
    await files.writeText(join(dir, 'net/host'), '');
    await files.writeText(join(dir, 'network'), 'stays');
    await files.remove(join(dir, 'net'));
    await files.remove(join(dir, 'net'));
    expect(await files.list(join(dir, 'net'))).toEqual([]);
    expect(await files.readText(join(dir, 'network'))).toBe('stays');
  });

  it('are not written over a folder', async () => {
    await files.writeText(join(dir, 'net/host'), '');
    await expect(files.writeText(join(dir, 'net'), '')).rejects.toThrow(`writing ${join(dir, 'net')}`);
    expect(await files.list(dir)).toEqual(['net']);
  });
});
