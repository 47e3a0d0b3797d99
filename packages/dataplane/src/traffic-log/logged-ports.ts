// Which ports of a host have their traffic written down, and for which logs.

import type { HostView, LogView, PortView } from '@neutronium/model/host-view';
import { logFlows } from '../bridges/br-int/traffic-log.ts';
import { isGuarded, type WiredPort } from '../bridges/br-int/local-port.ts';
import { brInt } from '../bridges/br-int/pipeline.ts';
import type { Inventory } from '../host-plan.ts';
import { controllerMeter, type RateMeter } from '../openflow/meter.ts';
import type { Flow } from '../openflow/flow.ts';

/** The logs that are about the port, in the order of their ids. Only guarded ports have any. */
export function logsOfPort(view: HostView, port: PortView): readonly LogView[] {
  if (view.logs.size === 0 || !isGuarded(port)) return [];
  return [...view.logs.values()].filter((log) => isAbout(log, port)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

export function trafficLogFlows(view: HostView, ports: readonly WiredPort[]): readonly Flow[] {
  if (view.logs.size === 0) return [];
  return ports.flatMap((port) => {
    const logs = logsOfPort(view, port.view);
    const events = { accepted: logs.some(isOf('ACCEPT')), dropped: logs.some(isOf('DROP')) };
    return [...brInt.resolveAll(logFlows(port, events))];
  });
}

/** What bounds the packets that those flows send. */
export function logMeters(view: HostView, { loggedPackets }: Inventory): ReadonlyMap<number, RateMeter> {
  if (view.logs.size === 0) return new Map();
  return new Map([[controllerMeter, { number: controllerMeter, unit: 'pktps', ...loggedPackets }]]);
}

export function isOf(action: 'ACCEPT' | 'DROP'): (log: LogView) => boolean {
  return ({ event }) => event === 'ALL' || event === action;
}

function isAbout({ project_id, resource_id, target_id }: LogView, port: PortView): boolean {
  const hasGroup = resource_id === null || port.security_groups.includes(resource_id);
  if (target_id !== null) return target_id === port.id && hasGroup;
  return resource_id === null ? project_id === port.project_id : hasGroup;
}
