// The target of programs that run in namespaces, such as the proxies of the metadata service: one daemon each, with its
// folder of files. They outlive the agent; a fresh agent finds them by their command lines and leaves those running that
// are as planned.

import type { ServicePlan, ServiceProgram } from '@neutronium/dataplane/host-plan';
import { Backoff } from '#effects/backoff';
import { sleep, type Clock } from '#effects/clock';
import type { Exec } from '#effects/exec';
import type { Files } from '#effects/files';
import { parseProcessList, processListScript } from '#effects/process-list';
import type { ListedProcess } from '#effects/process-list';
import type { DaemonProcess, Processes } from '#effects/processes';
import type { Depth, Target } from '../../target.ts';
import { planServices } from './plan-services.ts';
import { daemonOf, loadedMark, serviceOf } from './state.ts';
import type { ServiceState, ServiceStates, ServiceStep } from './state.ts';

export interface ServicesParts {
  readonly exec: Exec;
  readonly files: Files;
  readonly processes: Pick<Processes, 'find' | 'signal' | 'stop' | 'onExit'>;
  readonly clock: Clock;
  /** The target's name. */
  readonly name: string;
  readonly programs: readonly ServiceProgram[];
  /** Holds `<name>/` of each service. */
  readonly folder: string;
  /** A service that should run has ended. Said later and later of one that ends soon after each of its starts. */
  readonly onLost: (name: string) => void;
}

/** A service that ran for so long was well. */
const wellAfterMs = 10_000;
const begunWithinMs = 1_000;
const begunPollMs = 10;
const pauses = { firstMs: 500, lastMs: 30_000, fraction: () => 1 } as const;

/** Files in a service's folder that are not its program's. */
const ownFiles: ReadonlySet<string> = new Set(['pid', 'loaded']);

export class Services implements Target<readonly ServicePlan[], ServiceStates, ServiceStep> {
  readonly name: string;
  readonly concurrent = true;
  readonly #parts: ServicesParts;
  readonly #folder: string;
  readonly #watches = new Map<string, { readonly daemon: DaemonProcess; readonly watch: Disposable }>();
  readonly #pauses = new Map<string, Backoff>();
  #known: ServiceStates | null = null;

  constructor(parts: ServicesParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.#folder = parts.folder;
  }

  async observe(signal: AbortSignal, depth: Depth): Promise<ServiceStates> {
    if (depth === 'recall' && this.#known !== null) return this.#known;
    this.#known = null;
    const processes = await this.#processes(signal);
    const states = new Map<string, ServiceState>();
    for (const name of new Set([...(await this.#parts.files.list(this.#folder)), ...processes.keys()])) {
      states.set(name, await this.#read(name, processes.get(name) ?? []));
    }
    for (const state of states.values()) this.#watch(state);
    this.#known = states;
    return states;
  }

  plan(desired: readonly ServicePlan[], actual: ServiceStates): readonly ServiceStep[] {
    return planServices(desired, actual);
  }

  async apply(step: ServiceStep, signal: AbortSignal): Promise<void> {
    try {
      const state = await this.#carryOut(step, signal);
      // Other steps may have been carried out meanwhile, and what was known may have become untrue.
      if (this.#known === null) return;
      const states = new Map(this.#known);
      if (state === null) states.delete(serviceOf(step));
      else states.set(serviceOf(step), state);
      this.#known = states;
    } catch (error) {
      this.#known = null;
      throw error;
    }
  }

  /** Gives what has become of the service; null for one of which nothing is left. */
  async #carryOut(step: ServiceStep, signal: AbortSignal): Promise<ServiceState | null> {
    const before = this.#known?.get(serviceOf(step));
    switch (step.kind) {
      case 'stop': {
        this.#unwatch(step.name);
        await this.#parts.processes.stop(step.daemon);
        const left = before?.processes.filter(({ daemon, parent }) => ![daemon.pid, parent].includes(step.daemon.pid));
        return before === undefined ? null : { ...before, processes: left ?? [] };
      }
      case 'start':
        return await this.#start(step.plan, signal);
      case 'reload':
        return await this.#reload(step.plan, step.daemon, before);
      case 'remove':
        this.#unwatch(step.name);
        this.#pauses.delete(step.name);
        await this.#parts.files.remove(`${this.#folder}/${step.name}`);
        return null;
    }
  }

  /** Every process of ours, by its service: its command line names a pid file in our folder. */
  async #processes(signal: AbortSignal): Promise<ReadonlyMap<string, readonly ListedProcess[]>> {
    const { stdout } = await this.#parts.exec.run(['sh'], { stdin: processListScript(this.#parts.programs), signal });
    const byService = new Map<string, ListedProcess[]>();
    for (const process of parseProcessList(stdout)) {
      const name = process.daemon.argv.map((word) => this.#serviceNamed(word)).find((found) => found !== null);
      if (name !== undefined) byService.set(name, [...(byService.get(name) ?? []), process]);
    }
    return byService;
  }

  /** The service whose pid file a word of a command line names. */
  #serviceNamed(word: string): string | null {
    const [name, file, ...rest] = word.startsWith(`${this.#folder}/`)
      ? word.slice(this.#folder.length + 1).split('/')
      : [];
    return name !== undefined && file === 'pid' && rest.length === 0 ? name : null;
  }

  async #start(plan: ServicePlan, signal: AbortSignal): Promise<ServiceState> {
    const { files, exec } = this.#parts;
    await this.#write(plan, undefined);
    // A daemon may refuse to begin where the pid file of another is.
    for (const file of ['pid', ...(plan.ownFiles ?? [])]) await files.remove(`${plan.directory}/${file}`);
    await exec.run(['nsenter', `--net=/run/netns/${plan.namespace}`, plan.program, ...plan.args], { signal });
    const daemon = await this.#begun(plan, signal);
    if (daemon === null) throw new Error(`${plan.program} of ${plan.name} ended as soon as it had begun`);
    const loaded = loadedMark(daemon, plan.files);
    await files.writeText(`${plan.directory}/loaded`, loaded);
    const state: ServiceState = {
      name: plan.name,
      files: plan.files,
      loaded,
      pid: daemon.pid,
      processes: [{ daemon, parent: 1, namespace: plan.namespace }],
    };
    this.#watch(state);
    return state;
  }

  /** The program as a daemon. Some have written their pid files when the command has ended, some do so a little later. */
  async #begun({ directory }: ServicePlan, signal: AbortSignal): Promise<DaemonProcess | null> {
    const { clock, processes } = this.#parts;
    const deadline = clock.monotonicMs() + begunWithinMs;
    for (;;) {
      const daemon = await processes.find(`${directory}/pid`, (argv) => argv.includes(`${directory}/pid`));
      if (daemon !== null || clock.monotonicMs() >= deadline) return daemon;
      await sleep(clock, begunPollMs, signal);
    }
  }

  async #reload(plan: ServicePlan, daemon: DaemonProcess, before: ServiceState | undefined): Promise<ServiceState> {
    await this.#write(plan, before);
    if (!(await this.#parts.processes.signal(daemon, 'HUP'))) {
      throw new Error(`${plan.program} of ${plan.name} has ended`);
    }
    const loaded = loadedMark(daemon, plan.files);
    await this.#parts.files.writeText(`${plan.directory}/loaded`, loaded);
    const processes = before?.processes ?? [{ daemon, parent: 1, namespace: plan.namespace }];
    return { name: plan.name, files: plan.files, loaded, pid: before?.pid ?? daemon.pid, processes };
  }

  async #write(plan: ServicePlan, before: ServiceState | undefined): Promise<void> {
    for (const [name, text] of plan.files) {
      if (before?.files.get(name) === text) continue;
      await this.#parts.files.writeText(`${plan.directory}/${name}`, text);
    }
  }

  async #read(name: string, processes: readonly ListedProcess[]): Promise<ServiceState> {
    const { files } = this.#parts;
    const folder = `${this.#folder}/${name}`;
    const texts = new Map<string, string>();
    for (const file of await files.list(folder)) {
      const text = ownFiles.has(file) ? null : await files.readText(`${folder}/${file}`);
      if (text !== null) texts.set(file, text);
    }
    const pid = Number(await files.readText(`${folder}/pid`));
    const loaded = await files.readText(`${folder}/loaded`);
    return { name, files: texts, loaded, pid: Number.isInteger(pid) && pid > 0 ? pid : null, processes };
  }

  #watch(state: ServiceState): void {
    const daemon = daemonOf(state)?.daemon;
    const watched = this.#watches.get(state.name)?.daemon;
    if (daemon === undefined || (watched?.pid === daemon.pid && watched.startTime === daemon.startTime)) return;
    this.#unwatch(state.name);
    const { clock, processes } = this.#parts;
    const watchedSince = clock.monotonicMs();
    const watch = processes.onExit(daemon, () => {
      this.#watches.delete(state.name);
      // What was known before it ended is not true any more.
      this.#known = null;
      this.#lost(state.name, clock.monotonicMs() - watchedSince);
    });
    this.#watches.set(state.name, { daemon, watch });
  }

  #lost(name: string, livedMs: number): void {
    const { clock, onLost } = this.#parts;
    const pause = this.#pauses.get(name);
    if (livedMs >= wellAfterMs || pause === undefined) {
      // The first end may be somebody's doing, and is made good at once.
      this.#pauses.set(name, new Backoff(pauses));
      onLost(name);
    } else clock.after(pause.nextMs(), () => onLost(name));
  }

  #unwatch(name: string): void {
    this.#watches.get(name)?.watch[Symbol.dispose]();
    this.#watches.delete(name);
  }
}
