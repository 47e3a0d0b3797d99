// A running ping, and what it says about the time in between.

import { join } from 'node:path';
import type { Embedded } from '@neutronium/testkit/lab/embedded';
import { parsePing, type PingSummary } from '@neutronium/testkit/lab/ping-summary';

const intervalSeconds = 0.02;

/** Starts to ping `address` from instance `from`, fifty times a second, until `stop`. */
export async function startPing(
  embedded: Embedded,
  { from, address }: { from: string; address: string },
): Promise<{ stop(): Promise<PingSummary> }> {
  const pidFile = join(embedded.host.dir, `ping-${from}.pid`);
  const ping = `echo $$ >${pidFile}; exec ping -D -i ${intervalSeconds} -w 120 ${address}`;
  const child = embedded.host.spawn(['sh', '-c', ping], { netns: `vm-${from}` });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await embedded.until('the first answer to a ping', () => Promise.resolve(output.includes('bytes from')));
  return {
    async stop() {
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      // On SIGINT ping ends with its summary; the child that we hold is nsenter, not ping.
      await embedded.host.script(`kill -INT "$(cat ${pidFile})"`);
      await ended;
      return parsePing(output);
    },
  };
}
