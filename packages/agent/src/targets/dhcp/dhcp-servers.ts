// The target of DHCP servers: one dnsmasq a network, with its folder of files, in the network's namespace. It outlives
// the agent; a fresh agent finds it by its command line and leaves it running when that is as planned.

import type { DhcpPlan } from '@neutronium/dataplane/host-plan';
import type { Clock } from '#effects/clock';
import type { Exec } from '#effects/exec';
import type { Files } from '#effects/files';
import { parseProcessList, processListScript } from '#effects/process-list';
import type { DaemonProcess, Processes } from '#effects/processes';
import type { Depth, Target } from '../../target.ts';
import { initialLeases, parseLeases, releaseCommand, staleLeases } from './leases.ts';
import { planDhcp } from './plan-dhcp.ts';
import { loadedMark } from './state.ts';
import type { DhcpProcess, DhcpState, DhcpStates, DhcpStep } from './state.ts';

export interface DhcpServersParts {
  readonly exec: Exec;
  readonly files: Files;
  readonly processes: Pick<Processes, 'signal' | 'stop' | 'onExit'>;
  readonly clock: Clock;
  /** Holds `dhcp/<network id>/`. */
  readonly stateDir: string;
  /** A server that should run has ended. */
  readonly onLost: (networkId: string) => void;
}

/** Of the files in a network's folder, those that are planned. dnsmasq has others beside them. */
const fileNames = ['host', 'addn_hosts', 'opts', 'interface'] as const;

export class DhcpServers implements Target<readonly DhcpPlan[], DhcpStates, DhcpStep> {
  readonly name = 'dhcp';
  readonly #parts: DhcpServersParts;
  readonly #folder: string;
  readonly #watches = new Map<string, { readonly daemon: DaemonProcess; readonly watch: Disposable }>();
  #known: DhcpStates | null = null;
  /** Servers that have ended since the agent began: what was known before one did is not true any more. */
  #losses = 0;

  constructor(parts: DhcpServersParts) {
    this.#parts = parts;
    this.#folder = `${parts.stateDir}/dhcp`;
  }

  async observe(signal: AbortSignal, depth: Depth): Promise<DhcpStates> {
    if (depth === 'recall' && this.#known !== null) return this.#known;
    this.#known = null;
    const processes = await this.#processes(signal);
    const states = new Map<string, DhcpState>();
    for (const networkId of new Set([...(await this.#parts.files.list(this.#folder)), ...processes.keys()])) {
      states.set(networkId, await this.#read(networkId, processes.get(networkId) ?? []));
    }
    for (const state of states.values()) this.#watch(state);
    this.#known = states;
    return states;
  }

  plan(desired: readonly DhcpPlan[], actual: DhcpStates): readonly DhcpStep[] {
    return planDhcp(desired, actual);
  }

  async apply(step: DhcpStep, signal: AbortSignal): Promise<void> {
    const known = this.#known;
    const losses = this.#losses;
    this.#known = null;
    const states = new Map(known);
    switch (step.kind) {
      case 'stop': {
        this.#unwatch(step.networkId);
        await this.#parts.processes.stop(step.daemon);
        const state = states.get(step.networkId);
        const left = state?.processes.filter(({ daemon }) => daemon !== step.daemon) ?? [];
        if (state !== undefined) states.set(step.networkId, { ...state, processes: left });
        break;
      }
      case 'start':
        states.set(step.plan.networkId, await this.#start(step.plan, signal));
        break;
      case 'reload':
        states.set(step.plan.networkId, await this.#reload(step.plan, step.daemon, states.get(step.plan.networkId)));
        break;
      case 'release': {
        await this.#release(step.plan, signal);
        const state = states.get(step.plan.networkId);
        if (state !== undefined) states.set(step.plan.networkId, { ...state, leases: [] });
        break;
      }
      case 'remove':
        this.#unwatch(step.networkId);
        await this.#parts.files.remove(`${this.#folder}/${step.networkId}`);
        states.delete(step.networkId);
        break;
    }
    if (known !== null && losses === this.#losses) this.#known = states;
  }

  /** Every dnsmasq that is ours, by its network: its command line names a pid file in our folder. */
  async #processes(signal: AbortSignal): Promise<ReadonlyMap<string, readonly DhcpProcess[]>> {
    const { stdout } = await this.#parts.exec.run(['sh'], { stdin: processListScript(['dnsmasq']), signal });
    const mark = `--pid-file=${this.#folder}/`;
    const networkOf = ({ daemon }: DhcpProcess): string | undefined =>
      daemon.argv
        .find((arg) => arg.startsWith(mark))
        ?.slice(mark.length)
        .split('/')[0];
    const byNetwork = new Map<string, DhcpProcess[]>();
    for (const process of parseProcessList(stdout)) {
      const networkId = networkOf(process);
      if (networkId !== undefined) byNetwork.set(networkId, [...(byNetwork.get(networkId) ?? []), process]);
    }
    return byNetwork;
  }

  async #start(plan: DhcpPlan, signal: AbortSignal): Promise<DhcpState> {
    const { files, exec, clock } = this.#parts;
    await this.#write(plan, undefined);
    const leases = `${plan.directory}/leases`;
    if ((await files.readText(leases)) === null) await files.writeText(leases, initialLeases(plan, clock.now()));
    // It becomes a daemon by itself, and is listening once the command has ended.
    await exec.run(['nsenter', `--net=/run/netns/${plan.namespace}`, 'dnsmasq', ...plan.args], { signal });
    const processes = (await this.#processes(signal)).get(plan.networkId) ?? [];
    const [process] = processes;
    if (process === undefined) throw new Error(`dnsmasq of network ${plan.networkId} ended as soon as it had begun`);
    await files.writeText(`${plan.directory}/loaded`, loadedMark(process.daemon, plan.files));
    const state = await this.#read(plan.networkId, processes);
    this.#watch(state);
    return state;
  }

  async #reload(plan: DhcpPlan, daemon: DaemonProcess, before: DhcpState | undefined): Promise<DhcpState> {
    await this.#write(plan, before);
    if (!(await this.#parts.processes.signal(daemon, 'HUP'))) {
      throw new Error(`dnsmasq of network ${plan.networkId} has ended`);
    }
    // dnsmasq serves a pending signal before any packet that comes after it, so from here on the files are in force.
    const loaded = loadedMark(daemon, plan.files);
    await this.#parts.files.writeText(`${plan.directory}/loaded`, loaded);
    const processes = before?.processes ?? [{ daemon, namespace: plan.namespace }];
    return { networkId: plan.networkId, files: plan.files, loaded, processes, leases: before?.leases ?? [] };
  }

  async #release(plan: DhcpPlan, signal: AbortSignal): Promise<void> {
    const leases = parseLeases((await this.#parts.files.readText(`${plan.directory}/leases`)) ?? '');
    for (const lease of staleLeases(leases, plan)) {
      const command = releaseCommand(plan.device, lease);
      await this.#parts.exec.run(['nsenter', `--net=/run/netns/${plan.namespace}`, ...command], { signal });
    }
  }

  async #write(plan: DhcpPlan, before: DhcpState | undefined): Promise<void> {
    for (const [name, text] of plan.files) {
      if (before?.files.get(name) === text) continue;
      await this.#parts.files.writeText(`${plan.directory}/${name}`, text);
    }
  }

  async #read(networkId: string, processes: readonly DhcpProcess[]): Promise<DhcpState> {
    const folder = `${this.#folder}/${networkId}`;
    const files = new Map<string, string>();
    for (const name of fileNames) {
      const text = await this.#parts.files.readText(`${folder}/${name}`);
      if (text !== null) files.set(name, text);
    }
    return {
      networkId,
      files,
      processes,
      loaded: await this.#parts.files.readText(`${folder}/loaded`),
      leases: parseLeases((await this.#parts.files.readText(`${folder}/leases`)) ?? ''),
    };
  }

  #watch({ networkId, processes }: DhcpState): void {
    const [daemon] = processes.map((process) => process.daemon);
    const watched = this.#watches.get(networkId)?.daemon;
    if (daemon === undefined || (watched?.pid === daemon.pid && watched.startTime === daemon.startTime)) return;
    this.#unwatch(networkId);
    const watch = this.#parts.processes.onExit(daemon, () => {
      this.#watches.delete(networkId);
      this.#losses += 1;
      this.#known = null;
      this.#parts.onLost(networkId);
    });
    this.#watches.set(networkId, { daemon, watch });
  }

  #unwatch(networkId: string): void {
    this.#watches.get(networkId)?.watch[Symbol.dispose]();
    this.#watches.delete(networkId);
  }
}

/** What a step does, for the log. */
export function describeDhcpStep(step: DhcpStep): string {
  switch (step.kind) {
    case 'stop':
      return `stopping dnsmasq ${step.daemon.pid} of network ${step.networkId}`;
    case 'start':
      return `starting dnsmasq of network ${step.plan.networkId}`;
    case 'reload':
      return `having dnsmasq of network ${step.plan.networkId} read its files`;
    case 'release':
      return `releasing leases of network ${step.plan.networkId}`;
    case 'remove':
      return `removing the DHCP files of network ${step.networkId}`;
  }
}
