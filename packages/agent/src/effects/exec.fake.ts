import { type CommandOutput, type Exec, type ExecOptions, expectAnswer } from './exec.ts';

export interface RecordedCommand {
  readonly argv: readonly string[];
  readonly stdin: string;
}

/** What a program of the fake does: its output, or only the parts of it that are not an empty success. */
export type FakeProgram = (command: RecordedCommand) => Partial<CommandOutput> | Promise<Partial<CommandOutput>>;

/** Commands answered by functions, found by the command's first word. An unknown program is not found, as in a shell. */
export class FakeExec implements Exec {
  readonly history: RecordedCommand[] = [];
  readonly #programs: Readonly<Record<string, FakeProgram>>;

  constructor(programs: Readonly<Record<string, FakeProgram>> = {}) {
    this.#programs = programs;
  }

  async run(argv: readonly string[], options: ExecOptions = {}): Promise<CommandOutput> {
    options.signal?.throwIfAborted();
    const command = { argv, stdin: options.stdin ?? '' };
    this.history.push(command);
    const program = this.#programs[argv[0] ?? ''];
    const output = program === undefined ? { exitCode: 127, stderr: `${argv[0]}: not found` } : await program(command);
    return expectAnswer(argv, { exitCode: 0, stdout: '', stderr: '', ...output }, options);
  }
}
