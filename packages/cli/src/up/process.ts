// Processes that outlive the one that started them: found again by a pid file, and told apart from a later process
// that happens to have the same number by what they run.

import { spawn } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Pid files are looked at this often when no exit event can be had (a process that is not our child). */
const pollMs = 50;

/** The pid in `file` while that process runs a command line containing `marker`; undefined otherwise. */
export function runningPid(file: string, marker: string): number | undefined {
  const pid = Number(readText(file)?.trim());
  return Number.isInteger(pid) && pid > 1 && runs(pid, marker) ? pid : undefined;
}

/** Whether process `pid` exists, is no zombie, and has `marker` in its command line (proc(5)). */
export function runs(pid: number, marker: string): boolean {
  // A zombie's command line is empty, and no process of ours has an empty one.
  const commandLine = readText(`/proc/${pid}/cmdline`) ?? '';
  return commandLine !== '' && commandLine.replaceAll('\0', ' ').includes(marker);
}

/** Resolves once `pid` no longer runs `marker`. */
export async function ended(pid: number, marker: string, signal?: AbortSignal): Promise<void> {
  while (runs(pid, marker)) await delay(pollMs, undefined, signal === undefined ? {} : { signal });
}

/** Asks `pid` to end, and after `graceMs` makes it. Resolves once it is gone. */
export async function stop({ pid, marker, graceMs }: { pid: number; marker: string; graceMs: number }): Promise<void> {
  const deadline = performance.now() + graceMs;
  send(pid, 'SIGTERM');
  while (runs(pid, marker)) {
    if (performance.now() > deadline) send(pid, 'SIGKILL');
    await delay(pollMs / 5);
  }
}

export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly pidFile: string;
}

/** Starts `program` in a session of its own, so that a Ctrl-C meant for us does not reach it; output to its log file. */
export async function startProgram(program: Program): Promise<{ pid: number; exited: Promise<string> }> {
  const [file = '', ...args] = program.command;
  const log = openSync(program.logFile, 'a', 0o600);
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...program.env },
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
  });
  if (child.pid === undefined) throw new Error(`starting ${program.name} (${file}): ${await ended}`);
  await writeFile(program.pidFile, `${child.pid}\n`);
  // Only then is the end told: whoever starts the program again must not have its successor's pid file removed.
  const exited = ended.then(async (reason) => {
    await rm(program.pidFile, { force: true });
    return reason;
  });
  return { pid: child.pid, exited };
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone already, which is what the signal was for.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // No such file, or the process ended between two reads: both mean "not there".
    return undefined;
  }
}
