// A root shell of an operator on a lab host on which the product runs. What is typed there is what our documents show:
// `openstack` is Debian's client, kept warm (openstack-client.py), `neutronium` is this checkout's command, and the
// folder that `up` keeps everything in is the lab's own.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { defaultLayout } from '@neutronium/cli/up/layout';
import { Embedded } from './embedded.ts';

const cli = fileURLToPath(import.meta.resolve('@neutronium/cli/main'));
const client = join(import.meta.dirname, 'openstack-client.py');

export interface Typed {
  readonly exitCode: number;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

export class OperatorShell implements AsyncDisposable {
  /** What the shell is on. It ends with the shell. */
  readonly embedded: Embedded;
  readonly #shell: ChildProcess;
  readonly #lines: Interface;
  readonly #over: AbortSignal;
  readonly #file: string;
  readonly #printed: string;

  private constructor(embedded: Embedded, { shell, folder }: { shell: ChildProcess; folder: string }) {
    if (shell.stdout === null) throw new Error('the shell has no output');
    this.embedded = embedded;
    this.#shell = shell;
    this.#lines = createInterface({ input: shell.stdout });
    const over = new AbortController();
    this.#lines.once('close', () => over.abort(new Error('the shell has ended')));
    this.#over = over.signal;
    this.#file = join(folder, 'typed.sh');
    this.#printed = join(folder, 'printed');
  }

  /** A shell on a host of its own, on which `up` runs with those options. */
  static async start(options: readonly string[]): Promise<OperatorShell> {
    const embedded = await Embedded.prepare();
    try {
      // The client takes as long to start as the product does.
      const [shell] = await Promise.all([OperatorShell.#open(embedded), embedded.up(options)]);
      return shell;
    } catch (error) {
      await embedded[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #open(embedded: Embedded): Promise<OperatorShell> {
    const folder = join(embedded.host.dir, 'operator');
    const socket = join(folder, 'openstack.sock');
    await mkdir(folder);
    await writeProgram(join(folder, 'openstack'), `exec /usr/bin/python3 -IS ${client} call ${socket} "$@"`);
    const start = `exec ${process.execPath} ${cli}`;
    await writeProgram(
      join(folder, 'neutronium'),
      // `vm exec` hands all that follows the instance's name on.
      `case $1 in
        vm) verb=$2; shift 2; ${start} vm "$verb" --state-dir ${embedded.stateDir} "$@";;
        *) ${start} "$@" --state-dir ${embedded.stateDir};;
      esac`,
    );
    const warm = embedded.host.spawn(['/usr/bin/python3', client, 'serve', socket]);
    await new Promise<void>((resolve, reject) => {
      warm.stdout?.once('data', () => resolve());
      warm.once('exit', () => reject(new Error('the openstack client did not start')));
    });
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    return new OperatorShell(embedded, { shell: embedded.host.spawn(['bash'], { env }), folder });
  }

  /** Types the commands, in the one shell, and gives what they printed and the last one's exit code. */
  async type(commands: string): Promise<Typed> {
    await writeFile(this.#file, commands.replaceAll(defaultLayout.stateDir, this.embedded.stateDir));
    const ended = once(this.#lines, 'line', { signal: this.#over });
    this.#shell.stdin?.write(`. ${this.#file} >${this.#printed} 2>&1 </dev/null; echo $?\n`);
    const exitCode = Number((await ended)[0]);
    return { exitCode, output: await readFile(this.#printed, 'utf8') };
  }

  /** The same, one command after the other until one fails, which throws. */
  async do(commands: string): Promise<void> {
    // Not `set -e`, which would end the shell itself, with what it knows.
    const { exitCode, output } = await this.type(`trap 'trap - ERR; return 1' ERR\n${commands}\ntrap - ERR`);
    if (exitCode !== 0)
      throw new Error(`exit code ${exitCode} of\n${commands}\n${output}\n${await this.embedded.logs()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.embedded[Symbol.asyncDispose]();
  }
}

async function writeProgram(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
