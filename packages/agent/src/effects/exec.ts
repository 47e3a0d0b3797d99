// Running commands. The interface is what targets ask for; `ShellExec` is the real one. It keeps a few small shells that
// were started early, because starting a process from Node copies Node's page tables and stops its event loop for as
// long (20 ms at 300 MB); a shell of one megabyte does it in one or two milliseconds, elsewhere.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';

export interface ExecOptions {
  /** What the command reads, as lines of text. A last line without its end is given one. */
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The command and all that it started are killed after this time; 30 s unless said. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Exit codes besides 0 that are an answer and not a failure. */
  readonly answers?: readonly number[];
}

export interface CommandOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Exec {
  /** Runs a command to its end; no shell interprets its words. Rejects with CommandFailed when it fails. */
  run(argv: readonly string[], options?: ExecOptions): Promise<CommandOutput>;
}

/** A command ended with an exit code that its caller did not expect, or did not end. */
export class CommandFailed extends Error {
  readonly argv: readonly string[];
  /** Null when the command did not come to an end of its own. */
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(parts: { argv: readonly string[]; exitCode: number | null; stderr: string; cause?: unknown }) {
    const end = parts.exitCode === null ? 'did not end' : `exit code ${parts.exitCode}`;
    super(`${parts.argv.join(' ')}: ${end}${parts.stderr === '' ? '' : `: ${parts.stderr.trim()}`}`, {
      cause: parts.cause,
    });
    this.name = 'CommandFailed';
    this.argv = parts.argv;
    this.exitCode = parts.exitCode;
    this.stderr = parts.stderr;
  }
}

/** The output, or a rejection where the exit code is none of those that the caller expects. Shared with the fake. */
export function expectAnswer(argv: readonly string[], output: CommandOutput, options: ExecOptions): CommandOutput {
  if (output.exitCode === 0 || options.answers?.includes(output.exitCode) === true) return output;
  throw new CommandFailed({ argv, exitCode: output.exitCode, stderr: output.stderr || output.stdout });
}

const defaultTimeoutMs = 30_000;

/** Commands through a pool of shells. As many run at a time as there are shells; the rest wait their turn. */
export class ShellExec implements Exec, Disposable {
  readonly #enter: readonly string[];
  readonly #idle: Shell[] = [];
  readonly #all = new Set<Shell>();
  readonly #waiting: ((shell: Shell) => void)[] = [];
  #closed = false;

  /** `enter` are the words before the shell's own that put it elsewhere, such as into the namespaces of a lab host. */
  constructor({ shells = 2, enter = [] }: { readonly shells?: number; readonly enter?: readonly string[] } = {}) {
    this.#enter = enter;
    for (let i = 0; i < shells; i++) this.#idle.push(this.#newShell());
  }

  async run(argv: readonly string[], options: ExecOptions = {}): Promise<CommandOutput> {
    options.signal?.throwIfAborted();
    const shell = await this.#takeShell();
    try {
      options.signal?.throwIfAborted();
      return expectAnswer(argv, await shell.run(argv, options), options);
    } finally {
      this.#giveBack(shell);
    }
  }

  /** Ends the shells and kills what still runs in them. Daemons with a session of their own live on. */
  close(): void {
    this.#closed = true;
    for (const shell of this.#all) shell.kill(new Error('the agent ends'));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #takeShell(): Promise<Shell> {
    if (this.#closed) throw new Error('commands can no longer be run: the agent ends');
    const idle = this.#idle.pop();
    if (idle === undefined) return new Promise((resolve) => this.#waiting.push(resolve));
    return idle.usable ? idle : this.#newShell();
  }

  #giveBack(used: Shell): void {
    const shell = used.usable || this.#closed ? used : this.#newShell();
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(shell);
    else next(shell);
  }

  #newShell(): Shell {
    const shell: Shell = new Shell(this.#enter, () => this.#all.delete(shell));
    this.#all.add(shell);
    return shell;
  }
}

interface Job {
  readonly argv: readonly string[];
  readonly resolve: (output: CommandOutput) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One long-lived shell. A command is written to its input with an unguessable mark; the mark on both outputs is the
 * end of the command, and its exit code stands beside it.
 */
class Shell {
  readonly #process: ChildProcess;
  readonly #mark = randomBytes(16).toString('hex');
  readonly #stdout = new MarkedStream(this.#mark);
  readonly #stderr = new MarkedStream(this.#mark);
  #job: Job | null = null;
  #ended: Error | null = null;

  constructor(enter: readonly string[], onEnd: () => void) {
    const [program = 'sh', ...args]: readonly string[] = [...enter, 'sh'];
    // A process group of its own: killing the group ends whatever a command has started, except daemons.
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.#process.stdout?.on('data', (chunk: Buffer) => this.#collect(this.#stdout, chunk));
    this.#process.stderr?.on('data', (chunk: Buffer) => this.#collect(this.#stderr, chunk));
    this.#process.stdin?.on('error', (cause) => this.#end(new Error('writing to the shell', { cause })));
    this.#process.once('error', (cause) => this.#end(new Error('starting a shell', { cause })));
    this.#process.once('exit', () => {
      onEnd();
      this.#end(new Error('the shell ended'));
    });
  }

  get usable(): boolean {
    return this.#ended === null;
  }

  async run(argv: readonly string[], options: ExecOptions): Promise<CommandOutput> {
    const { timeoutMs = defaultTimeoutMs, signal } = options;
    const timer = setTimeout(() => this.kill(new Error(`no end after ${timeoutMs} ms`)), timeoutMs);
    const abort = (): void => this.kill(new Error('aborted', { cause: signal?.reason }));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await new Promise<CommandOutput>((resolve, reject) => {
        if (this.#ended !== null) throw this.#ended;
        this.#job = { argv, resolve, reject };
        this.#process.stdin?.write(this.#script(argv, options));
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  kill(reason: Error): void {
    this.#end(reason);
    if (this.#process.pid === undefined) return;
    try {
      process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // The group has ended by itself, which is what was wanted.
    }
  }

  #script(argv: readonly string[], { env = {}, stdin }: ExecOptions): string {
    const words = [...Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`), ...argv.map(quoted)];
    const input =
      stdin === undefined || stdin === '' ? '</dev/null' : `<<'${this.#mark}'\n${withEnd(stdin)}${this.#mark}`;
    return `${words.join(' ')} ${input}\nprintf '${this.#mark} %d\\n' $?; printf '${this.#mark} 0\\n' >&2\n`;
  }

  #collect(stream: MarkedStream, chunk: Buffer): void {
    stream.push(chunk);
    if (!this.#stdout.complete || !this.#stderr.complete) return;
    const job = this.#job;
    this.#job = null;
    const { text: stdout, code: exitCode } = this.#stdout.take();
    job?.resolve({ exitCode, stdout, stderr: this.#stderr.take().text });
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    const job = this.#job;
    this.#job = null;
    job?.reject(new CommandFailed({ argv: job.argv, exitCode: null, stderr: this.#stderr.seen, cause: this.#ended }));
  }
}

/** Text up to a line `<mark> <number>` at its very end. What comes before the mark need not end a line. */
class MarkedStream {
  readonly #end: RegExp;
  readonly #markLength: number;
  #decoder = new StringDecoder('utf8');
  #chunks: string[] = [];
  #tail = '';

  constructor(mark: string) {
    this.#end = new RegExp(`${mark} (\\d+)\\n$`);
    this.#markLength = mark.length + ' 255\n'.length;
  }

  get complete(): boolean {
    return this.#end.test(this.#tail);
  }

  get seen(): string {
    return this.#chunks.join('');
  }

  push(chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    this.#chunks.push(text);
    this.#tail = (this.#tail + text).slice(-this.#markLength);
  }

  take(): { readonly text: string; readonly code: number } {
    const code = Number(this.#end.exec(this.#tail)?.[1]);
    const text = this.seen.replace(this.#end, '');
    this.#chunks = [];
    this.#tail = '';
    this.#decoder = new StringDecoder('utf8');
    return { text, code };
  }
}

/** A word that a POSIX shell reads as exactly `text`. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function withEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
