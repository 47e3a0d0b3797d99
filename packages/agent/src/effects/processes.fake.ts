import type { DaemonProcess, Processes, StartOptions } from './processes.ts';

/** Processes in memory. A test ends one with `crash` and reads what was sent to it from `signals`. */
export class FakeProcesses implements Processes {
  readonly signals: { readonly pid: number; readonly name: string }[] = [];
  readonly #living = new Map<number, { readonly daemon: DaemonProcess; readonly pidFile: string }>();
  readonly #watches = new Map<number, Set<() => void>>();
  #lastPid = 1000;

  get living(): readonly DaemonProcess[] {
    return [...this.#living.values()].map(({ daemon }) => daemon);
  }

  async start(argv: readonly string[], { pidFile }: Pick<StartOptions, 'pidFile'>): Promise<DaemonProcess> {
    return this.appear(argv, pidFile);
  }

  /** A program that became a daemon by itself. */
  appear(argv: readonly string[], pidFile: string): DaemonProcess {
    const pid = ++this.#lastPid;
    const daemon = { pid, startTime: String(pid), argv };
    this.#living.set(pid, { daemon, pidFile });
    return daemon;
  }

  async find(pidFile: string, isOurs: (argv: readonly string[]) => boolean): Promise<DaemonProcess | null> {
    const found = [...this.#living.values()].findLast((living) => living.pidFile === pidFile)?.daemon;
    return found !== undefined && isOurs(found.argv) ? found : null;
  }

  async isAlive(daemon: DaemonProcess): Promise<boolean> {
    return this.#living.has(daemon.pid);
  }

  async signal(daemon: DaemonProcess, name: 'HUP' | 'TERM' | 'KILL' | 'USR1' | 'USR2'): Promise<boolean> {
    if (!this.#living.has(daemon.pid)) return false;
    this.signals.push({ pid: daemon.pid, name });
    if (name === 'TERM' || name === 'KILL') this.crash(daemon);
    return true;
  }

  async stop(daemon: DaemonProcess): Promise<void> {
    await this.signal(daemon, 'TERM');
  }

  onExit(daemon: DaemonProcess, callback: () => void): Disposable {
    const watches = this.#watches.get(daemon.pid) ?? new Set();
    this.#watches.set(daemon.pid, watches.add(callback));
    return { [Symbol.dispose]: () => void watches.delete(callback) };
  }

  /** The process ends, however it comes to. */
  crash(daemon: DaemonProcess): void {
    if (!this.#living.delete(daemon.pid)) return;
    for (const callback of this.#watches.get(daemon.pid) ?? []) callback();
    this.#watches.delete(daemon.pid);
  }
}
