// How much gets from one place of a host to another, as the receiver sees it (pump.py).

import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Embedded } from '@neutronium/testkit/lab/embedded';

const program = join(import.meta.dirname, 'pump.py');

export interface Flow {
  readonly proto: 'udp' | 'tcp';
  /** Namespaces. */
  readonly from: string;
  readonly to: string;
  /** What the receiver is called by, where that is not its own address. */
  readonly by?: string;
  /** The receiver's own address. */
  readonly address: string;
  /** Bytes of a datagram's payload, or of a write. */
  readonly size: number;
  /** Datagrams sent in each second. */
  readonly rate: number;
}

export interface Measured {
  readonly bits_per_second: number;
  readonly packets_per_second: number;
}

let lastPort = 20_000;
export interface Window {
  /** Seconds in which a burst is used up. */
  readonly skip: number;
  /** Seconds that are measured. */
  readonly seconds: number;
}

const shortly: Window = { skip: 0.5, seconds: 1 };

/** What arrives of a flow, once it has gone on for a while: a burst does not count. */
export async function measure(
  { host }: Embedded,
  { proto, from, to, by, address, size, rate }: Flow,
  window = shortly,
): Promise<Measured> {
  const port = String((lastPort += 1));
  const receiver = host.spawn(
    ['/usr/bin/python3', program, 'receive', proto, address, port, String(window.skip), String(window.seconds)],
    { netns: to },
  );
  if (receiver.stdout === null) throw new Error('the receiver has no output');
  const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const seconds = String(window.skip + window.seconds + 0.3);
  const sender = host.spawn(
    ['/usr/bin/python3', program, 'send', proto, by ?? address, port, seconds, String(size), String(rate)],
    { netns: from },
  );
  const ended = once(sender, 'exit');
  const result = await lines.next();
  await ended;
  if (result.done === true) throw new Error(`nothing arrived from ${from} at ${by ?? address}`);
  // What pump.py prints.
  return JSON.parse(result.value) as Measured;
}
