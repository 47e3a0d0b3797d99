import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '#effects/files.fake';
import { FakeFolderWatch } from '#effects/folder-watch.fake';
import { HaStates } from './ha-states.ts';

const folderOf = (id: string): string => `/state/ha_confs/${id}`;

function rig(written: Readonly<Record<string, string>>) {
  const files = new MemoryFiles(
    Object.fromEntries(Object.entries(written).map(([id, state]) => [`${folderOf(id)}/state`, `${state}\n`])),
  );
  const folders = new FakeFolderWatch();
  const failures: unknown[] = [];
  const changes: (ReadonlyMap<string, string> | null)[] = [];
  const states = new HaStates({
    files,
    folders,
    stateDir: '/state',
    onChange: () => changes.push(states.known),
    onFailed: (error) => failures.push(error),
  });
  /** keepalived writes the state of a router whose folder there is. */
  async function write(id: string, state: string): Promise<void> {
    await files.writeText(`${folderOf(id)}/state`, `${state}\n`);
    folders.ring(folderOf(id));
  }
  return { folders, failures, changes, states, write };
}

describe('what a host is to its highly available routers', () => {
  it('is not known before it has been read, as an earlier agent left it', async () => {
    const { states, changes } = rig({ r1: 'primary', r2: 'backup' });
    expect(states.known).toBeNull();
    await states.read();
    expect(states.known).toEqual(
      new Map([
        ['r1', 'active'],
        ['r2', 'standby'],
      ]),
    );
    expect(changes).toHaveLength(1);
  });

  it('is nothing where there has never been such a router', async () => {
    const { states, failures } = rig({});
    await states.read();
    expect([states.known, failures]).toEqual([new Map(), []]);
  });

  it('is read again whenever it is written', async () => {
    const { states, folders, write } = rig({});
    await states.read();
    folders.make(folderOf('r1'));
    states.follow(new Set(['r1']));
    for (const [word, state] of [
      ['backup', 'standby'],
      ['primary', 'active'],
      ['backup', 'standby'],
    ] as const) {
      await write('r1', word);
      await expect.poll(() => states.known?.get('r1'), { interval: 1 }).toBe(state);
    }
  });

  it('is what was written last, however long readings take', async () => {
    const { folders } = rig({});
    const readings: ((text: string) => void)[] = [];
    const states = new HaStates({
      files: {
        list: () => Promise.resolve([]),
        readText: () => new Promise((resolve) => readings.push(resolve)),
      },
      folders,
      stateDir: '/state',
      onChange: () => undefined,
      onFailed: () => undefined,
    });
    await states.read();
    folders.make(folderOf('r1'));
    states.follow(new Set(['r1']));
    folders.ring(folderOf('r1'));
    // What was asked for last is answered first.
    let answered = 0;
    for (const word of ['primary', 'backup']) {
      await expect.poll(() => readings.length, { interval: 1 }).toBeGreaterThan(answered);
      readings.pop()?.(`${word}\n`);
      answered = readings.length;
    }
    await expect.poll(() => states.known?.get('r1'), { interval: 1 }).toBe('standby');
  });

  it('is read when it was written before anybody watched', async () => {
    const { states, folders, write } = rig({});
    await states.read();
    folders.make(folderOf('r1'));
    await write('r1', 'primary');
    states.follow(new Set(['r1']));
    await expect.poll(() => states.known?.get('r1'), { interval: 1 }).toBe('active');
  });

  it('is watched as soon as there is a folder', async () => {
    const { states, folders, write } = rig({});
    await states.read();
    states.follow(new Set(['r1']));
    folders.make(folderOf('r1'));
    states.follow(new Set(['r1']));
    await write('r1', 'primary');
    await expect.poll(() => states.known?.get('r1'), { interval: 1 }).toBe('active');
  });

  it('is forgotten with the router', async () => {
    const { states, folders } = rig({ r1: 'primary' });
    await states.read();
    folders.make(folderOf('r1'));
    states.follow(new Set(['r1']));
    states.follow(new Set());
    expect(states.known).toEqual(new Map());
    expect(folders.folders.get(folderOf('r1'))?.size).toBe(0);
  });

  it('is the same value for as long as nothing differs', async () => {
    const { states, folders, changes } = rig({ r1: 'primary' });
    await states.read();
    const before = states.known;
    folders.make(folderOf('r1'));
    states.follow(new Set(['r1']));
    folders.ring(folderOf('r1'));
    await states.read();
    expect([states.known, changes.length]).toEqual([before, 2]);
  });
});
