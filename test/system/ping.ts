// A running ping, and what it says about the time in between.

import { join } from 'node:path';
import type { Embedded } from '@neutronium/testkit/lab/embedded';

export interface PingSummary {
  readonly sent: number;
  /** Requests without an answer. The last one is not counted: it may have been on its way when ping was stopped. */
  readonly lost: number;
  /** The longest time without an answer, in milliseconds. */
  readonly longestGapMs: number;
}

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

/** Reads the output of `ping -D` (iputils): one line with a time stamp per answer, a summary at the end. */
export function parsePing(output: string): PingSummary {
  const answers = [...output.matchAll(/^\[(?<time>\d+\.\d+)\] \d+ bytes from .*icmp_seq=(?<number>\d+)/gm)];
  const times = answers.map(({ groups }) => Number(groups?.['time']) * 1000);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const sent = Number(/(\d+) packets transmitted/.exec(output)?.[1]);
  const answered = new Set(answers.map(({ groups }) => Number(groups?.['number'])));
  answered.delete(sent);
  return { sent, lost: sent - 1 - answered.size, longestGapMs: Math.max(0, ...gaps) };
}
