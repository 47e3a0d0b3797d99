// What a device of a machine of a lab, or of a namespace on it, really sees: tcpdump, from the moment in which it listens
// to the moment in which it is stopped.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from '@neutronium/cli/lab/host';

export interface RecordingPlan {
  readonly device: string;
  /** A named network namespace of the machine, where the device is in one. */
  readonly netns?: string;
  /** What is recorded (pcap-filter(7)); everything where absent. */
  readonly filter?: string;
  /** Further options (tcpdump(1)). */
  readonly options?: readonly string[];
}

export interface Recording<Result> {
  /** Ends it, once all that it has seen is written. */
  stop(): Promise<Result>;
}

/** A recording that somebody forgets ends by itself. */
const longestSeconds = 120;

let recordings = 0;

/** Starts tcpdump, which writes what it sees as lines: what a tunnel carries is on a line of its own. */
export async function recordLines(host: LabHost, plan: RecordingPlan): Promise<Recording<readonly string[]>> {
  const options = ['-n', '-l', ...(plan.options ?? [])];
  const recording = await startTcpdump(host, { ...plan, options });
  return { stop: async () => (await recording.stop()).split('\n').filter((line) => line !== '') };
}

/** Starts tcpdump with these options; what it has printed is given when it has ended. */
export async function startTcpdump(
  host: LabHost,
  { device, netns, filter = '', options = [] }: RecordingPlan,
): Promise<Recording<string>> {
  recordings += 1;
  const pidFile = join(host.dir, `tcpdump-${recordings}.pid`);
  const tcpdump = `tcpdump -i ${device} --immediate-mode ${options.join(' ')} '${filter}'`;
  const command = `echo $$ >${pidFile}; exec timeout ${longestSeconds} ${tcpdump}`;
  const child = host.spawn(['sh', '-c', command], { ...(netns !== undefined && { netns }) });
  let [printed, remarks] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (remarks += text));
  while (!remarks.includes('listening on')) {
    if (child.exitCode !== null) throw new Error(`tcpdump on ${device}: ${remarks}`);
    await delay(10);
  }
  return {
    async stop() {
      const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
      await host.script(`kill -INT "$(cat ${pidFile})"`);
      await closed;
      return printed;
    },
  };
}
