// A root shell of an operator on a lab host on which the product runs. What is typed there is what our documents show:
// `openstack` is Debian's client, kept warm (openstack-client.py), `neutronium` is this checkout's command, and the
// folder that `up` keeps everything in is the lab's own.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultLayout } from '@neutronium/cli/up/layout';
import { Embedded } from './embedded.ts';
import { Shell, writeProgram, type Typed } from './shell.ts';
import { warmOpenstackClient } from './warm-openstack-client.ts';

const cli = fileURLToPath(import.meta.resolve('@neutronium/cli/main'));

export class OperatorShell implements AsyncDisposable {
  /** What the shell is on. It ends with the shell. */
  readonly embedded: Embedded;
  readonly #shell: Shell;

  private constructor(embedded: Embedded, shell: Shell) {
    this.embedded = embedded;
    this.#shell = shell;
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
    await mkdir(folder);
    const start = `exec ${process.execPath} ${cli}`;
    await writeProgram(
      join(folder, 'neutronium'),
      // `vm exec` hands all that follows the instance's name on.
      `case $1 in
        vm) verb=$2; shift 2; ${start} vm "$verb" --state-dir ${embedded.stateDir} "$@";;
        *) ${start} "$@" --state-dir ${embedded.stateDir};;
      esac`,
    );
    await warmOpenstackClient(embedded.host, folder);
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    const bash = embedded.host.spawn(['bash'], { env });
    return new OperatorShell(embedded, new Shell({ process: bash, folder, explain: () => embedded.logs() }));
  }

  /** Types the commands, in the one shell, and gives what they printed and the last one's exit code. */
  async type(commands: string): Promise<Typed> {
    return await this.#shell.type(this.#inPlace(commands));
  }

  /** The same, one command after the other until one fails, which throws. */
  async do(commands: string): Promise<void> {
    await this.#shell.do(this.#inPlace(commands));
  }

  #inPlace(commands: string): string {
    return commands.replaceAll(defaultLayout.stateDir, this.embedded.stateDir);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.embedded[Symbol.asyncDispose]();
  }
}
