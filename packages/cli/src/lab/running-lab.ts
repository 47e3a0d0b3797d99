// The lab that runs on this machine, as the process that keeps it tells others: which machines it has and how they are
// entered. The file is in /run, and is believed only while that process lives.

import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runs, stop } from '../up/process.ts';
import type { LabHost } from './host.ts';
import type { Lab } from './lab.ts';

export const defaultLabFile = '/run/neutronium-lab.json';

/** Part of the command line of the process that keeps a lab. */
const marker = 'lab up';
const stopGraceMs = 10_000;

export interface RunningMachine {
  readonly name: string;
  /** Its first process, as numbered on this machine. */
  readonly initPid: number;
  /** The words before a command that make it run there. */
  readonly enter: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface RunningLab {
  readonly pid: number;
  readonly apiUrl: string;
  readonly machines: readonly RunningMachine[];
}

/** What commands in a machine find in their environment: the switch's tools, our own command, and who they are. */
export function machineOf(host: LabHost): RunningMachine {
  const path = [join(host.dir, 'bin'), process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'].join(':');
  const clouds = { OS_CLIENT_CONFIG_FILE: '/var/lib/neutronium/clouds.yaml', OS_CLOUD: 'neutronium' };
  return {
    name: host.name,
    initPid: host.initPid,
    enter: host.enter,
    environment: { ...host.environment, ...clouds, PATH: path },
  };
}

/** Tells others of `lab`, which this process keeps. */
export async function announce(file: string, lab: Lab): Promise<void> {
  const running: RunningLab = {
    pid: process.pid,
    apiUrl: lab.apiUrl,
    machines: [...lab.machines.values()].map(machineOf),
  };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
}

/** The lab that runs, or undefined. */
export async function findLab(file: string): Promise<RunningLab | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // We wrote it ourselves; nobody but root can write it.
  const lab = JSON.parse(text) as RunningLab;
  return runs(lab.pid, marker) ? lab : undefined;
}

/** As `findLab`, for commands that need one. */
export async function requireLab(file: string): Promise<RunningLab> {
  const lab = await findLab(file);
  if (lab === undefined) throw new Error('no lab runs on this machine: `neutronium lab up` starts one');
  return lab;
}

/** Ends the lab, and with it everything in it. */
export async function endLab(file: string): Promise<void> {
  const lab = await findLab(file);
  if (lab !== undefined) await stop({ pid: lab.pid, marker, graceMs: stopGraceMs });
  await rm(file, { force: true });
}

/** Runs a command on a machine of the lab with this process's terminal; gives its exit code. */
export async function runOn(lab: RunningLab, name: string, argv: readonly string[]): Promise<number> {
  const machine = lab.machines.find((each) => each.name === name);
  if (machine === undefined) {
    throw new Error(`the lab has no ${name}; it has ${lab.machines.map((each) => each.name).join(', ')}`);
  }
  const [program = '', ...args] = [...machine.enter, ...argv];
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...machine.environment } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
