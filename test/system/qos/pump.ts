// How much gets from one place to another, as the receiver sees it (pump.py).

import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Embedded } from '@neutronium/testkit/lab/embedded';
import type { Place } from '@neutronium/testkit/lab/watched-traffic';

const program = join(import.meta.dirname, 'pump.py');

export interface FlowBetween<End> {
  readonly proto: 'udp' | 'tcp';
  readonly from: End;
  readonly to: End;
  /** What the receiver is called by, where that is not its own address. */
  readonly by?: string;
  /** The receiver's own address. */
  readonly address: string;
  /** Bytes of a datagram's payload, or of a write. */
  readonly size: number;
  /** Datagrams sent in each second. */
  readonly rate: number;
}

/** Between namespaces of one host. */
export type Flow = FlowBetween<string>;

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
export async function measure({ host }: Embedded, flow: Flow, window = shortly): Promise<Measured> {
  const within = (netns: string): Place => ({ host, netns });
  return await measureBetween({ ...flow, from: within(flow.from), to: within(flow.to) }, window);
}

/** The same between any two machines, or instances on them. */
export async function measureBetween(
  { proto, from, to, by, address, size, rate }: FlowBetween<Place>,
  window = shortly,
): Promise<Measured> {
  const port = String((lastPort += 1));
  const receiver = to.host.spawn(
    ['/usr/bin/python3', program, 'receive', proto, address, port, String(window.skip), String(window.seconds)],
    { ...(to.netns !== undefined && { netns: to.netns }) },
  );
  if (receiver.stdout === null) throw new Error('the receiver has no output');
  const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const seconds = String(window.skip + window.seconds + 0.3);
  const sender = from.host.spawn(
    ['/usr/bin/python3', program, 'send', proto, by ?? address, port, seconds, String(size), String(rate)],
    { ...(from.netns !== undefined && { netns: from.netns }) },
  );
  const ended = once(sender, 'exit');
  const result = await lines.next();
  await ended;
  if (result.done === true) throw new Error(`nothing arrived from ${from.netns ?? from.host.name} at ${by ?? address}`);
  // What pump.py prints.
  return JSON.parse(result.value) as Measured;
}
