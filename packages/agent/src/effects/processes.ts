// Daemons that outlive the agent. One is known by its pid file; whether the process of that number is still the daemon,
// and not another that was given the number later, is told by its command line and its start time in /proc.

import { dirname } from 'node:path';
import { type Clock, sleep } from './clock.ts';
import type { Exec } from './exec.ts';
import type { Files } from './files.ts';

export interface DaemonProcess {
  readonly pid: number;
  /** Clock ticks between the machine's start and the process's (proc(5), field 22 of stat): with the pid, unique. */
  readonly startTime: string;
  readonly argv: readonly string[];
}

export interface StartOptions {
  readonly pidFile: string;
  /** What the daemon prints is appended here; dropped when left out. */
  readonly logFile?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Processes {
  /**
   * Starts a program that stays in the foreground as a daemon in a session of its own, and writes its pid file.
   * Programs that become daemons by themselves are run with Exec and then found.
   */
  start(argv: readonly string[], options: StartOptions): Promise<DaemonProcess>;
  /** The process that the pid file names, if it lives and its command line is one that `isOurs` knows. */
  find(pidFile: string, isOurs: (argv: readonly string[]) => boolean): Promise<DaemonProcess | null>;
  isAlive(daemon: DaemonProcess): Promise<boolean>;
  /** Sends a signal; false when the process has already ended. */
  signal(daemon: DaemonProcess, name: 'HUP' | 'TERM' | 'KILL' | 'USR1' | 'USR2'): Promise<boolean>;
  /** Asks the process to end, kills it after `graceMs` (2 s unless said), and resolves when it is gone. */
  stop(daemon: DaemonProcess, graceMs?: number): Promise<void>;
  /** Calls back once when the process has ended, which is noticed within a quarter of a second. */
  onExit(daemon: DaemonProcess, callback: () => void): Disposable;
}

const pollMs = 250;
const stopPollMs = 10;
const defaultGraceMs = 2_000;

export class SystemProcesses implements Processes, Disposable {
  readonly #exec: Exec;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #procDir: string;
  readonly #watches = new Set<{ readonly daemon: DaemonProcess; readonly callback: () => void }>();
  #poll: Disposable | null = null;
  #closed = false;

  /** `exec` runs where the daemons run, and `procDir` is the /proc of that place. */
  constructor(parts: { readonly exec: Exec; readonly files: Files; readonly clock: Clock; readonly procDir?: string }) {
    this.#exec = parts.exec;
    this.#files = parts.files;
    this.#clock = parts.clock;
    this.#procDir = parts.procDir ?? '/proc';
  }

  async start(argv: readonly string[], { pidFile, logFile = '/dev/null', env }: StartOptions): Promise<DaemonProcess> {
    await this.#files.makeFolder(dirname(pidFile));
    // The daemon tells its pid itself, from within its own session: from then on the end of the shell is not its end.
    // The substitution ends when the daemon's output goes to its log.
    const daemon = 'echo $$; log=$1; shift; exec "$@" </dev/null >>"$log" 2>&1';
    const launch = 'echo "$(setsid -- sh -c "$@" &)"';
    const words = [daemon, 'daemon', logFile, ...argv];
    const { stdout } = await this.#exec.run(['sh', '-c', launch, 'launch', ...words], env && { env });
    const pid = Number(stdout);
    await this.#files.writeText(pidFile, `${pid}\n`);
    const startTime = await this.#startTime(pid);
    if (startTime === null) throw new Error(`starting ${argv.join(' ')}: it ended at once; see ${logFile}`);
    // Not read from /proc, where the words of the shell may still stand; the start time stays when a program replaces another.
    return { pid, startTime, argv };
  }

  async find(pidFile: string, isOurs: (argv: readonly string[]) => boolean): Promise<DaemonProcess | null> {
    const pid = Number((await this.#files.readText(pidFile))?.trim());
    if (!Number.isInteger(pid) || pid <= 0) return null;
    const daemon = await this.#read(pid);
    return daemon !== null && isOurs(daemon.argv) ? daemon : null;
  }

  async isAlive(daemon: DaemonProcess): Promise<boolean> {
    return (await this.#startTime(daemon.pid)) === daemon.startTime;
  }

  async signal(daemon: DaemonProcess, name: 'HUP' | 'TERM' | 'KILL' | 'USR1' | 'USR2'): Promise<boolean> {
    if (!(await this.isAlive(daemon))) return false;
    // Through Exec, because the pid is a number of the place where the daemon runs. 1: it has ended in between.
    const { exitCode } = await this.#exec.run(['kill', `-${name}`, String(daemon.pid)], { answers: [1] });
    return exitCode === 0;
  }

  async stop(daemon: DaemonProcess, graceMs = defaultGraceMs): Promise<void> {
    await this.signal(daemon, 'TERM');
    const deadline = this.#clock.monotonicMs() + graceMs;
    while (await this.isAlive(daemon)) {
      if (this.#clock.monotonicMs() >= deadline) await this.signal(daemon, 'KILL');
      await sleep(this.#clock, stopPollMs);
    }
  }

  onExit(daemon: DaemonProcess, callback: () => void): Disposable {
    const watch = { daemon, callback };
    this.#watches.add(watch);
    this.#schedule();
    return { [Symbol.dispose]: () => void this.#watches.delete(watch) };
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#watches.clear();
    this.#poll?.[Symbol.dispose]();
  }

  #schedule(): void {
    if (this.#closed || this.#poll !== null || this.#watches.size === 0) return;
    this.#poll = this.#clock.after(pollMs, () => {
      void this.#look().finally(() => {
        this.#poll = null;
        this.#schedule();
      });
    });
  }

  async #look(): Promise<void> {
    for (const watch of this.#watches) {
      if (await this.isAlive(watch.daemon)) continue;
      // A watch that was disposed of while /proc was read is no longer wanted.
      if (this.#watches.delete(watch)) watch.callback();
    }
  }

  async #read(pid: number): Promise<DaemonProcess | null> {
    const startTime = await this.#startTime(pid);
    const commandLine = await this.#files.readText(`${this.#procDir}/${pid}/cmdline`);
    if (startTime === null || commandLine === null) return null;
    return { pid, startTime, argv: commandLine.split('\0').slice(0, -1) };
  }

  /** Null for a process that has ended, waited for or not. */
  async #startTime(pid: number): Promise<string | null> {
    const stat = await this.#files.readText(`${this.#procDir}/${pid}/stat`);
    if (stat === null) return null;
    // The second field, the name, is in parentheses and may hold anything; the third is the state.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
  }
}
