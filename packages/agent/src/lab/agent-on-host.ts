// The real agent on a lab host, under a stand-in for the server that shows it a view and hears what it reports.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { HostObject, ObjectKey } from '@neutronium/model/host-view';
import type { AgentMessage, PortState, ViewMessage } from '@neutronium/model/watch-protocol';

const serverPort = 9697;
export const hostName = 'h1';

/** What is asked of a lab host. */
export interface HostOfAgent {
  /** A folder of the host's own. */
  readonly dir: string;
  readonly switch: { readonly runDir: string; readonly dbSocket: string };
  spawn(argv: readonly string[], options?: { readonly env?: Readonly<Record<string, string>> }): ChildProcess;
  script(text: string): Promise<string>;
}

export class AgentOnHost {
  readonly host: HostOfAgent;
  readonly heard: (AgentMessage | { readonly kind: 'connected' })[] = [];
  /** The last state that was reported of each port. */
  readonly states = new Map<string, PortState>();
  /** The last status that was reported of each floating IP. */
  readonly floatingIps = new Map<string, string>();
  /** Ports whose DHCP reservation was reported loaded. */
  readonly reserved = new Set<string>();
  /** The last revision that was acknowledged. */
  applied = 0;
  #server: ChildProcess | null = null;
  #agent: ChildProcess | null = null;
  #revision = 0;
  #output = '';
  #listeners = new Set<() => void>();

  constructor(host: HostOfAgent) {
    this.host = host;
  }

  get stateDir(): string {
    return join(this.host.dir, 'agent');
  }

  async startServer(): Promise<void> {
    const program = join(import.meta.dirname, 'watch-server-program.ts');
    this.#server = this.host.spawn([process.execPath, program, String(serverPort)]);
    const { stdout } = this.#server;
    if (stdout === null) throw new Error('the server has no output');
    createInterface({ input: stdout }).on('line', (line) => this.#hear(JSON.parse(line) as AgentMessage));
  }

  async stopServer(): Promise<void> {
    await this.#kill(this.#server, 'watch-server-program');
  }

  /** Starts the agent's program. Returns at once; wait for what it is to bring about. */
  async startAgent(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const secretFile = join(this.host.dir, 'agent-secret');
    await writeFile(secretFile, 'secret');
    const program = join(import.meta.dirname, '../main.ts');
    this.#agent = this.host.spawn([process.execPath, program], {
      env: {
        NEUTRONIUM_AGENT_SERVER_URL: `http://127.0.0.1:${serverPort}`,
        NEUTRONIUM_AGENT_SECRET_FILE: secretFile,
        NEUTRONIUM_AGENT_HOST: hostName,
        NEUTRONIUM_AGENT_STATE_DIR: this.stateDir,
        NEUTRONIUM_OVS_RUN_DIR: this.host.switch.runDir,
        NEUTRONIUM_OVS_DATABASE: this.host.switch.dbSocket,
        NEUTRONIUM_OVS_DATAPATH_TYPE: 'netdev',
        ...settings,
      },
    });
    for (const stream of [this.#agent.stdout, this.#agent.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
  }

  /** Kills the agent as a crash would. */
  async killAgent(): Promise<void> {
    await this.#kill(this.#agent, 'agent/src/main.ts');
  }

  /** Shows the agent exactly these objects. Gives the revision. */
  show(objects: readonly HostObject[]): number {
    return this.#say({ kind: 'snapshot', revision: ++this.#revision, objects });
  }

  change({
    set = [],
    remove = [],
  }: {
    readonly set?: readonly HostObject[];
    readonly remove?: readonly ObjectKey[];
  }): number {
    return this.#say({ kind: 'change', revision: ++this.#revision, set, remove });
  }

  /** Waits until `holds`, which is asked again whenever the agent has said something. */
  async until(what: string, holds: () => boolean, timeoutMs = 20_000): Promise<void> {
    const late = AbortSignal.timeout(timeoutMs);
    while (!holds()) {
      await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
          this.#listeners.delete(news);
          late.removeEventListener('abort', abort);
        };
        const news = (): void => {
          stop();
          resolve();
        };
        const abort = (): void => {
          stop();
          reject(new Error(`no "${what}" within ${timeoutMs} ms\n${this.#output.slice(-6000)}`));
        };
        this.#listeners.add(news);
        late.addEventListener('abort', abort, { once: true });
      });
    }
  }

  /** Waits until the agent has said that it has applied `revision`, on any connection from now on. */
  async applies(revision: number): Promise<void> {
    await this.until(`acknowledgement of revision ${revision}`, () => this.applied >= revision);
  }

  #say(message: ViewMessage): number {
    this.#server?.stdin?.write(`${JSON.stringify(message)}\n`);
    return message.revision;
  }

  #hear(message: AgentMessage | { readonly kind: 'connected' }): void {
    this.heard.push(message);
    if (message.kind === 'connected') this.applied = 0;
    if (message.kind === 'ack') this.applied = message.revision;
    if (message.kind === 'port-status') {
      for (const { id, state } of message.ports) this.states.set(id, state);
      for (const id of message.dhcp) this.reserved.add(id);
    }
    if (message.kind === 'floating-ip-status') {
      for (const { id, status } of message.ids) this.floatingIps.set(id, status);
    }
    for (const listener of this.#listeners) listener();
  }

  /** The process that we hold is nsenter; the one inside is found by its command line. */
  async #kill(child: ChildProcess | null, marker: string): Promise<void> {
    if (child === null) return;
    const exited = once(child, 'exit');
    await this.host.script(`
      for path in /proc/[0-9]*; do
        tr '\\0' ' ' < $path/cmdline 2>/dev/null | grep -q '${marker}' && kill -9 \${path#/proc/} || true
      done`);
    await exited;
  }
}
