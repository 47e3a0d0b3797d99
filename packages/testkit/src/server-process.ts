// The real API server as a process of its own, on a free port, with its data in a scratch folder: what a test or a
// benchmark talks to when it must be killed, measured or restarted.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface ServerProcessOptions {
  /** `SECTION.key` to text, as in the server's configuration file; over the defaults below. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The words before the command, for a server inside a lab host. */
  readonly enter?: readonly string[];
}

/** The administrator's password of every server that is started here; nothing but loopback reaches it. */
export const testAdminPassword = 'administrator of a test';
export const testAgentSecret = 'agent of a test';

export class ServerProcess implements AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** Milliseconds from the start of the process to its first answer. */
  firstAnswerMs = Number.NaN;
  readonly #options: ServerProcessOptions;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(parts: { folder: string; port: number; options: ServerProcessOptions }) {
    this.folder = parts.folder;
    this.url = `http://127.0.0.1:${parts.port}`;
    this.#port = parts.port;
    this.#options = parts.options;
  }

  static async start(options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'nn-server-'));
    await writeFile(join(folder, 'admin-password'), testAdminPassword, { mode: 0o600 });
    await writeFile(join(folder, 'agent-secret'), testAgentSecret, { mode: 0o600 });
    const server = new ServerProcess({ folder, port: await freePort(), options });
    await server.resume();
    return server;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  /** The identity service's URL. */
  get identityUrl(): string {
    return `${this.url}/identity/v3`;
  }

  /** What the server printed so far. */
  get log(): string {
    return this.#log;
  }

  /** Starts the server again on the same data and port after `kill` or `stop`. */
  async resume(): Promise<void> {
    const settings: Record<string, string> = {
      'api.port': String(this.#port),
      'database.url': `sqlite:${join(this.folder, 'neutronium.db')}`,
      'auth.admin_password_file': join(this.folder, 'admin-password'),
      'agents.secret_file': join(this.folder, 'agent-secret'),
      ...this.#options.settings,
    };
    const env = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [`NEUTRONIUM_${key.replace('.', '_').toUpperCase()}`, value]),
    );
    const main = fileURLToPath(import.meta.resolve('@neutronium/server/main'));
    const [program, ...args] = [...(this.#options.enter ?? []), process.execPath, main];
    const startedAt = performance.now();
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-100_000);
      });
    }
    while (!(await this.#answers())) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended:\n${this.#log}`);
      if (performance.now() - startedAt > 30_000) throw new Error(`the server did not answer in 30 s:\n${this.#log}`);
      await delay(5);
    }
    this.firstAnswerMs = performance.now() - startedAt;
  }

  /** Ends the server at once, as a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Memory in megabytes that is the server's own share (proc(5): Pss). */
  async memoryMb(): Promise<number> {
    return await proportionalMemoryMb(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async #answers(): Promise<boolean> {
    return await fetch(`${this.url}/healthcheck`).then(
      (response) => response.ok,
      () => false,
    );
  }
}

export async function proportionalMemoryMb(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) / 1024;
}

/** Processor time that the process has used, in milliseconds, to ten of them (proc_pid_stat(5): utime and stime). */
export async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The program's name is in parentheses and may hold anything; the third field follows it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** A TCP port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has no port');
  return address.port;
}
