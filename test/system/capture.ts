// tcpdump inside an instance: what its device really saw.

import { join } from 'node:path';
import type { Embedded } from '@neutronium/testkit/lab/embedded';

/**
 * Starts to capture frames that match `filter` (pcap-filter(7)) on eth0 of instance `vm`; returns once it listens. When
 * `verbose`, a frame may be several lines, with what is in it.
 */
export async function startCapture(
  embedded: Embedded,
  { vm, filter, verbose = false }: { vm: string; filter: string; verbose?: boolean },
): Promise<{ stop(): Promise<readonly string[]> }> {
  const pidFile = join(embedded.host.dir, `capture-${vm}.pid`);
  const command = `echo $$ >${pidFile}; exec timeout 60 tcpdump ${verbose ? '-v ' : ''}-n -l -i eth0 --immediate-mode '${filter}'`;
  const child = embedded.host.spawn(['sh', '-c', command], { netns: `vm-${vm}` });
  let frames = '';
  let remarks = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (frames += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (remarks += text));
  await embedded.until(`tcpdump in ${vm}`, () => Promise.resolve(remarks.includes('listening on')));
  return {
    async stop() {
      const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
      await embedded.host.script(`kill -INT "$(cat ${pidFile})"`);
      await closed;
      return frames.split('\n').filter((line) => line !== '');
    },
  };
}
