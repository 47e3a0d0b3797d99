// A root shell in which a test types what a document shows, command by command.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

export interface Typed {
  readonly exitCode: number;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

export interface ShellParts {
  /** A bash that reads its commands from its standard input. */
  readonly process: ChildProcess;
  /** Where what is typed and printed is kept. */
  readonly folder: string;
  /** What explains a command that failed. */
  readonly explain: () => Promise<string>;
}

export class Shell {
  readonly #parts: ShellParts;
  readonly #lines: Interface;
  readonly #over: AbortSignal;

  constructor(parts: ShellParts) {
    const { stdout } = parts.process;
    if (stdout === null) throw new Error('the shell has no output');
    this.#parts = parts;
    this.#lines = createInterface({ input: stdout });
    const over = new AbortController();
    this.#lines.once('close', () => over.abort(new Error('the shell has ended')));
    this.#over = over.signal;
  }

  /** Ends the shell. */
  close(): void {
    this.#parts.process.kill();
  }

  /** Types the commands and gives what they printed and the last one's exit code. */
  async type(commands: string): Promise<Typed> {
    const [typed, printed] = [join(this.#parts.folder, 'typed.sh'), join(this.#parts.folder, 'printed')];
    await writeFile(typed, commands);
    const ended = once(this.#lines, 'line', { signal: this.#over });
    this.#parts.process.stdin?.write(`. ${typed} >${printed} 2>&1 </dev/null; echo $?\n`);
    const exitCode = Number((await ended)[0]);
    return { exitCode, output: await readFile(printed, 'utf8') };
  }

  /** The same, one command after the other until one fails, which throws. */
  async do(commands: string): Promise<void> {
    // Not `set -e`, which would end the shell itself, with what it knows.
    const { exitCode, output } = await this.type(`trap 'trap - ERR; return 1' ERR\n${commands}\ntrap - ERR`);
    if (exitCode !== 0)
      throw new Error(`exit code ${exitCode} of\n${commands}\n${output}\n${await this.#parts.explain()}`);
  }
}

/** Writes a script that can be run by its path. */
export async function writeProgram(path: string, script: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
