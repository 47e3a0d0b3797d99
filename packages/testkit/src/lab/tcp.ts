// TCP between namespaces of a lab host: a server that says who calls and sends back what it gets, and clients.

import type { ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { RunOptions, RunResult } from '@neutronium/cli/lab/host';

/** What is asked of a host. */
export interface TcpHost {
  spawn(argv: readonly string[], options?: Pick<RunOptions, 'netns'>): ChildProcess;
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
}

export interface TcpEnd {
  readonly netns: string;
  readonly address: string;
  readonly port: number;
}

const serverProgram = `
  require('node:net').createServer((socket) => {
    socket.on('error', () => {});
    socket.write(socket.remoteAddress.replace('::ffff:', '') + '\\n');
    socket.pipe(socket);
  }).listen(Number(process.argv[1]), '::', () => console.log('listening'));`;

/** Listens on a port, in a namespace if one is named, until the host ends. */
export async function startTcpServer(
  host: TcpHost,
  { port, ...where }: { readonly port: number; readonly netns?: string },
): Promise<void> {
  const server = host.spawn([process.execPath, '-e', serverProgram, String(port)], where);
  await nextLine(linesOf(server), 'a server that listens');
}

const clientProgram = `
  const [address, port] = process.argv.slice(1);
  const socket = require('node:net').connect({ host: address, port: Number(port), timeout: 1500 });
  const end = (text) => { console.log(text); process.exit(); };
  socket.on('data', (data) => end(String(data).trim()));
  socket.on('timeout', () => end('no answer'));
  socket.on('error', (error) => end(error.code));`;

/** The address as which the server sees a caller from `netns`, or why there was no answer within 1.5 s. */
export async function callTcp(host: TcpHost, { netns, address, port }: TcpEnd): Promise<string> {
  const { stdout } = await host.run([process.execPath, '-e', clientProgram, address, String(port)], { netns });
  return stdout.trim();
}

/** Reads while it writes, as the server does: neither waits for the other. */
const echoProgram = `
  const [address, port, size] = process.argv.slice(1);
  const sent = require('node:crypto').randomBytes(Number(size));
  const socket = require('node:net').connect({ host: address, port: Number(port), timeout: 5000 });
  const chunks = [];
  const end = (text) => { console.log(text); process.exit(); };
  socket.once('data', (line) => {
    let left = sent.length - (line.length - line.indexOf(10) - 1);
    chunks.push(line.subarray(line.indexOf(10) + 1));
    socket.on('data', (data) => {
      chunks.push(data);
      left -= data.length;
      if (left <= 0) end(Buffer.concat(chunks).equals(sent) ? 'the same' : 'something else');
    });
    socket.write(sent);
  });
  socket.on('timeout', () => end('no answer'));
  socket.on('error', (error) => end(error.code));`;

/** Whether a server of `startTcpServer` sends `bytes` random ones back as they were. */
export async function echoTcp(
  host: TcpHost,
  { netns, address, port, bytes }: TcpEnd & { readonly bytes: number },
): Promise<boolean> {
  const command = [process.execPath, '-e', echoProgram, address, String(port), String(bytes)];
  return (await host.run(command, { netns })).stdout.trim() === 'the same';
}

/** Sends what it reads, and prints what comes back; ends with the connection. */
const talkProgram = `
  const [address, port] = process.argv.slice(1);
  const socket = require('node:net').connect(Number(port), address);
  socket.on('data', (data) => process.stdout.write(data));
  socket.on('error', () => process.exit());
  socket.on('close', () => process.exit());
  process.stdin.on('data', (data) => socket.write(data));`;

/** An open connection from a namespace to a server of `startTcpServer`. */
export class TcpConversation {
  readonly #client: ChildProcess;
  readonly #lines: Interface;
  /** As the server sees the caller. */
  readonly seenAs: string;

  private constructor(client: ChildProcess, lines: Interface, seenAs: string) {
    this.#client = client;
    this.#lines = lines;
    this.seenAs = seenAs;
  }

  static async open(host: TcpHost, { netns, address, port }: TcpEnd): Promise<TcpConversation> {
    const client = host.spawn([process.execPath, '-e', talkProgram, address, String(port)], { netns });
    const lines = linesOf(client);
    return new TcpConversation(client, lines, await nextLine(lines, `a connection to ${address}`));
  }

  /** Whether a word comes back within `withinMs`. */
  async isAlive(withinMs = 1000): Promise<boolean> {
    const answer = nextLine(this.#lines, 'an answer', withinMs).then(
      () => true,
      () => false,
    );
    this.#client.stdin?.write('word\n');
    return await answer;
  }

  close(): void {
    this.#client.stdin?.destroy();
    this.#client.kill();
  }
}

/** What a program prints, line by line. */
export function linesOf(child: ChildProcess): Interface {
  if (child.stdout === null) throw new Error('the program has no output');
  // A program that has ended is noticed by what it does not say.
  child.stdin?.on('error', () => undefined);
  return createInterface({ input: child.stdout });
}

/** The next line; throws, naming `what` it waited for, when there is none in time. */
export async function nextLine(lines: Interface, what: string, withinMs = 10_000): Promise<string> {
  return await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => end(() => reject(new Error(`no ${what} within ${withinMs} ms`))), withinMs);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      lines.off('line', onLine).off('close', onClose);
      settle();
    };
    const onLine = (line: string): void => end(() => resolve(line));
    const onClose = (): void => end(() => reject(new Error(`the program ended before ${what}`)));
    lines.once('line', onLine).once('close', onClose);
  });
}
