// `neutronium up` on a lab host: the whole product as its first user meets it, in namespaces of its own.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { openDoor } from '@neutronium/cli/lab/door';
import { LabHost, type RunOptions, type RunResult } from '@neutronium/cli/lab/host';

const cli = fileURLToPath(import.meta.resolve('@neutronium/cli/main'));
const apiPort = 9696;

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Record<string, unknown>;
}

/** A cloud of clouds.yaml, as far as the tests need it. */
interface CloudEntry {
  readonly auth: { readonly username: string; readonly password: string; readonly project_name: string };
}

export class Embedded implements AsyncDisposable {
  readonly host: LabHost;
  #up: ChildProcess | undefined;
  #output = '';
  #door: string | undefined;
  readonly #tokens = new Map<string, string>();

  private constructor(host: LabHost) {
    this.host = host;
  }

  /** With `switchOfItsOwn`, the host runs an Open vSwitch before `up` does, as a machine with other uses for it would. */
  static async start({
    switchOfItsOwn = false,
    config,
  }: {
    readonly switchOfItsOwn?: boolean;
    /** A configuration file, in TOML. */
    readonly config?: string;
  } = {}): Promise<Embedded> {
    const embedded = await Embedded.prepare({ switchOfItsOwn });
    try {
      if (config !== undefined) await writeFile(embedded.#configFile, config);
      await embedded.up();
    } catch (error) {
      await embedded.host.dispose();
      throw error;
    }
    return embedded;
  }

  /** A host on which nothing of ours was started yet. */
  static async prepare({ switchOfItsOwn = false }: { switchOfItsOwn?: boolean } = {}): Promise<Embedded> {
    return new Embedded(await LabHost.start({ name: 'embedded', openvswitch: switchOfItsOwn }));
  }

  get #configFile(): string {
    return join(this.host.dir, 'neutronium.toml');
  }

  get stateDir(): string {
    return join(this.host.dir, 'state');
  }

  /** What `up` printed so far. */
  get output(): string {
    return this.#output;
  }

  /**
   * Starts `neutronium up`, with more options when given, and returns when it has printed what to do next. Gives the
   * milliseconds it took.
   */
  async up(options: readonly string[] = []): Promise<number> {
    const startedAt = performance.now();
    const seen = this.#output.length;
    const config = existsSync(this.#configFile) ? ['--config', this.#configFile] : [];
    const words = ['up', '--state-dir', this.stateDir, '--no-link', ...config, ...options];
    const child = this.host.spawn([process.execPath, cli, ...words]);
    this.#up = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    await this.until('that up is ready', async () => {
      const said = this.#output.slice(seen);
      if (child.exitCode !== null) throw new Error(`up ended:\n${said}\n${await this.logs()}`);
      return said.includes('Ctrl-C stops the programs');
    });
    return performance.now() - startedAt;
  }

  /** The program that `up` runs under this name, as numbered on this machine. */
  async outerPid(name: 'server' | 'agent'): Promise<number> {
    const inner = (await this.host.script(`cat /run/neutronium/${name}.pid`)).trim();
    for (const entry of await readdir('/proc')) {
      // A process may end between the listing and the reading; NSpid (proc(5)) lists its number in each PID namespace.
      const status = await readFile(`/proc/${entry}/status`, 'utf8').catch(() => '');
      const [outer, innermost] = /^NSpid:\t(.*)$/m.exec(status)?.[1]?.split('\t') ?? [];
      if (innermost === inner && (await this.#isInside(Number(outer)))) return Number(outer);
    }
    throw new Error(`no process ${inner} (${name}) on the host`);
  }

  /** Ends `up` as Ctrl-C does. */
  async interrupt(): Promise<void> {
    const child = this.#up;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    // The child that we hold is nsenter; the signal goes to the process inside, whose number only the host knows.
    await this.host.script(`kill -INT "$(cat /run/neutronium/up.pid)"`);
    await exited;
    this.#up = undefined;
  }

  /** `neutronium ARGS` on the host. */
  async neutronium(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await this.host.run([process.execPath, cli, ...args, '--state-dir', this.stateDir], options);
  }

  /** `neutronium vm ARGS`. */
  async vm(...args: readonly string[]): Promise<string> {
    const [verb = '', ...rest] = args;
    const command = [process.execPath, cli, 'vm', verb, '--state-dir', this.stateDir, ...rest];
    return (await this.host.run(command, { timeoutMs: 60_000 })).stdout;
  }

  /** `ip netns exec vm-NAME COMMAND`, without the cost of starting the command line. */
  async inVm(name: string, command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return await this.host.run(command, { ...options, netns: `vm-${name}` });
  }

  /** The real openstack client with the clouds.yaml that `up` wrote; its JSON answer. */
  async openstack<T>(...args: readonly string[]): Promise<T> {
    const env = { OS_CLIENT_CONFIG_FILE: join(this.stateDir, 'clouds.yaml'), OS_CLOUD: 'neutronium' };
    const { stdout } = await this.host.run(['/usr/bin/openstack', ...args, '-f', 'json'], { env, timeoutMs: 60_000 });
    // The caller says what it asked for.
    return JSON.parse(stdout) as T;
  }

  /** One request to the Networking API as a cloud of clouds.yaml; any status is an answer. */
  async api(method: string, path: string, body?: unknown, cloud = 'neutronium'): Promise<ApiAnswer> {
    const token = await this.#token(cloud);
    return await this.#request({ method, path, body, headers: { 'x-auth-token': token } });
  }

  /** The created object; throws unless the answer is 201. */
  async create<T>(path: string, body: Record<string, unknown>, cloud = 'neutronium'): Promise<T> {
    const answer = await this.api('POST', path, body, cloud);
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return Object.values(answer.body)[0] as T;
  }

  /** Kills a program that `up` or the agent runs, as a crash would, by the pid in its pid file. */
  async killProgram(pidFile: string): Promise<void> {
    await this.host.script(`kill -9 "$(cat ${pidFile})"`);
  }

  /** Waits until `condition` holds; the only way in which these tests wait. */
  async until(what: string, condition: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`no "${what}" within ${timeoutMs} ms\n${await this.logs()}`);
      await delay(20);
    }
  }

  /** The tails of the programs' logs, for the message of a failed test. */
  async logs(): Promise<string> {
    const tails = await Promise.all(
      ['server', 'agent', 'metadata', 'ovs-vswitchd'].map(async (name) => {
        const text = await readFile(join(this.stateDir, 'log', `${name}.log`), 'utf8').catch(() => '(no log)');
        return `--- ${name}\n${text.slice(-3000)}`;
      }),
    );
    return tails.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.dispose();
  }

  async #isInside(pid: number): Promise<boolean> {
    const namespace = (of: number) => readlink(`/proc/${of}/ns/pid`).catch(() => undefined);
    return (await namespace(pid)) === (await namespace(this.host.initPid));
  }

  async #token(cloud: string): Promise<string> {
    const known = this.#tokens.get(cloud);
    if (known !== undefined) return known;
    const file = parse(await readFile(join(this.stateDir, 'clouds.yaml'), 'utf8')) as {
      clouds: Record<string, CloudEntry>;
    };
    const auth = file.clouds[cloud]?.auth;
    if (auth === undefined) throw new Error(`clouds.yaml has no cloud ${cloud}`);
    const domain = { name: 'Default' };
    const user = { name: auth.username, domain, password: auth.password };
    const answer = await this.#request({
      method: 'POST',
      path: '/identity/v3/auth/tokens',
      body: {
        auth: {
          identity: { methods: ['password'], password: { user } },
          scope: { project: { name: auth.project_name, domain } },
        },
      },
      headers: {},
    });
    const token = answer.headers['x-subject-token'];
    if (typeof token !== 'string') throw new Error(`logging in as ${cloud}: ${answer.status}`);
    this.#tokens.set(cloud, token);
    return token;
  }

  async #request(ask: {
    method: string;
    path: string;
    body: unknown;
    headers: Record<string, string>;
  }): Promise<ApiAnswer> {
    this.#door ??= await openDoor(this.host, apiPort);
    const payload = ask.body === undefined ? undefined : JSON.stringify(ask.body);
    const headers = { ...ask.headers, ...(payload === undefined ? {} : { 'content-type': 'application/json' }) };
    const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
    const outgoing = request(
      { socketPath: this.#door, method: ask.method, path: ask.path, headers: { ...headers, host: '127.0.0.1' } },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        incoming.on('error', reject).on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            // Every answer that these tests look into is a JSON object.
            body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
          }),
        );
      },
    );
    outgoing.on('error', reject).end(payload);
    return await promise;
  }
}
