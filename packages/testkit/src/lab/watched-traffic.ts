// Traffic that runs while something happens to the networks that carry it, and what it suffered: pings, fifty a second,
// and TCP connections on which a word goes back and forth as often.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LabHost } from '@neutronium/cli/lab/host';
import { parsePing } from './ping-summary.ts';

/** Where a program runs: on a machine, or in an instance on it. */
export interface Place {
  readonly host: LabHost;
  readonly netns?: string;
}

/** Someone who calls an address. `what` names it to people. */
export interface Call {
  readonly what: string;
  readonly from: Place;
  readonly to: string;
}

export interface Suffered {
  readonly what: string;
  readonly sent: number;
  readonly lost: number;
  /** When the first of them was sent, in seconds after the beginning; null where that is not known or none was lost. */
  readonly firstLostSeconds: number | null;
  /** The longest time without an answer, in milliseconds. */
  readonly longestGapMs: number;
  /** Whether answers came at the end. */
  readonly alive: boolean;
}

export interface Watched {
  /** Ends it all, after each call has been answered once more or has been waited for in vain. */
  stop(): Promise<readonly Suffered[]>;
}

/** Within this an answer must come: longer than TCP waits before it tries again after some seconds of silence. */
const patienceMs = 20_000;

const port = 7007;
const intervalMs = 20;

const echoProgram = `
  require('node:net').createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.pipe(socket);
  }).listen(${port}, '::', () => console.log('listening'));`;

/** Sends numbers, and says at the end how many came back and how long none did. */
const talkProgram = `
  const socket = require('node:net').connect(${port}, process.argv[1]);
  socket.setNoDelay(true);
  let sent = 0, back = 0, heard = performance.now(), gap = 0, closed = false, stopping = false, rest = '';
  const look = () => { const now = performance.now(); gap = Math.max(gap, now - heard); heard = now; };
  const end = () => { look(); console.log(JSON.stringify({ sent, back, gap })); process.exit(); };
  socket.once('connect', () => {
    console.log('connected');
    heard = performance.now();
    setInterval(() => { if (!stopping && !closed) { sent += 1; socket.write(sent + '\\n'); } }, ${intervalMs});
  });
  socket.on('data', (data) => {
    const words = (rest + data).split('\\n');
    rest = words.pop();
    look();
    back = Number(words.at(-1) ?? back);
    if (stopping && back >= sent) end();
    else console.log('answered');
  });
  socket.on('error', () => {});
  socket.on('close', () => { closed = true; console.log('closed'); });
  process.stdin.on('end', () => { stopping = true; if (closed || back >= sent) end(); setTimeout(end, 3000); });
  process.stdin.resume();`;

/** Answers calls by TCP until its host ends. */
export async function answerCalls({ host, netns }: Place): Promise<void> {
  const child = host.spawn([process.execPath, '-e', echoProgram], { ...(netns !== undefined && { netns }) });
  await said(child, { word: 'listening', who: `the server at ${host.name}` });
}

/** Starts a ping and a TCP connection for each call, and returns once all of them are answered. */
export async function watchTraffic(
  calls: readonly Call[],
  kinds: readonly ('ping' | 'TCP')[] = ['ping', 'TCP'],
): Promise<Watched> {
  const start = { ping: startPing, TCP: startTalk };
  const running = await Promise.all(calls.flatMap((call) => kinds.map((kind) => start[kind](call))));
  return {
    stop: async () =>
      await Promise.all(
        running.map(async (each) => {
          const alive = await isAnswered(each);
          return { ...(await each.end(alive)), alive };
        }),
      ),
  };
}

/** Whether another answer comes. */
async function isAnswered({ answers }: Running): Promise<boolean> {
  const before = answers();
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const now = answers();
    if (now === null || now !== before) return now !== null;
    await delay(5);
  }
  return false;
}

/** As one line for each, for people. */
export function renderSuffered(suffered: readonly Suffered[]): string {
  return suffered
    .map(({ what, sent, lost, firstLostSeconds, longestGapMs, alive }) => {
      const since = firstLostSeconds === null ? '' : ` (the first after ${firstLostSeconds} s)`;
      const gap = `${Math.round(longestGapMs)} ms without an answer at the longest`;
      return `  ${what}: ${lost} of ${sent} lost${since}, ${gap}${alive ? '' : ', and it has ended'}`;
    })
    .join('\n');
}

/** A program that calls. */
interface Running {
  readonly call: Call;
  /** How many answers have come so far; null when none can come any more. */
  readonly answers: () => number | null;
  /** Ends it; gives what it suffered, leaving out what was on its way. */
  readonly end: (alive: boolean) => Promise<Omit<Suffered, 'alive'>>;
}

let started = 0;

async function startPing(call: Call): Promise<Running> {
  const { what, from, to } = call;
  started += 1;
  const pidFile = join(from.host.dir, `ping-${started}.pid`);
  // For an hour at most. A time instead of a number (-w) would let it end at the first error that somebody reports.
  const command = `echo $$ >${pidFile}; exec ping -D -i ${intervalMs / 1000} -c ${3_600_000 / intervalMs} ${to}`;
  const child = from.host.spawn(['sh', '-c', command], { ...(from.netns !== undefined && { netns: from.netns }) });
  const output = await said(child, { word: 'bytes from', who: `ping ${what}` });
  return {
    call,
    answers: () => output().split('bytes from').length,
    async end(alive) {
      const closed = once(child, 'close');
      const endedMs = Date.now();
      // On SIGINT ping ends with its summary; the child that we hold is nsenter, not ping.
      await from.host.script(`kill -INT "$(cat ${pidFile})"`);
      await closed;
      const { sent, lost, overtaken, overtakenNumbers, longestGapMs, lastAnswerMs } = parsePing(output());
      const [first] = overtakenNumbers;
      return {
        what: `ping ${what}`,
        sent,
        lost: alive ? overtaken : lost,
        firstLostSeconds: first === undefined ? null : (first * intervalMs) / 1000,
        longestGapMs: Math.max(longestGapMs, endedMs - (lastAnswerMs ?? 0)),
      };
    },
  };
}

async function startTalk(call: Call): Promise<Running> {
  const { what, from, to } = call;
  const command = [process.execPath, '-e', talkProgram, to];
  const child = from.host.spawn(command, { ...(from.netns !== undefined && { netns: from.netns }) });
  const output = await said(child, { word: 'connected', who: `TCP ${what}` });
  return {
    call,
    answers: () => (output().includes('closed') ? null : output().split('\n').length),
    async end() {
      const closed = once(child, 'close');
      child.stdin?.end();
      await closed;
      // What the program has printed last.
      const last = JSON.parse(output().trim().split('\n').at(-1) ?? '') as {
        readonly sent: number;
        readonly back: number;
        readonly gap: number;
      };
      return {
        what: `TCP ${what}`,
        sent: last.sent,
        lost: last.sent - last.back,
        firstLostSeconds: null,
        longestGapMs: last.gap,
      };
    },
  };
}

/** Waits until the program has printed `word`; gives what it has printed, then and later. */
async function said(
  child: ChildProcess,
  { word, who }: { readonly word: string; readonly who: string },
): Promise<() => string> {
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes(word)) resolve();
    });
  }
  const late = setTimeout(() => reject(new Error(`no "${word}" of ${who} within 20 s: ${output}`)), 20_000);
  child.once('exit', () => reject(new Error(`${who} ended before "${word}": ${output}`)));
  await promise;
  clearTimeout(late);
  return () => output;
}
