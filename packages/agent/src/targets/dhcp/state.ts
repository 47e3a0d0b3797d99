// A DHCP server as it stands on the host.

import type { DhcpPlan } from '@neutronium/dataplane/host-plan';
import type { ListedProcess } from '#effects/process-list';
import type { DaemonProcess } from '#effects/processes';
import type { Lease } from './leases.ts';

export type DhcpProcess = Pick<ListedProcess, 'daemon' | 'namespace'>;

export interface DhcpState {
  readonly networkId: string;
  readonly files: ReadonlyMap<string, string>;
  /** What the files said when a process last read them; see `loadedMark`. */
  readonly loaded: string | null;
  /** Every dnsmasq that serves from this network's folder. One is right; more are the rest of an accident. */
  readonly processes: readonly DhcpProcess[];
  readonly leases: readonly Lease[];
}

export type DhcpStates = ReadonlyMap<string, DhcpState>;

export type DhcpStep =
  | { readonly kind: 'stop'; readonly networkId: string; readonly daemon: DaemonProcess }
  /** Files first, then the process, which reads them as it begins. */
  | { readonly kind: 'start'; readonly plan: DhcpPlan }
  /** Writes what differs and has the process read it. */
  | { readonly kind: 'reload'; readonly plan: DhcpPlan; readonly daemon: DaemonProcess }
  | { readonly kind: 'release'; readonly plan: DhcpPlan }
  | { readonly kind: 'remove'; readonly networkId: string };

/** The network that a step is about. */
export function networkOf(step: DhcpStep): string {
  return 'plan' in step ? step.plan.networkId : step.networkId;
}

/** Names a process and what it has read. A reload that was interrupted leaves the mark of the one before. */
export function loadedMark(daemon: DaemonProcess, files: ReadonlyMap<string, string>): string {
  return JSON.stringify([daemon.pid, daemon.startTime, ...[...files].toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
