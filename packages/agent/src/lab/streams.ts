// TCP and UDP between namespaces of a lab host, for tests of what passes and what does not.

import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { LabHost } from '@neutronium/cli/lab/host';

const echoServer = `
  const [port] = process.argv.slice(1).map(Number);
  require('node:net').createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(port, () => console.log('ready'));
  const udp = require('node:dgram').createSocket('udp6');
  udp.on('message', (text, from) => udp.send(text, from.port, from.address));
  udp.bind(port);`;

const tcpClient = `
  const [host, port, forMs] = process.argv.slice(1);
  const socket = require('node:net').connect({ host, port: Number(port) }, () => process.exit(0));
  socket.on('error', () => process.exit(1));
  setTimeout(() => process.exit(1), Number(forMs));`;

const udpClient = `
  const [host, port, forMs] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', () => process.exit(0));
  setInterval(() => socket.send('x', Number(port), host), 50);
  setTimeout(() => process.exit(1), Number(forMs));`;

const tcpStream = `
  const [host, port] = process.argv.slice(1);
  const socket = require('node:net').connect({ host, port: Number(port), noDelay: true });
  socket.on('data', () => console.log('echo')).on('error', () => process.exit(1));
  setInterval(() => socket.write('x'), 10);`;

const udpStream = `
  const [host, port] = process.argv.slice(1);
  const socket = require('node:dgram').createSocket('udp4');
  socket.on('message', () => console.log('echo'));
  setInterval(() => socket.send('x', Number(port), host), 10);`;

/** An echo server for TCP and UDP on `port`; it ends with the host. */
export async function serve(host: LabHost, netns: string, port: number): Promise<void> {
  await firstLine(host.spawn([process.execPath, '-e', echoServer, String(port)], { netns }));
}

/** Whether a TCP connection, or an answer by UDP, comes about within a time in which it surely would. */
export async function reaches(
  host: LabHost,
  what: { readonly from: string; readonly to: string; readonly port: number; readonly protocol?: 'tcp' | 'udp' },
): Promise<boolean> {
  const program = what.protocol === 'udp' ? udpClient : tcpClient;
  const command = [process.execPath, '-e', program, what.to, String(what.port), '700'];
  return (await host.run(command, { netns: what.from, anyExitCode: true })).exitCode === 0;
}

/** A connection, or an exchange by UDP, on which something is said, and echoed, every 10 ms. */
export class Stream {
  readonly #process: ChildProcess;
  /** When the last echo came; performance.now(). */
  lastEcho = 0;
  echoes = 0;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  static async begin(
    host: LabHost,
    { from, to, port, protocol = 'tcp' }: { from: string; to: string; port: number; protocol?: 'tcp' | 'udp' },
  ): Promise<Stream> {
    const program = protocol === 'tcp' ? tcpStream : udpStream;
    const child = host.spawn([process.execPath, '-e', program, to, String(port)], { netns: from });
    const stream = new Stream(child);
    await firstLine(child, () => {
      stream.lastEcho = performance.now();
      stream.echoes += 1;
    });
    return stream;
  }

  end(): void {
    this.#process.kill('SIGKILL');
  }
}

async function firstLine(child: ChildProcess, onLine: () => void = () => undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (child.stdout === null) throw new Error('the program has no output');
  createInterface({ input: child.stdout }).on('line', () => {
    onLine();
    resolve();
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  child.once('exit', () => reject(new Error(`the program ended: ${complaint}`)));
  await promise;
}
