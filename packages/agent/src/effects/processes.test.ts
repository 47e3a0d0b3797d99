import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { ShellExec } from './exec.ts';
import { SystemFiles } from './files.ts';
import { SystemProcesses } from './processes.ts';

const exec = new ShellExec({ shells: 1 });
const files = new SystemFiles();
const processes = new SystemProcesses({ exec, files, clock: systemClock });
let dir = '';

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'processes-'));
});
afterAll(async () => {
  processes[Symbol.dispose]();
  exec.close();
  await rm(dir, { recursive: true });
});

const isSleep = (argv: readonly string[]): boolean => argv[0] === 'sleep';

describe('daemons', () => {
  it('outlive the shell that started them and are found by their pid file', async () => {
    const pidFile = join(dir, 'outlives');
    const starter = new ShellExec({ shells: 1 });
    const started = await new SystemProcesses({ exec: starter, files, clock: systemClock }).start(['sleep', '1000'], {
      pidFile,
    });
    starter.close();
    await expect.poll(() => processes.find(pidFile, isSleep), { timeout: 60_000 }).toEqual(started);
    await processes.stop(started);
    expect(await processes.isAlive(started)).toBe(false);
    expect(await processes.find(pidFile, isSleep)).toBe(null);
  });

  it('are not mistaken for another process that has their number', async () => {
    const pidFile = join(dir, 'mistaken');
    await files.writeText(pidFile, String(process.pid));
    expect(await processes.find(pidFile, isSleep)).toBe(null);
    const earlier = { pid: process.pid, startTime: '1', argv: ['sleep'] };
    expect(await processes.isAlive(earlier)).toBe(false);
    expect(await processes.signal(earlier, 'TERM')).toBe(false);
  });

  it('are killed when they do not end by themselves', async () => {
    const daemon = await processes.start(['sh', '-c', 'trap "" TERM; while :; do sleep 0.05; done'], {
      pidFile: join(dir, 'stubborn'),
    });
    await processes.stop(daemon, 50);
    expect(await processes.isAlive(daemon)).toBe(false);
  });

  it('are noticed when they end', async () => {
    const daemon = await processes.start(['sleep', '1000'], { pidFile: join(dir, 'noticed') });
    const ended = new Promise<string>((resolve) => {
      processes.onExit(daemon, () => resolve('ended'));
    });
    await processes.signal(daemon, 'KILL');
    expect(await ended).toBe('ended');
  });
});
