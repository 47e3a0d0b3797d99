// What `neutronium lab status` shows: the machines of the lab and the memory of each.

import { readdir, readFile, readlink } from 'node:fs/promises';
import Table from 'cli-table3';
import type { RunningLab } from './running-lab.ts';

export interface MachineStatus {
  readonly name: string;
  readonly processes: number;
  /** The processes' own share of memory (proc(5), smaps_rollup: Pss). */
  readonly memoryMb: number;
}

/** The state of every machine, by the processes in its PID namespace. */
export async function machineStates(lab: RunningLab): Promise<readonly MachineStatus[]> {
  const namespaces = new Map<string, { processes: number; kilobytes: number }>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    // A process may end between the listing and the reading.
    const namespace = await readlink(`/proc/${entry}/ns/pid`).catch(() => undefined);
    const rollup = await readFile(`/proc/${entry}/smaps_rollup`, 'utf8').catch(() => '');
    if (namespace === undefined) continue;
    const sum = namespaces.get(namespace) ?? { processes: 0, kilobytes: 0 };
    sum.processes += 1;
    sum.kilobytes += Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
    namespaces.set(namespace, sum);
  }
  return await Promise.all(
    lab.machines.map(async ({ name, initPid }) => {
      const namespace = await readlink(`/proc/${initPid}/ns/pid`).catch(() => '');
      const { processes, kilobytes } = namespaces.get(namespace) ?? { processes: 0, kilobytes: 0 };
      return { name, processes, memoryMb: Math.round(kilobytes / 1024) };
    }),
  );
}

export function renderStates(lab: RunningLab, states: readonly MachineStatus[]): string {
  const table = new Table({ head: ['Machine', 'Processes', 'Memory (MB)'], style: { head: [], border: [] } });
  for (const { name, processes, memoryMb } of states) table.push([name, processes, memoryMb]);
  return `The API of the lab is at ${lab.apiUrl}, for its machines.\n${table.toString()}`;
}
