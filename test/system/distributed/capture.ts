// What a device of a lab's host sees, as tcpdump writes it, tunnelled packets with what is in them.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from '@neutronium/cli/lab/host';

export interface Capture {
  /** Ends it; the lines of all packets, with their MAC addresses. */
  stop(): Promise<readonly string[]>;
}

/** Starts to record packets that match `filter` (pcap-filter(7)); returns once tcpdump listens. */
export async function capture(host: LabHost, device: string, filter = ''): Promise<Capture> {
  const pidFile = join(host.dir, `capture-${device}.pid`);
  const command = `echo $$ >${pidFile}; exec timeout 60 tcpdump -n -e -l -i ${device} --immediate-mode '${filter}'`;
  const child = host.spawn(['sh', '-c', command]);
  let [lines, remarks] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (lines += text));
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
      // What a tunnel carries is on a line of its own, after that of the packet that carries it.
      return lines.split('\n').filter((line) => line !== '');
    },
  };
}
