// A root shell of an operator on the machine that keeps a lab, who reaches the lab's machines by `neutronium lab exec`.

import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Lab } from '@neutronium/cli/lab/lab';
import { machineOf } from '@neutronium/cli/lab/running-lab';
import type { LabTopology } from '@neutronium/cli/lab/topology';
import { Shell, writeProgram, type Typed } from './shell.ts';
import { warmOpenstackClient } from './warm-openstack-client.ts';

export class LabShell implements AsyncDisposable {
  readonly lab: Lab;
  readonly #shell: Shell;

  private constructor(lab: Lab, shell: Shell) {
    this.lab = lab;
    this.#shell = shell;
  }

  static async start(topology: LabTopology): Promise<LabShell> {
    const lab = await Lab.start(topology);
    try {
      await warmOpenstackClient(lab.controller, join(lab.controller.dir, 'bin'));
      const folder = join(lab.controller.dir, 'operator');
      await mkdir(folder);
      for (const host of lab.machines.values()) {
        const { name, enter, environment } = machineOf(host);
        const variables = Object.entries(environment).map(([key, value]) => `export ${key}='${value}'`);
        await writeProgram(join(folder, `on-${name}`), [...variables, `exec ${enter.join(' ')} "$@"`].join('\n'));
      }
      // What the command itself does, without the time that it takes to begin.
      await writeProgram(
        join(folder, 'neutronium'),
        `[ "$1 $2 $4" = 'lab exec --' ] || { echo "only lab exec MACHINE -- COMMAND is typed here" >&2; exit 2; }
        machine=$3; shift 4
        exec ${folder}/on-$machine "$@"`,
      );
      const env = { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` };
      const bash = spawn('bash', { stdio: ['pipe', 'pipe', 'inherit'], env, cwd: folder });
      const explain = async (): Promise<string> =>
        (await Promise.all([...lab.hosts.keys()].map((host) => lab.log(host, 'agent')))).join('\n');
      return new LabShell(lab, new Shell({ process: bash, folder, explain }));
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  async type(commands: string): Promise<Typed> {
    return await this.#shell.type(commands);
  }

  async do(commands: string): Promise<void> {
    await this.#shell.do(commands);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shell.close();
    await this.lab[Symbol.asyncDispose]();
  }
}
