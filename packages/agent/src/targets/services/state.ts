// A service as it stands on the host.

import { createHash } from 'node:crypto';
import type { ServicePlan } from '@neutronium/dataplane/host-plan';
import type { ListedProcess } from '#effects/process-list';
import type { DaemonProcess } from '#effects/processes';

export interface ServiceState {
  readonly name: string;
  /** The files in its folder by name, without its pid file and the mark below. */
  readonly files: ReadonlyMap<string, string>;
  /** What the files said when a process last read them; see `loadedMark`. */
  readonly loaded: string | null;
  /** The number in its pid file, of whatever process. */
  readonly pid: number | null;
  /** Every process whose command line names the service's pid file: the daemon, and those that it has made itself. */
  readonly processes: readonly ListedProcess[];
}

export type ServiceStates = ReadonlyMap<string, ServiceState>;

export type ServiceStep =
  | { readonly kind: 'stop'; readonly name: string; readonly daemon: DaemonProcess }
  /** Files first, then the process, which reads them as it begins. */
  | { readonly kind: 'start'; readonly plan: ServicePlan }
  /** Writes what differs and has the process read it. */
  | { readonly kind: 'reload'; readonly plan: ServicePlan; readonly daemon: DaemonProcess }
  | { readonly kind: 'remove'; readonly name: string };

/** The name of the service that a step is about. */
export function serviceOf(step: ServiceStep): string {
  return 'plan' in step ? step.plan.name : step.name;
}

/** Whether the step takes something away. */
export function isServiceEnd({ kind }: ServiceStep): boolean {
  return kind === 'stop' || kind === 'remove';
}

/** What a step does, for the log. */
export function describeServiceStep(step: ServiceStep): string {
  switch (step.kind) {
    case 'stop':
      return `stopping process ${step.daemon.pid} of ${step.name}`;
    case 'start':
      return `starting ${step.plan.program} for ${step.plan.name} in ${step.plan.namespace}`;
    case 'reload':
      return `having ${step.plan.program} of ${step.plan.name} read its files`;
    case 'remove':
      return `removing the files of ${step.name}`;
  }
}

/** The processes that no other of the service has made. One is right; more are the rest of an accident. */
export function rootsOf({ processes }: ServiceState): readonly ListedProcess[] {
  const pids = new Set(processes.map(({ daemon }) => daemon.pid));
  return processes.filter(({ parent }) => !pids.has(parent));
}

/** The one that is the service, as its pid file says where there are several. */
export function daemonOf(state: ServiceState): ListedProcess | undefined {
  const roots = rootsOf(state);
  return roots.find(({ daemon }) => daemon.pid === state.pid) ?? roots[0];
}

/**
 * Names a process and what it has read. A reload that was interrupted leaves the mark of the one before. Files are told
 * by their hash: a program may have secrets in its own.
 */
export function loadedMark(daemon: DaemonProcess, files: ReadonlyMap<string, string>): string {
  const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return `${daemon.pid} ${daemon.startTime} ${hash}\n`;
}
